"""The recorder as a process beside a publisher process, on the wire of the stand-in."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from fastwam_ros.bag.episode import END, Episode
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.run import Facts
from fastwam_ros.bag.streams import JointStream
from test.nodes import runner

ENVIRONMENT = os.environ | {'ROS_DOMAIN_ID': '70', 'PYTHONUNBUFFERED': '1'}
ENVIRONMENT.pop('CYCLONEDDS_URI', None)  # the stand-in stays on loopback
MARKER = '/marks/fastwam/marker'
COMMANDS = 500  # at 200 Hz, per arm

# Everything at the robot's rates. The executor's state was told before the recorder is there; the
# commands go on for a second after the recorder is told to end.
PUBLISHER = f"""
import array, sys, time
{runner.PREAMBLE}
import rclpy
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, JointState
from fastwam_ros.msg import ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics
from fastwam_ros.nodes.messages import joint_state, time_message
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import *
rclpy.init()
node = Node('publisher')
state = node.create_publisher(ExecutorState, topics.STATE, qos.LATCHED)
state.publish(ExecutorState(mode='DISARMED'))
arms = [node.create_publisher(JointState, ARM_TARGET[s], qos.NEWEST) for s in SIDES]
grippers = [node.create_publisher(JointState, GRIPPER_TARGET[s], qos.NEWEST) for s in SIDES]
feedback = [node.create_publisher(JointState, ARM_FEEDBACK[s], qos.SENSOR) for s in SIDES]
images = [node.create_publisher(CompressedImage, t, qos.SENSOR) for t in IMAGES.values()]
picture = CompressedImage(format='jpeg', data=array.array('B', bytes(100_000)))
while arms[1].get_subscription_count() < 1:
    time.sleep(0.01)
time.sleep(0.5)
print('begins', flush=True)
begun = time.monotonic()
for i in range({COMMANDS}):
    time.sleep(max(0.0, begun + i * 0.005 - time.monotonic()))
    stamp = i * 5_000_000
    for side, arm in enumerate(arms):
        arm.publish(joint_state(stamp, ['a'], [i * (1 + side)] * 6))
        grippers[side].publish(joint_state(stamp, ['g'], [50.0]))
        feedback[side].publish(joint_state(stamp, ['f'], [0.0] * 6, [0.0] * 6))
    if i % 13 == 0:
        picture.header.stamp = time_message(stamp)
        for image in images:
            image.publish(picture)
    if i == {COMMANDS} - 200:
        print('middle', flush=True)
