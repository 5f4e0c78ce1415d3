"""The executor on /clock: a period of it is a tick, standing is holding, back is a new epoch."""

import os
import signal
import time

import pytest
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.executor_node import ExecutorNode
from fastwam_ros.nodes.messages import joint_state, nanoseconds, time_message
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, GRIPPER_FEEDBACK

pytestmark = pytest.mark.alone

MS = 1_000_000
START = 10**18  # [ns] the time of the recording: nothing of today
HOME = [0.0, 1.2, -1.55, 0.9, 0.0, 0.0]


@pytest.fixture(scope='module', autouse=True)
def own_domain():
    before, os.environ['ROS_DOMAIN_ID'] = os.environ['ROS_DOMAIN_ID'], '86'
    yield
    os.environ['ROS_DOMAIN_ID'] = before


class World:
    """Tells the time and plays the robot; every `pass_` is 5 ms of /clock."""

    def __init__(self, probe) -> None:
        self._probe, self.now = probe, START
        self._clock = probe.create_publisher(Clock, '/clock', qos.NEWEST)

    def tell(self) -> None:
        self._clock.publish(Clock(clock=time_message(self.now)))
        for side in SIDES:
            for names, values in ((ARM_FEEDBACK, HOME), (GRIPPER_FEEDBACK, [60.0])):
                message = joint_state(self.now, ['x'], values, [0.0] * len(values))
                self._probe.speak(JointState, names[side]).publish(message)

    def pass_(self) -> None:
        self.now += 5 * MS
        self.tell()


@pytest.fixture(scope='module')
def world(processes, probe):
    """An executor that drives on the world's time."""
    probe.hear(JointState, ARM_TARGET['left'], qos.REQUESTS)
    processes.start('executor', 'dry_run:=false', 'require_deadman:=false', 'use_sim_time:=true')
    made = World(probe)
    assert probe.until(lambda: 'of /clock, driving' in processes.said('executor'), 30.0)
    probe.listen(1.0)
    assert probe.state is None  # no time, no tick
    assert probe.until(lambda: probe.state is not None, 30.0, made.pass_)
    return made


def commands(probe) -> list[int]:
    return [nanoseconds(m.header.stamp) for _, m in probe.heard[ARM_TARGET['left']]]


def test_a_period_of_the_clock_is_a_tick_whatever_the_wall_clock_says(world, probe):
    probe.listen(0.5, world.pass_)
    first = probe.state
    probe.until(lambda: probe.state.tick > first.tick + 100, 30.0, world.pass_)
    last = probe.state
    passed = nanoseconds(last.header.stamp) - nanoseconds(first.header.stamp)
    assert last.tick - first.tick == passed // (5 * MS)
    assert nanoseconds(last.header.stamp) <= world.now
    assert last.late_ticks == 0


def test_holding_streams_on_the_clock_s_grid_and_stands_with_it(world, probe):
    probe.engage(world.pass_)
    assert probe.until(lambda: len(commands(probe)) > 100, 30.0, world.pass_)
    assert set(commands(probe)) <= set(range(START, world.now + 1, 5 * MS))
    probe.listen(0.5)
    stood = (len(commands(probe)), probe.state.tick)
    probe.listen(1.0, world.tell)  # the same time again and again
    assert (len(commands(probe)), probe.state.tick) == stood
    assert probe.mode == 'HOLD'
    assert probe.until(lambda: len(commands(probe)) > stood[0], 10.0, world.pass_)
    assert probe.mode == 'HOLD'  # a pause is no silence of the feedback


def test_time_that_goes_back_disarms_in_a_new_epoch(world, probe, processes):
    before = probe.state
    world.now = START
    assert probe.until(lambda: probe.state.epoch > before.epoch, 10.0, world.pass_)
    assert probe.until(lambda: probe.mode == 'DISARMED', 10.0, world.pass_)
    assert probe.state.epoch == before.epoch + 1
    assert probe.state.tick > before.tick
    sent = len(commands(probe))
    probe.listen(0.5, world.pass_)
    assert len(commands(probe)) == sent
    assert '/clock went back by' in processes.said('executor')
    probe.engage(world.pass_)


def test_it_ends_while_the_clock_stands(world, processes):
    assert processes.kill('executor', signal.SIGTERM) == 0


def test_the_clock_of_a_running_executor_cannot_be_switched(probe):
    """A driving executor on a clock that nobody tells would be blind to silence."""
    node = ExecutorNode()
    (result,) = node.set_parameters([Parameter('use_sim_time', value=True)])
    assert not result.successful
    assert 'restart the executor' in result.reason
    assert abs(node.now() - time.time_ns()) < 60 * 10**9
    node.destroy_node()
