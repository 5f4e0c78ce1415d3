"""Figures of the stand-in: round trip, and what draining the robot's feedback costs. No asserts.

`python rosless/bench.py` prints a line per figure. It knows rclpy only, so that
`BENCH_REAL=1 python rosless/bench.py` measures a sourced ROS 2 with the same code.
"""

import array
import os
import resource
import subprocess
import sys
import time

if 'BENCH_REAL' not in os.environ:
    from rosless import stage

    stage.set_up()

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, JointState

SECONDS = 5.0
TOPICS = ('arm_left', 'arm_right', 'gripper_left', 'gripper_right')
SENSOR = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)


def cpu():
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def joint_state(joints=6):
    """A stamped JointState like the robot's feedback."""
    row = array.array('d', [0.1] * joints)
    msg = JointState(name=[f'joint{i}' for i in range(joints)])
    msg.position = msg.velocity = msg.effort = row
    msg.header.stamp.sec = 1
    return msg


def paced(rate, seconds):
    """Yields `rate` times a second on absolute deadlines."""
    start = time.monotonic()
    for count in range(int(rate * seconds)):
        due = start + count / rate
        yield due
        time.sleep(max(0.0, due - time.monotonic()))


def feed():
    """The other side of drain(): four topics at 200 Hz, three cameras at 15 Hz."""
    node = Node('feeder')
    joints = [node.create_publisher(JointState, t, SENSOR) for t in TOPICS]
    cameras = [node.create_publisher(CompressedImage, f'camera{i}', SENSOR) for i in range(3)]
    image = CompressedImage(format='jpeg', data=array.array('B', bytes(100_000)))
    for count, _ in enumerate(paced(200, SECONDS + 6)):
        for publisher in joints:
            publisher.publish(joint_state())
        if count % 13 == 0:
            for publisher in cameras:
                publisher.publish(image)


def drain(rate=200):
    """CPU of a node that ticks at `rate` and takes 800 JointState/s until each deadline."""
    node, got = Node('drainer'), [0]

    def count(_):
        got[0] += 1

    for topic in TOPICS:
        node.create_subscription(JointState, topic, count, SENSOR)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    until(executor, time.monotonic() + 3.0)
    begun, used, before = time.monotonic(), cpu(), got[0]
    late = []
    while (now := time.monotonic()) < begun + SECONDS:
        until(executor, now + 1 / rate)
        late.append(time.monotonic() - now - 1 / rate)
    late.sort()
    passed = time.monotonic() - begun
    share = 100 * (cpu() - used) / passed
    p99, worst = 1e6 * late[int(len(late) * 0.99)], 1e6 * late[-1]
    print(f'drain {(got[0] - before) / passed:.0f} msg/s: CPU {share:.1f} %, ', end='')
    print(f'deadline missed by p99 {p99:.0f} us, max {worst:.0f} us')


def until(executor, end):
    """Runs callbacks until `end` on the monotonic clock."""
    while (left := end - time.monotonic()) > 0:
        executor.spin_once(timeout_sec=left)


def pong():
    """Sends every ping back."""
    node = Node('pong')
    publisher = node.create_publisher(JointState, 'pong', 10)
    node.create_subscription(JointState, 'ping', publisher.publish, 10)
    end = time.monotonic() + SECONDS + 5
    while time.monotonic() < end:
        rclpy.spin_once(node, timeout_sec=0.1)


def ping():
    """Round trip of a JointState of 14 joints through another process."""
    node, came = Node('ping'), []
    publisher = node.create_publisher(JointState, 'ping', 10)
    node.create_subscription(JointState, 'pong', came.append, 10)
    end = time.monotonic() + 2.0
    until_matched(node, publisher, end)
    begun, used, trips = time.monotonic(), cpu(), []
    while time.monotonic() < begun + SECONDS:
        sent, had = time.monotonic(), len(came)
        publisher.publish(joint_state(14))
        while len(came) == had and time.monotonic() < sent + 0.5:
            rclpy.spin_once(node, timeout_sec=0.1)
        trips.append(1e6 * (time.monotonic() - sent))
    trips.sort()
    share = 100 * (cpu() - used) / (time.monotonic() - begun)
    p50, p99 = trips[len(trips) // 2], trips[int(len(trips) * 0.99)]
    print(f'round trip p50 {p50:.0f} us, p99 {p99:.0f} us, ', end='')
    print(f'max {trips[-1]:.0f} us, {len(trips)} trips, CPU {share:.0f} %')


def until_matched(node, publisher, end):
    """Waits for the other side and lets discovery settle."""
    while time.monotonic() < end or not publisher.get_subscription_count():
        rclpy.spin_once(node, timeout_sec=0.05)


def main():
    """Runs the role in sys.argv, or each pair of them."""
    roles = {'feed': feed, 'drain': drain, 'ping': ping, 'pong': pong}
    if len(sys.argv) > 1:
        rclpy.init(args=[])
        roles[sys.argv[1]]()
        return
    for other, measured in (('feed', 'drain'), ('pong', 'ping')):
        helper = subprocess.Popen([sys.executable, __file__, other])
        subprocess.run([sys.executable, __file__, measured], check=True)
        helper.wait()


if __name__ == '__main__':
    main()
