"""Our nodes beside programs of ROS 2 that are not ours: docs/partners.md has the figures."""

import signal
import socket
import subprocess
import time

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from sensor_msgs.msg import JointState

from fastwam_ros.apps.compare import answers, differences
from fastwam_ros.bag.reader import Bag
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import joint_state
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_NAMES, SIDES
from fastwam_ros.robot.topics import JOINT_STATES
from test.motion.robot import HOME
from test.nodes.conftest import ROOT
from test.ros.sides import REAL_SIDE, with_ros

pytestmark = [with_ros, pytest.mark.alone]

SIM = str(ROOT / 'config' / 'sim.yaml')
REPLAY = str(ROOT / 'config' / 'replay.yaml')
BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'
FINGERTIP = np.array([0.062, 0.0, 0.0])  # in a gripper's frame


def launched(processes, file: str, *given: str) -> subprocess.Popen:
    command = ['ros2', 'launch', str(ROOT / 'launch' / file), *given]
    processes.begin(file, command, REAL_SIDE.environment())
    return processes.running[file]


def test_robot_state_publisher_has_both_hands_where_our_kinematics_have_them(probe, processes):
    """For a posture of the torso and random arms."""
    from tf2_ros import Buffer, TransformListener

    from fastwam_ros.sim.model import TORSO_POSTURE
    from fastwam_ros.sim.reach import Reach

    launched(processes, 'model.launch.yaml')
    reach, dice, worst = Reach(), np.random.default_rng(0), 0.0
    told = probe.create_publisher(JointState, JOINT_STATES, qos.SENSOR)
    assert probe.until(lambda: told.get_subscription_count(), 20.0)
    for _ in range(10):
        arms = HOME + dice.uniform(-0.5, 0.5, len(ARM_NAMES))
        names = [*ARM_NAMES, *TORSO_POSTURE, *(f'{s}_gripper_finger_joint1' for s in SIDES)]
        angles = [*arms, *TORSO_POSTURE.values(), 0.02, 0.02]
        buffer = Buffer()
        ear = TransformListener(buffer, probe)
        probe.listen(0.5, lambda n=names, a=angles: told.publish(joint_state(probe.now(), n, a)))
        for side, joints in zip(SIDES, (arms[:6], arms[6:]), strict=True):
            found = transform(buffer, f'{side}_gripper_link')
            wanted = reach.hand(side, joints).position
            worst = max(worst, float(np.abs(found @ [*FINGERTIP, 1.0] - [*wanted, 1.0]).max()))
        ear.unregister()
    processes.kill('model.launch.yaml', signal.SIGINT)
    print(f'worst distance of a hand, of 10 postures: {worst:.1e} m')
    assert worst < 1e-4


def transform(buffer, link: str) -> np.ndarray:
    """[4, 4] of a link in the base's frame."""
    from rclpy.time import Time

    told = buffer.lookup_transform('base_link', link, Time()).transform
    x, y, z, w = (getattr(told.rotation, axis) for axis in 'xyzw')
    found = np.eye(4)
    found[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    found[:3, 3] = [getattr(told.translation, axis) for axis in 'xyz']
    return found


@pytest.fixture(scope='module')
def nodes(probe, processes):
    """Simulator and executor by our launch file, without a policy."""
    probe.hear(DiagnosticArray, '/diagnostics', qos.LOSSLESS)
    process = launched(processes, 'sim.launch.yaml', 'policy:=false')
    told = probe.until(lambda: {'sim', 'executor'} <= health(probe).keys(), 40.0)
    assert told, processes.said('sim.launch.yaml')
    return process


def health(probe) -> dict[str, DiagnosticStatus]:
    """What each node told last."""
    arrays = [m for _, m in probe.heard['/diagnostics']]
    return {status.name: status for array in arrays for status in array.status}


def test_diagnostics_have_the_standard_form(nodes, probe):
    probe.listen(1.5)
    for name, status in health(probe).items():
        assert status.hardware_id == socket.gethostname(), name
        assert status.level in (DiagnosticStatus.OK, DiagnosticStatus.WARN)
        assert status.message == 'ok' or status.level == DiagnosticStatus.WARN
    keys = {pair.key for pair in health(probe)['executor'].values}
    assert {'real-time', 'late ticks', 'tick us p99'} <= keys
    stamped = [m for _, m in probe.heard['/diagnostics']]
    assert all(m.header.stamp.sec for m in stamped)
    assert 'hardware_id: ' in REAL_SIDE.says('topic', 'echo', '--once', '/diagnostics')


def test_an_interrupt_of_the_launch_ends_all_in_bounded_time(nodes, processes):
    begun = time.monotonic()
    assert processes.kill('sim.launch.yaml', signal.SIGINT) == 0
    print(f'the launch ended {time.monotonic() - begun:.2f} s after its SIGINT')
    said = processes.said('sim.launch.yaml')
    assert said.count('process has finished cleanly') == 2, said
    assert 'SIGTERM' not in said and 'Traceback' not in said


@pytest.mark.torch
def test_a_bag_of_ros2_bag_is_played_through_policy_and_executor(probe, processes, tmp_path):
    """What ros2 bag recorded and plays gives the same chunks, for the pictures that both saw."""
    record = ['ros2', 'bag', 'record', '-a', '-s', 'mcap', '-o', str(tmp_path / 'run')]
    processes.start('policy', SIM, BUNDLE, 'always:=true', 'max_rate:=1.0')
    spoken = probe.until(lambda: 'bundle tiny' in processes.said('policy'), 60.0)
    assert spoken, processes.said('policy')
    processes.begin('record', record, REAL_SIDE.environment())
    processes.start('executor', SIM)
    processes.start('sim', SIM)
    time.sleep(15.0)
    for name in ('sim', 'executor', 'policy', 'record'):
        processes.kill(name, signal.SIGINT)
    (bag,) = (tmp_path / 'run').glob('*.mcap')
    again = tmp_path / 'again.mcap'
    replay(processes, probe, bag, again)
    one, other = answers(Bag(bag)), answers(Bag(again))
    common = one.keys() & other.keys()
    print(f'{len(one)} and {len(other)} chunks, {len(common)} head stamps in common')
    assert len(common) >= 3
    unequal = [d for d in differences(one, other) if not d.cause.startswith('another obs')]
    print(f'{len(differences(one, other))} differ, all of another observation')
    assert unequal == []


def replay(processes, probe, bag, output) -> None:
    """ros2 bag play tells what our player would, but for what the programs made of it."""
    robot = [t for t in Bag(bag).topics if t.startswith('/hdas/') or t == f'/{topics.TASK}']
    processes.start('policy', REPLAY, BUNDLE, 'lossless:=false', 'max_rate:=1.0')
    processes.start('executor', REPLAY)
    processes.start('recorder', REPLAY, f'output:={output}')
    ready = probe.until(lambda: 'bundle tiny' in processes.said('policy'), 60.0)
    assert ready, processes.said('policy')
    play = ['ros2', 'bag', 'play', '--clock', '200', '-s', 'mcap', str(bag), '--topics', *robot]
    subprocess.run(play, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=90.0)
    probe.listen(1.0)
    states = len(probe.heard[topics.STATE])
    for name in ('policy', 'executor', 'recorder'):
        processes.kill(name, signal.SIGINT)
    assert states > 0
