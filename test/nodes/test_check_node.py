"""First contact on the wire: the simulated robot is in order, a broken one is named."""

import json
import subprocess
import sys

import pytest
from sensor_msgs.msg import CompressedImage, JointState

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import joint_state, time_message
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, IMAGES, OLDER_IMAGES
from test.nodes.conftest import ROOT

pytestmark = pytest.mark.alone

CONFIG = str(ROOT / 'config' / 'sim.yaml')
COMMAND = [sys.executable, '-m', 'fastwam_ros.apps.r1lite', 'check']
APART = '/broken'


def check(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [*COMMAND, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_the_simulated_robot_has_no_errors(probe, processes, tmp_path):
    probe.hear(JointState, ARM_FEEDBACK['left'], qos.HAND)
    processes.start('sim', CONFIG, 'camera_rate:=15.0')
    assert probe.until(lambda: probe.heard[ARM_FEEDBACK['left']]), processes.said('sim')
    file = tmp_path / "it's.json"
    ended = check('--seconds', '3', '--json', str(file))
    said, _ = ended.communicate(timeout=60)
    processes.kill('sim')
    assert ended.returncode == 0, said
    assert said.splitlines()[-1].startswith('0 errors')
    findings = {each['subject']: each for each in json.loads(file.read_text())['findings']}
    assert '1280 x 720' in findings[IMAGES['head']]['fact']
    assert '6 values' in findings[ARM_FEEDBACK['right']]['fact']
    assert 'from /sim (best effort)' in findings[ARM_FEEDBACK['right']]['fact']
    assert findings[ARM_TARGET['left']]['fact'] == 'nobody commands'


def test_a_broken_robot_is_named_line_by_line(probe):
    """Feedback without stamps and of eight values, an older camera name, and somebody driving."""
    old = OLDER_IMAGES['left']

    def speak():
        broken = joint_state(0, ['left_arm'], [0.0] * 8)
        probe.speak(JointState, f'{APART}/{ARM_FEEDBACK["left"]}').publish(broken)
        theirs = joint_state(probe.now(), [], [0.0] * 6)
        probe.speak(JointState, f'{APART}/{ARM_TARGET["left"]}').publish(theirs)
        picture = CompressedImage(format='jpeg', data=b'none')
        picture.header.stamp = time_message(probe.now())
        probe.speak(CompressedImage, f'{APART}/{old}').publish(picture)

    ended = check('--seconds', '2', '--', '-r', f'__ns:={APART}')
    assert probe.until(lambda: ended.poll() is not None, 60.0, meanwhile=speak)
    said = ended.stdout.read()
    rows = [line.split(maxsplit=2) for line in said.splitlines()]
    assert ended.returncode == 1
    for severity, subject, words in (
        ('error', IMAGES['head'], 'is missing: nobody publishes it'),
        ('warn', old, 'the older name of the wrist camera: start the policy with -r'),
        ('error', old, 'hold neither a JPEG nor a PNG'),
        ('error', ARM_FEEDBACK['left'], 'have 8 positions, want 6 or 7'),
        ('error', ARM_FEEDBACK['left'], 'have no stamp'),
        ('error', ARM_TARGET['left'], '/probe commands at'),
        ('warn', ARM_TARGET['left'], 'nobody listens: nothing would move'),
    ):
        assert any(
            row[:2] == [severity, subject] and words in row[2] for row in rows if len(row) == 3
        ), (subject, words, said)


@pytest.mark.parametrize(
    ('words', 'status', 'said'),
    [
        (('--seconds', '0'), 1, "check: parameter 'seconds' is 0.0: 1 to 60 s"),
        (('--seconds', 'x'), 2, "fastwam-r1lite: argument --seconds: invalid float value: 'x'"),
        (('--seconds', '1', '--json', '/nowhere/a.json'), 1, 'check: /nowhere/a.json: No such'),
    ],
)
def test_a_wrong_command_is_one_line(words, status, said):
    ended = check(*words)
    out, _ = ended.communicate(timeout=60)
    assert ended.returncode == status
    assert said in out.splitlines()[-1]
    assert 'Traceback' not in out
