"""The launch files under ROS 2's launch: the loop, a takeover, a kill, two robots side by side.

What the policy was driving when it was killed, its successor drives on when it is asked to.
"""

import os
import signal
import time

import launch_pytest
import numpy as np
import psutil
import pytest
import rclpy
from launch.actions import GroupAction, IncludeLaunchDescription
from launch.launch_description_sources import AnyLaunchDescriptionSource
from launch_pytest.actions import ReadyToTest
from launch_ros.actions import Node, PushRosNamespace
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool

from fastwam_ros.nodes import qos
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET
from launch import LaunchDescription
from test.nodes.conftest import DOMAIN, ROOT, Probe, Processes

pytestmark = pytest.mark.alone
SIM = str(ROOT / 'config' / 'sim.yaml')
BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'
LEFT, RIGHT = 'left', 'right'


@pytest.fixture(autouse=True)
def own_domain(monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', DOMAIN)


@pytest.fixture
def probes():
    """Makes probes by namespace; all end with the test."""
    rclpy.init(args=[])
    made = []

    def make(namespace: str = '') -> Probe:
        made.append(Probe(namespace))
        return made[-1]

    yield make
    for probe in made:
        probe.destroy_node()
    rclpy.shutdown()


@pytest.fixture
def own_processes(tmp_path):
    started = Processes(tmp_path)
    yield started
    started.end()


def included(file: str, **given: str) -> IncludeLaunchDescription:
    source = AnyLaunchDescriptionSource(str(ROOT / 'launch' / file))
    return IncludeLaunchDescription(source, launch_arguments=given.items())


@launch_pytest.fixture
def by_hand():
    """The simulator and the executor of sim.launch.yaml."""
    return LaunchDescription([included('sim.launch.yaml', policy='false'), ReadyToTest()])


@launch_pytest.fixture
def whole_loop():
    return LaunchDescription([included('sim.launch.yaml'), ReadyToTest()])


@launch_pytest.fixture
def two_robots():
    """Two simulated robots, each with the executor of r1lite.launch.yaml in its namespace."""
    parts = []
    for name in (LEFT, RIGHT):
        robot = Node(package='fastwam_ros', executable='sim', name='sim', parameters=[SIM])
        parts.append(GroupAction([PushRosNamespace(name), robot]))
        given = {'role': 'executor', 'namespace': name, 'dry_run': 'false'}
        parts.append(included('r1lite.launch.yaml', **given))
    return LaunchDescription([*parts, ReadyToTest()])


def engaged(probe: Probe, deadman: bool = False) -> None:
    """Wait for executor and feedback, and engage; a deadman that was seen once must be held."""
    meanwhile = probe.hold_deadman if deadman else None
    probe.hear(JointState, ARM_FEEDBACK['left'], qos.SENSOR)
    probe.hear(JointState, ARM_TARGET['left'], qos.REQUESTS)
    assert probe.until(lambda: probe.heard[ARM_FEEDBACK['left']], 60.0)
    assert probe.until(lambda: probe.state is not None, 30.0)
    probe.listen(1.0, meanwhile)
    answer = probe.answer('engage', meanwhile)
    assert answer == 'ok', answer


def run(probe: Probe) -> None:
    """Ask until it is allowed: a busy machine's chunks may come too late at first."""
    answers = []

    def allowed() -> bool:
        answers.append(probe.answer('run'))
        probe.listen(0.5)
        return probe.mode == 'POLICY'

    assert probe.until(allowed, 90.0), answers[-1]


def processes(name: str) -> list[psutil.Process]:
    """Ours of that name that run in this domain."""
    found = []
    for process in psutil.process_iter(['cmdline']):
        words = process.info['cmdline'] or ['']
        ours = any(word.endswith(f'lib/fastwam_ros/{name}') for word in words)
        if ours and process.environ().get('ROS_DOMAIN_ID') == os.environ['ROS_DOMAIN_ID']:
            found.append(process)
    return found


@pytest.mark.launch(fixture=whole_loop)
def test_the_policy_drives_a_person_takes_over_and_a_dead_policy_stops_the_arms(
    probes, own_processes
):
    probe = probes()
    engaged(probe)
    assert probe.until(lambda: probe.state.shadowed > 2, 90.0)
    run(probe)
    probe.listen(4.0)
    sent = np.array([m.position for _, m in probe.heard[ARM_TARGET['left']]])
    assert np.ptp(sent, axis=0).max() > 0.05  # it moves
    probe.active.publish(Bool(data=True))
    assert probe.until(lambda: probe.mode == 'TELEOP', 5.0), probe.state.reason
    probe.active.publish(Bool(data=False))
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0), probe.state.reason
    run(probe)
    for process in processes('policy'):
        process.send_signal(signal.SIGKILL)
    assert probe.until(lambda: probe.mode == 'HOLD', 10.0), probe.state.reason
    assert 'chunk' in probe.state.reason or 'plan' in probe.state.reason, probe.state.reason
    own_processes.start('policy', SIM, BUNDLE)
    run(probe)  # the first of it that comes later than the request


@pytest.mark.launch(fixture=by_hand)
def test_an_executor_that_is_interrupted_ends_in_time_with_the_arms_at_rest(probes):
    probe = probes()
    engaged(probe)
    (executor,) = processes('executor')
    begun = time.monotonic()
    executor.send_signal(signal.SIGTERM)
    probe.until(lambda: not psutil.pid_exists(executor.pid), 10.0)
    assert time.monotonic() - begun < 4.0
    sent = [m.position for _, m in probe.heard[ARM_TARGET['left']][-20:]]
    assert np.ptp(np.array(sent), axis=0).max() < 1e-6


@pytest.mark.launch(fixture=two_robots)
def test_two_robots_do_not_hear_each_other(probes):
    one, other = probes(f'/{LEFT}'), probes(f'/{RIGHT}')
    engaged(one, deadman=True)
    assert other.until(lambda: other.state is not None, 30.0)
    assert (one.mode, other.mode) == ('HOLD', 'DISARMED')
    other.hear(JointState, ARM_TARGET['left'], qos.REQUESTS)
    other.listen(0.5)
    assert one.heard[ARM_TARGET['left']] and not other.heard[ARM_TARGET['left']]
