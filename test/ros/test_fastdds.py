"""A robot on Fast DDS, as an R1 Lite is, and our nodes on Cyclone DDS or on its own."""

import signal
import time

import pytest
from sensor_msgs.msg import JointState

from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import SIDES as ARMS
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET
from test.nodes.conftest import ROOT
from test.ros.driving import ends, run
from test.ros.sides import (
    FAST_SIDE,
    LATCHED,
    REAL_SIDE,
    STAND_IN_SIDE,
    with_both,
    with_fast_dds,
)

pytestmark = [with_both, with_fast_dds, pytest.mark.torch, pytest.mark.alone]

SIM = str(ROOT / 'config' / 'sim.yaml')
BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'
ALL = (REAL_SIDE, STAND_IN_SIDE, FAST_SIDE)
PATIENCE = ('--spin-time', '9')  # until a tool has found all that is there
# Readings as an R1 Pro offers them, numbered: 100 are kept for who comes late.
KEPT = """
import time, rclpy
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState
kept = QoSProfile(reliability=ReliabilityPolicy.RELIABLE, history=HistoryPolicy.KEEP_LAST,
                  durability=DurabilityPolicy.TRANSIENT_LOCAL, depth=100)
rclpy.init()
node = rclpy.create_node('robot')
publisher, number = node.create_publisher(JointState, '/kept', kept), 0.0
while True:
    publisher.publish(JointState(position=[number]))
    number += 1.0
    time.sleep(0.005)
"""


@pytest.fixture(scope='module', params=ALL, ids=lambda side: f'executor and policy on {side.name}')
def beside(request, probe, processes):
    """A simulated robot on Fast DDS and the loop on a side; it drives."""
    probe.listen(0.5)  # what the graph before this one still said
    probe.forget()
    processes.start('sim', SIM, side=FAST_SIDE)
    processes.start('executor', SIM, side=request.param)
    processes.start('policy', SIM, BUNDLE, side=request.param)
    run(probe, processes)
    yield request.param
    for name in ('policy', 'executor', 'sim'):
        processes.kill(name, signal.SIGINT)


def test_the_robot_moves_as_it_is_told(beside, probe):
    """Pictures and feedback came across, or nothing would have been accepted; commands go back."""
    for topic in (ARM_FEEDBACK['left'], ARM_TARGET['left']):
        probe.hear(JointState, topic, qos.SENSOR)
    probe.listen(3.0)
    told = [message.position[0] for _, message in probe.heard[ARM_TARGET['left']]]
    read = [message.position[0] for _, message in probe.heard[ARM_FEEDBACK['left']]]
    moved = max(told) - min(told)
    assert moved > 0.02 and max(read) - min(read) > 0.5 * moved
    assert ends(probe, topics.STATE) == {'executor': 1}


@pytest.mark.parametrize('tool', ALL, ids=lambda side: side.name)
def test_any_tool_lists_the_nodes_and_the_topics_of_all(beside, tool):
    assert set(tool.says('node', 'list', *PATIENCE).split()) >= {'/executor', '/policy', '/sim'}
    told = tool.says('topic', 'list', '-t', *PATIENCE).splitlines()
    assert f'/{topics.CHUNK} [fastwam_ros/msg/ActionChunk]' in told
    assert all(f'/{ARM_FEEDBACK[arm]} [sensor_msgs/msg/JointState]' in told for arm in ARMS)


@pytest.mark.parametrize('speaker', ALL, ids=lambda side: side.name)
@pytest.mark.parametrize('listener', ALL, ids=lambda side: f'heard on {side.name}')
def test_who_joins_late_hears_what_is_latched(processes, speaker, listener):
    label = f'latched on {speaker.name} for {listener.name}'
    processes.begin(label, speaker.program(LATCHED), speaker.environment())
    time.sleep(3.0)  # what is latched is long said
    quality = ('--qos-durability', 'transient_local', '--qos-reliability', 'reliable')
    words = ('topic', 'echo', '--once', '/latched', 'std_msgs/msg/String', *quality)
    assert 'data: wave' in listener.says(*words[: 4 if listener is STAND_IN_SIDE else None])
    processes.kill(label)


def test_feedback_that_is_kept_for_who_comes_late_is_heard_as_it_comes(probe, processes):
    """A best effort listener beside a robot that offers the last hundred: no old ones, no gaps."""
    processes.begin('kept', FAST_SIDE.program(KEPT), FAST_SIDE.environment())
    time.sleep(3.0)
    probe.hear(JointState, 'kept', qos.GATHERED)
    assert probe.until(lambda: len(probe.heard['kept']) > 400, 20.0)
    numbers = [message.position[0] for _, message in probe.heard['kept']]
    assert numbers[0] > 50.0
    assert numbers == [numbers[0] + k for k in range(len(numbers))]
    processes.kill('kept')
