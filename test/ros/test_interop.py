"""Our nodes on ROS 2 and on the stand-in in one graph, either way round: docs/interop.md."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from sensor_msgs.msg import JointState

from fastwam_ros.apps.compare import answers, differences
from fastwam_ros.bag.reader import Bag
from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics
from fastwam_ros.robot.topics import ARM_TARGET
from test.nodes.conftest import ROOT
from test.ros.driving import ends, run
from test.ros.sides import CLIENT, LATCHED, REAL_SIDE, SERVER, SIDES, STAND_IN_SIDE, with_both

pytestmark = [with_both, pytest.mark.torch, pytest.mark.alone]

SIM = str(ROOT / 'config' / 'sim.yaml')
BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'
OURS = {'/executor', '/policy', '/recorder', '/sim'}
RECORDED = {  # by ros2 bag; what a comparison and a replay need
    *('/fastwam/chunk', '/fastwam/executor/state', '/fastwam/executor/request'),
    *('/hdas/feedback_arm_left', '/motion_target/target_joint_state_arm_left'),
}
QUALITY = ('--qos-durability', 'transient_local', '--qos-reliability', 'reliable')
PAIRS = [(REAL_SIDE, STAND_IN_SIDE), (STAND_IN_SIDE, REAL_SIDE)]


def names(pair):
    return f'executor on {pair[0].name}'


def other(side):
    return next(each for each in SIDES if each is not side)


@pytest.fixture(scope='module', params=PAIRS, ids=names)
def mixed(request, probe, processes, tmp_path_factory):
    """The loop with its executor on one side and the rest on the other; bags of both sides."""
    side, rest = request.param
    folder = tmp_path_factory.mktemp('bags')
    probe.listen(0.5)  # what the graph before this one still said
    probe.forget()
    if request.param is PAIRS[0]:
        probe.hear(JointState, ARM_TARGET['left'], qos.SENSOR)
    processes.start('recorder', f'output:={folder / "run.mcap"}', side=rest)
    for kind in ('mcap', 'sqlite3'):
        command = ['ros2', 'bag', 'record', '-s', kind, '-o', str(folder / kind), *RECORDED]
        processes.begin(kind, command, REAL_SIDE.environment())
    processes.start('executor', SIM, side=side)
    processes.start('sim', SIM, side=rest)
    processes.start('policy', SIM, BUNDLE, side=rest)
    run(probe, processes)
    yield side, rest, folder
    for name in ('policy', 'executor', 'sim', 'recorder'):
        if name in processes.running:
            processes.kill(name, signal.SIGINT)
    end_bags(processes)


def end_bags(processes):
    for kind in ('mcap', 'sqlite3'):
        if kind in processes.running:
            assert processes.kill(kind, signal.SIGINT) == 0, processes.said(kind)


def test_chunks_become_commands_across(mixed, probe):
    assert probe.state.plan_id and ends(probe, topics.STATE) == {'executor': 1}
    assert probe.until(lambda: probe.heard[ARM_TARGET['left']], 5.0)


@pytest.mark.parametrize('tool', SIDES, ids=lambda side: side.name)
def test_either_tool_lists_all_nodes_and_topics(mixed, tool):
    assert set(tool.says('node', 'list').split()) >= OURS
    told = tool.says('topic', 'list', '-t').splitlines()
    assert f'/{topics.CHUNK} [fastwam_ros/msg/ActionChunk]' in told
    assert f'/{topics.TRAJECTORY} [trajectory_msgs/msg/JointTrajectory]' in told


@pytest.mark.parametrize('tool', SIDES, ids=lambda side: side.name)
def test_either_tool_shows_the_ends_of_a_topic_with_their_quality(mixed, tool):
    told = tool.says('topic', 'info', '-v', f'/{topics.STATE}')
    assert 'Node name: executor' in told and 'Node name: policy' in told
    assert 'TRANSIENT_LOCAL' in told and 'RELIABLE' in told


@pytest.mark.parametrize('tool', SIDES, ids=lambda side: side.name)
@pytest.mark.parametrize('node', ['/executor', '/policy'])
def test_either_tool_gets_parameters_of_nodes_on_both_sides(mixed, tool, node):
    name, value = {'/executor': ('rate', 200.0), '/policy': ('max_rate', 2.5)}[node]
    assert tool.says('param', 'get', node, name).strip() == f'Double value is: {value}'


@pytest.mark.parametrize('tool', SIDES, ids=lambda side: side.name)
def test_either_tool_sets_what_may_be_set_and_is_told_why_not(mixed, tool):
    assert 'Set parameter successful' in tool.says('param', 'set', '/executor', 'speed', '0.9')
    assert tool.says('param', 'get', '/executor', 'speed').strip() == 'Double value is: 0.9'
    refused = tool.says('param', 'set', '/policy', 'max_rate', '1.0')
    assert 'read-only' in refused
    assert 'Set parameter successful' in tool.says('param', 'set', '/executor', 'speed', '1.0')


@pytest.mark.parametrize('server', SIDES, ids=lambda side: side.name)
def test_a_service_is_called_across(processes, server):
    label = f'server on {server.name}'
    processes.begin(label, server.program(SERVER), server.environment())
    client = other(server)
    assert client.run(client.program(CLIENT)).splitlines()[-1] == 'heard'
    processes.kill(label)


@pytest.mark.parametrize('speaker', SIDES, ids=lambda side: side.name)
def test_who_joins_late_hears_what_is_latched(processes, speaker):
    label = f'latched on {speaker.name}'
    processes.begin(label, speaker.program(LATCHED), speaker.environment())
    time.sleep(4.0)  # what is latched is long said
    words = ('topic', 'echo', '--once', '/latched', 'std_msgs/msg/String', *QUALITY)
    assert 'data: wave' in other(speaker).says(*words[: 4 if speaker is REAL_SIDE else None])
    processes.kill(label)


def before_chunks(path: Path) -> float:
    """Seconds of a recording until shortly before its first chunk."""
    bag = Bag(path)
    first = next(bag.records()).received
    chunk = next(bag.records([f'/{topics.CHUNK}'])).received
    return max((chunk - first) / 1e9 - 1.0, 0.0)


def heard_again(kind: str, path: Path, seconds: float, listener) -> str:
    """What a listener prints while ros2 bag plays a bag with its clock."""
    begin = ('--delay', '3', '--start-offset', f'{before_chunks(path):.1f}')
    player = subprocess.Popen(
        ['ros2', 'bag', 'play', '--clock', '200', '-s', kind, str(path), *begin],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        return listener.run(listener.program(EAR), seconds)
    finally:
        player.send_signal(signal.SIGINT)
        player.wait(20)


# Counts for so long what a bag tells; the time is that of the bag.
EAR = """
import time, rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from fastwam_ros.msg import ActionChunk
from fastwam_ros.nodes import qos
rclpy.init()
node = rclpy.create_node('ear', parameter_overrides=[Parameter('use_sim_time', value=True)])
chunks, feedback, now = [], [], []
def on_feedback(message):
    feedback.append(message)
    now.append(node.get_clock().now().nanoseconds / 1e9 - message.header.stamp.sec)