print('done', flush=True)
sys.stdin.readline()
"""


def recorder(path: Path, *parameters: str, space: str = '/') -> subprocess.Popen:
    arguments = [word for given in parameters for word in ('-p', given)]
    command = [*runner.node('recorder'), '--ros-args']
    return subprocess.Popen(
        [*command, '-r', f'__ns:={space}', '-p', f'output:={path}', *arguments],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )


def publisher() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, '-c', PUBLISHER],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen) -> tuple[int, str]:
    """Exit status and last line on stderr."""
    words = process.communicate(timeout=20)[1]
    return process.returncode, words.splitlines()[-1]


def until(process: subprocess.Popen, word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == word


def test_records_everything_and_the_stop_after_the_signal(tmp_path: Path) -> None:
    path = tmp_path / 'new' / 'run.mcap'
    with publisher() as talker:
        process = recorder(path, 'rate:=200.0', 'note:=a test')
        until(talker, 'begins')
        until(talker, 'middle')
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 0
        until(talker, 'done')
        talker.kill()
    bag = Bag(path)
    facts = Facts.read(bag)
    assert (bag.problem, facts.robot, facts.period) == ('', 'r1lite', 5_000_000)
    assert facts.others['note'] == 'a test'
    assert facts.bounds['left_arm_joint4'].jerk == 120.0
    for factor, side in ((1, 'left'), (2, 'right')):
        topic = facts.topics[f'arm_command_{side}']
        stream = JointStream.of(bag, bag.records([topic]), 6)
        assert np.array_equal(stream.stamps, np.arange(COMMANDS) * 5_000_000)
        assert np.array_equal(stream.position[:, 5], np.arange(COMMANDS) * factor)
        assert (np.diff(stream.received) >= 0).all()
        assert abs(stream.received[0] / 1e9 - time.time()) < 60.0
    (state,) = (bag.decode(r) for r in bag.records([facts.topics['state']]))
    assert state.mode == 'DISARMED'
    for role, sent in (('image_head', COMMANDS // 13), ('arm_measured_left', COMMANDS)):
        count = sum(1 for _ in bag.records([facts.topics[role]]))
        assert count > sent // 5  # best effort: a busy machine may lose some


def test_refuses_what_it_cannot_write(tmp_path: Path) -> None:
    there = tmp_path / 'run.mcap'
    there.write_bytes(b'precious')
    wrong = [
        (
            recorder(there, space='/a'),
            f'recorder: {there} exists: a recording is never overwritten',
        ),
        (recorder(there / 'run.mcap', space='/b'), f'recorder: {there}: File exists'),
        (recorder(tmp_path / 'b.mcap', 'rate:=-1.0'), "recorder: parameter 'rate' is -1.0"),
        (recorder(tmp_path / 'c.mcap', 'ratte:=1.0'), "recorder: unknown parameter 'ratte'"),
    ]
    for process, words in wrong:
        status, said = ended(process)
        assert (status, said[: len(words)]) == (1, words)
    assert there.read_bytes() == b'precious'


@runner.of_the_stand_in  # it is in the process that the limit is set for
def test_a_full_disk_ends_it_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    limited = (
        'import resource, runpy, sys; '
        'resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); '
        'sys.argv[0] = "rosless"; runpy.run_module("rosless", run_name="__main__")'
    )
    arguments = ['run', 'fastwam_ros', 'recorder', '--ros-args', '-p', f'output:={path}']
    with publisher() as talker:
        process = subprocess.Popen(
            [sys.executable, '-c', limited, *arguments],
            env=ENVIRONMENT,
            stderr=subprocess.PIPE,
            text=True,
        )
        status, said = ended(process)
        talker.kill()
    assert (status, said) == (1, f'recorder: {path}: File too large: what is written can be read')
    assert Bag(path).metadata['fastwam_ros']['robot'] == 'r1lite'


def test_too_little_room_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / 'new' / 'run.mcap'
    status, said = ended(recorder(path, 'min_free:=900000.0', space='/full'))
    assert status == 1
    assert said.endswith(f'GB are free at {path}, min_free is 900000 GB')
    assert not path.parent.exists()


def test_an_added_topic_that_nobody_publishes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    status, said = ended(recorder(path, 'topics:=/scale', space='/added'))
    assert status == 1
    assert said.startswith('recorder: nobody publishes /scale: what is there beside the usual: ')
    assert not path.exists()


MARKS = f"""
import random, sys, time
{runner.PREAMBLE}
import rclpy
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics
rclpy.init()
node = Node('marks')
marks = node.create_publisher(String, '/marks/' + topics.MARKER, qos.REQUESTS)
task = node.create_publisher(String, '/marks/' + topics.TASK, qos.LATCHED)
scale = node.create_publisher(JointState, '/marks/scale', qos.SENSOR)
task.publish(String(data='fold'))
while marks.get_subscription_count() < 1 or scale.get_subscription_count() < 1:
    time.sleep(0.01)
for k in range(300):
    scale.publish(JointState(position=[random.random() for _ in range(500)]))
    time.sleep(0.002)
for word in ('success', 'sucess', 'note:late'):
    marks.publish(String(data=word))
time.sleep(0.5)
print('done', flush=True)
sys.stdin.readline()
"""


def test_a_split_episode_with_its_markers_and_its_end(tmp_path: Path) -> None:
    folder = tmp_path / 'run'
    command = [sys.executable, '-c', MARKS]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as talker:
        given = ('split_size:=0.05', 'operator:=Zoë', 'topics:=scale')
        process = recorder(folder, *given, space='/marks')
        until(talker, 'done')
        process.send_signal(signal.SIGINT)
        status, told = process.wait(timeout=20), process.stderr.read() if process.stderr else ''
        talker.kill()
    assert status == 0
    assert "marker 'sucess' is unknown: it is one of takeover, intervention, success" in told
    assert 'missing: no pictures of the head camera' in told
    files = sorted(folder.glob('*.mcap'), key=lambda file: int(file.stem.split('_')[1]))
    assert len(files) > 2
    last = Bag(files[-1])
    episode = Episode.read(last)
    assert (episode.operator, episode.instruction, episode.outcome) == ('Zoë', 'fold', 'success')
    assert last.metadata[END]['why'] == 'told to'
    for file in files:
        bag = Bag(file)
        assert [bag.decode(r).data for r in bag.records(['/marks/fastwam/task'])][-1] == 'fold'
    said = [bag.decode(r).data for bag in map(Bag, files) for r in bag.records([MARKER])]
    assert said == ['success', 'note:late']
