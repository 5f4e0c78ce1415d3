"""Limits from recordings: known speeds and accelerations, found through noise and gaps."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from fastwam_ros.apps.r1lite.limits import motions, shown, speed
from fastwam_ros.bag.reader import BagError
from fastwam_ros.bag.streams import JointStream
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET
from test.bag.messages import SECOND, joint_state

ROOT = Path(__file__).parents[2]
START = 1_700_000_000 * SECOND
SWING, RATE = 0.4, 2.0  # [rad], [rad/s] of phase: 0.8 rad/s and 1.6 rad/s2 at most


def swinging(hertz: float, seconds: float, noise: float = 0.0, width: int = 6) -> tuple:
    """Stamps [N, ns] and positions [N, width]: joint 1 swings, joint 2 by half, others rest."""
    t = np.arange(0.0, seconds, 1.0 / hertz)
    q = np.zeros((len(t), width))
    q[:, 0], q[:, 1] = SWING * np.sin(RATE * t), 1.0 + 0.5 * SWING * np.sin(RATE * t)
    q += noise * np.random.default_rng(0).standard_normal(q.shape)
    return START + np.round(t * 1e9).astype(np.int64), q


def bag(path: Path, topics: dict, hertz=100.0, seconds=12.0, noise=0.0, width=6) -> Path:
    """A recording of both arms swinging alike, on these topics of each side."""
    stamps, q = swinging(hertz, seconds, noise, width)
    with BagWriter(path) as out:
        for topic in topics.values():
            kind = 'sensor_msgs/msg/JointState'
            channel = out.channel(f'/one/{topic}', kind, quality(False, False, 5))
            for stamp, row in zip(stamps.tolist(), q, strict=True):
                out.write(channel, stamp + 1_000_000, joint_state(stamp, row))
    return path


def command(*words: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, '-m', 'fastwam_ros.apps.r1lite', 'limits', *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(('hertz', 'noise'), [(200.0, 0.0), (200.0, 1e-4), (15.0, 0.0)])
def test_speeds_and_accelerations_that_are_known(tmp_path, hertz, noise):
    found = shown([bag(tmp_path / 'a.mcap', ARM_TARGET, hertz, noise=noise)], 0.995)
    assert [each.joint.name for each in found][:2] == ['left_arm_joint1', 'left_arm_joint2']
    first, second, third = found[:3]
    assert first.speed == pytest.approx(0.8, rel=0.03)
    assert first.acceleration == pytest.approx(1.6, rel=0.1)
    assert second.speed == pytest.approx(0.4, rel=0.03)
    assert first.seconds == pytest.approx(11.6, abs=0.5)
    assert np.isnan(third.speed)
    assert third.seconds < 1.0
    assert speed(found) == pytest.approx(1.1 * 0.8 / 1.5, abs=0.03)


def test_commands_are_taken_before_feedback_and_feedback_on_demand(tmp_path):
    both = {**{f'c{s}': t for s, t in ARM_TARGET.items()}, **ARM_FEEDBACK}
    file = bag(tmp_path / 'a.mcap', both)
    assert shown([file], 1.0)[0].speed == pytest.approx(0.8, rel=0.03)
    assert shown([file], 1.0, 'feedback')[0].speed == pytest.approx(0.8, rel=0.03)
    only = bag(tmp_path / 'b.mcap', ARM_FEEDBACK, width=7)
    assert shown([only], 1.0)[0].speed == pytest.approx(0.8, rel=0.03)
    with pytest.raises(BagError, match='no messages on motion_target'):
        shown([only], 1.0, 'commands')


def test_a_gap_is_no_motion(tmp_path):
    """Two seconds are missing and the arm is elsewhere then: no jump is seen."""
    stamps, q = swinging(100.0, 8.0)
    later = stamps + np.where(np.arange(len(stamps)) > 400, 2 * SECOND, 0)
    q[401:] += 1.0
    parts = list(motions(JointStream(later, later, q)))
    assert len(parts) == 2
    assert max(np.abs(v).max() for v, _ in parts) < 0.85
    assert list(motions(JointStream(stamps[:10], stamps[:10], q[:10]))) == []


def test_the_command_prints_a_table_and_writes_what_the_executor_takes(tmp_path):
    folder = tmp_path / 'episode_RAW'
    folder.mkdir()
    bag(folder / 'episode_0.mcap', ARM_TARGET)
    out = tmp_path / 'limits.yaml'
    ended = command(folder, '--output', out)
    assert ended.returncode == 0, ended.stderr
    assert '99.5% of the motion' in ended.stdout
    row = next(line for line in ended.stdout.splitlines() if line.startswith('left_arm_joint1'))
    assert row.split()[2:5] == ['0.80', '(', '53%)']
    assert 'speed: 0.59' in ended.stdout
    parameters = yaml.safe_load(out.read_text())['executor']['ros__parameters']
    assert parameters == {'speed': 0.59}
    assert '# left_arm_joint1: speed 0.800' in out.read_text()


def test_who_is_faster_than_the_limits_is_told(tmp_path):
    file = bag(tmp_path / 'a.mcap', ARM_TARGET)
    fast = bag(tmp_path / 'b.mcap', ARM_TARGET, hertz=400.0, seconds=3.0)
    assert command(file, fast).returncode == 0
    stamps, q = swinging(200.0, 6.0)
    with BagWriter(tmp_path / 'c.mcap') as out:
        for topic in ARM_TARGET.values():
            channel = out.channel(topic, 'sensor_msgs/msg/JointState', quality(False, False, 5))
            for stamp, row in zip(stamps.tolist(), 3.0 * q, strict=True):
                out.write(channel, stamp, joint_state(stamp, row))
    said = command(tmp_path / 'c.mcap').stdout
    assert 'beyond a limit: left_arm_joint1, right_arm_joint1' in said
    assert 'speed: 1.00' in said


@pytest.mark.parametrize(
    ('words', 'status', 'said'),
    [
        (('/nowhere.mcap',), 1, 'fastwam-r1lite: /nowhere.mcap: No such file'),
        (('{here}',), 1, 'holds no recording'),
        (('x.mcap', '--quantile', '2'), 2, 'argument --quantile: 2: 0.5 to 1'),
        ((), 2, 'the following arguments are required: bags'),
    ],
)
def test_a_wrong_command_is_one_line(tmp_path, words, status, said):
    ended = command(*(str(word).replace('{here}', str(tmp_path)) for word in words))
    assert ended.returncode == status
    assert said in ended.stderr.splitlines()[-1]
    assert 'Traceback' not in ended.stderr