node.create_subscription(ActionChunk, '/fastwam/chunk', chunks.append, qos.REQUESTS)
node.create_subscription(JointState, '/hdas/feedback_arm_left', on_feedback, qos.SENSOR)
end = time.monotonic() + 12.0
while time.monotonic() < end:
    rclpy.spin_once(node, timeout_sec=0.1)
print(len(chunks), len(feedback), max(map(abs, now[5:]), default=-1.0))
"""


@pytest.mark.parametrize('listener', SIDES, ids=lambda side: side.name)
def test_our_recording_is_played_by_ros2_bag(mixed, processes, listener):
    _, _, folder = mixed
    for name in ('policy', 'executor', 'sim', 'recorder'):
        if name in processes.running:
            processes.kill(name, signal.SIGINT)
    end_bags(processes)
    told = heard_again('mcap', folder / 'run.mcap', 60.0, listener)
    chunks, feedback, apart = told.splitlines()[-1].split()
    assert int(chunks) > 3 and int(feedback) > 500
    assert 0.0 <= float(apart) < 3.0  # of receive time and stamp


def test_a_bag_of_ros2_bag_is_read_and_compared(mixed, processes):
    _, _, folder = mixed
    end_bags(processes)
    (file,) = (folder / 'mcap').glob('*.mcap')
    theirs, ours = Bag(file), Bag(folder / 'run.mcap')
    assert set(theirs.topics) == RECORDED
    one, same = answers(theirs), answers(ours)
    assert len(one.keys() & same.keys()) > 3
    assert differences(one, same) == []


def test_a_bag_in_sqlite3_is_read_and_compared(mixed, processes):
    _, _, folder = mixed
    end_bags(processes)
    theirs, ours = Bag(folder / 'sqlite3'), Bag(folder / 'run.mcap')
    assert set(theirs.topics) == RECORDED and theirs.problem == ''
    one, same = answers(theirs), answers(ours)
    assert len(one.keys() & same.keys()) > 3
    assert differences(one, same) == []
