"""Nodes in two processes: what one says reaches the other, and each sees who is there."""

import signal

import pytest
from running import Program

LISTENER = """
import rclpy
from rclpy.node import Node
from fastwam_ros.msg import ActionChunk
from rcl_interfaces.msg import Log
from sensor_msgs.msg import Image

rclpy.init()
node = Node('listener')
node.declare_parameter('want', 3)
seen = []


def on_chunk(msg):
    print('chunk', msg.sequence, msg.robot, list(msg.positions), msg.header.stamp.sec)


node.create_subscription(ActionChunk, 'chunk', on_chunk, 10)
node.create_subscription(Image, 'image', lambda m: print('image', len(m.data), m.data[-1]), 1)
node.create_subscription(Log, '/rosout', lambda m: print('rosout', m.name, m.level, m.msg), 10)
print('ready', node.get_fully_qualified_name(), node.get_parameter('want').value)
was = None
while rclpy.ok():
    rclpy.spin_once(node, timeout_sec=0.05)
    infos = [i.node_name for i in node.get_publishers_info_by_topic('chunk')]
    now = sorted(node.get_node_names()), node.count_publishers('/plan'), infos
    if now != was:
        was = now
        print('graph', *now[0], now[1], infos)
"""

TALKER = """
import array, time
import rclpy
from rclpy.node import Node
from fastwam_ros.msg import ActionChunk
from sensor_msgs.msg import Image

rclpy.init()
node = Node('talker')
chunks = node.create_publisher(ActionChunk, 'chunk', 10)
images = node.create_publisher(Image, 'image', 1)
while not (chunks.get_subscription_count() and images.get_subscription_count()):
    time.sleep(0.01)
chunk = ActionChunk(robot='r1lite', sequence=7, positions=array.array('d', [1.5, -2.0]))
chunk.header.stamp.sec = 9
chunks.publish(chunk)
big = array.array('B', bytes(2764799) + b'\\x07')
images.publish(Image(height=720, width=1280, data=big))
node.get_logger().warning('careful')
time.sleep(1.0)
"""


def test_two_processes_hear_and_see_each_other(tmp_path):
    extra = ['--ros-args', '-r', 'chunk:=/plan', '-r', '__ns:=/robot', '-p', 'want:=5']
    with Program(tmp_path / 'listener.py', LISTENER, 53, *extra) as listener:
        listener.wait_for('ready /robot/listener 5')
        renamed = ['--ros-args', '-r', 'chunk:=/plan', '-r', 'image:=/robot/image']
        with Program(tmp_path / 'talker.py', TALKER, 53, *renamed) as talker:
            listener.wait_for('chunk 7 r1lite [1.5, -2.0] 9')
            listener.wait_for('image 2764800 7')
            listener.wait_for('rosout talker 30 careful')
            assert talker.end() == 0, talker.said
        assert '[WARN] [' in talker.said and '[talker]: careful' in talker.said
        listener.wait_for("graph listener talker 1 ['talker']")
        # It ended without destroying its node, and is still seen to leave before the lease is up.
        listener.wait_for('graph listener 0 []', seconds=5.0, after="1 ['talker']")


def test_another_domain_is_another_world(tmp_path):
    with Program(tmp_path / 'listener.py', LISTENER, 54) as listener:
        listener.wait_for('ready')
        with Program(tmp_path / 'other.py', LISTENER, 55) as other:
            other.wait_for('graph')
            assert 'graph listener 0' in other.said
            assert other.said.count('graph') == 1


SIM_TIME = """
import time
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock

rclpy.init()
source, node = Node('source'), Node('node')
clock = source.create_publisher(Clock, '/clock', 1)
assert abs(node.get_clock().now().nanoseconds - time.time_ns()) < 1e9
node.set_parameters([Parameter('use_sim_time', value=True)])
print('before', node.get_clock().now().nanoseconds)
end = time.time() + 5
for sec in (5, 6, 3):
    while node.get_clock().now().nanoseconds != sec * 10**9 + 1 and time.time() < end:
        msg = Clock()
        msg.clock.sec, msg.clock.nanosec = sec, 1
        clock.publish(msg)
        rclpy.spin_once(node, timeout_sec=0.05)
    print('at', node.get_clock().now().nanoseconds, node.get_clock().ros_time_is_active)
node.set_parameters([Parameter('use_sim_time', value=False)])
print('back', abs(node.get_clock().now().nanoseconds - time.time_ns()) < 1e9)
print('subscriptions', len(list(node.subscriptions)))
"""


def test_the_clock_follows_the_clock_topic_also_backwards(tmp_path):
    with Program(tmp_path / 'sim.py', SIM_TIME, 56) as program:
        assert program.end() == 0, program.said
        for line in ('before 0', 'at 5000000001 True', 'at 6000000001', 'at 3000000001',
                     'back True', 'subscriptions 0'):  # fmt: skip
            assert line in program.said


BUSY = """
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from sensor_msgs.msg import JointState

rclpy.init()
node = Node('busy')
publisher = node.create_publisher(JointState, 'self', 10)
node.create_subscription(JointState, 'self', publisher.publish, 10)
while not publisher.get_subscription_count():
    pass
for _ in range(10):
    publisher.publish(JointState(position=[1.0]))
print('spinning')
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException) as reason:
    print(type(reason).__name__)
node.destroy_node()
rclpy.try_shutdown()
"""


@pytest.mark.parametrize('attempt', range(4))
def test_ctrl_c_in_the_middle_of_messages_is_a_keyboard_interrupt(tmp_path, attempt):
    """Cyclone takes samples most of the time here: a KeyboardInterrupt inside it would crash."""
    with Program(tmp_path / 'busy.py', BUSY, 57) as program:
        program.wait_for('spinning')
        program.process.send_signal(signal.SIGINT)
        assert program.end() == 0, program.said
        assert 'KeyboardInterrupt' in program.said.splitlines()[-1]


SOAK = """
import resource
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState

rclpy.init()
node, got = Node('soak'), [0]


def count(_):
    got[0] += 1


node.create_subscription(JointState, 'soak', count, 10)
publisher = node.create_publisher(JointState, 'soak', 10)
while not publisher.get_subscription_count():
    pass
executor = SingleThreadedExecutor()
executor.add_node(node)
msg = JointState(name=['a', 'b'], position=[1.0, 2.0])


def rounds(count):
    for number in range(count):
        msg.header.frame_id = str(number)
        publisher.publish(msg)
        executor.spin_once(timeout_sec=0.1)
        executor.spin_once(timeout_sec=0.0)
        rclpy.spin_once(node, timeout_sec=0.0)
        executor.add_node(node)
        if number % 50 == 0:
            node.destroy_publisher(node.create_publisher(JointState, 'other', 1))
            node.get_node_names()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


before = rounds(3000)
after = rounds(12000)
print('grew', after - before, 'kB for', got[0])
assert got[0] > 14000
assert after - before < 4000
"""


def test_memory_stays_flat(tmp_path):
    with Program(tmp_path / 'soak.py', SOAK, 58) as program:
        assert program.end(40) == 0, program.said
