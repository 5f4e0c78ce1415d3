"""The nodes that bench.py and soak.py measure, and those on the other side of them.

Knows rclpy only, so that a sourced ROS 2 is measured by the same code (BENCH_REAL=1). Roles that
measure return figures by name; the others run until they are ended.
"""

import array
import contextlib
import itertools
import json
import os
import resource
import sys
import time

if 'BENCH_REAL' not in os.environ:
    from rosless import stage

    stage.set_up()

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, JointState
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

SECONDS = float(os.environ.get('BENCH_SECONDS', '5'))
SETTLE = 2.0  # [s] for discovery
CAMERAS = ('camera0', 'camera1', 'camera2')
FEEDBACK = 'feedback'
JPEG = 100_000  # bytes
PERIOD = 0.005  # [s] of the control timer and the feedback
SENSOR = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
NAMES = [f'joint{number}' for number in range(14)]
ROW = array.array('d', [0.1] * len(NAMES))


def cpu():
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def quantile(values, share):
    """The value that a share of the values stays below; 0.0 of none."""
    return sorted(values)[int(share * (len(values) - 1))] if values else 0.0


def stamp(header, count=0):
    """Writes the system time and a message's number into its header."""
    header.stamp.sec, header.stamp.nanosec = divmod(time.time_ns(), 10**9)
    header.frame_id = str(count)


def age(header):
    """Seconds since a header was stamped."""
    return (time.time_ns() - header.stamp.sec * 10**9 - header.stamp.nanosec) / 1e9


def joint_state(count=0):
    """A stamped JointState of 14 joints."""
    msg = JointState(name=NAMES, position=ROW, velocity=ROW, effort=ROW)
    stamp(msg.header, count)
    return msg


class Feed(Node):
    """Three cameras at 30 Hz, feedback at 200 Hz, and a service."""

    def __init__(self, cameras=True, feedback=True):
        super().__init__('feed')
        self._sent = {}  # topic -> number of its last message
        if cameras:
            self._cameras = [self.create_publisher(CompressedImage, t, SENSOR) for t in CAMERAS]
            self._jpeg = os.urandom(JPEG)
            self.create_timer(1 / 30, self._send_images)
        if feedback:
            self._feedback = self.create_publisher(JointState, FEEDBACK, SENSOR)
            self.create_timer(PERIOD, self._send_feedback)
        self.create_service(Trigger, 'answer', self._answer)

    def _number(self, topic):
        self._sent[topic] = self._sent.get(topic, 0) + 1
        return self._sent[topic]

    def _send_images(self):
        for topic, publisher in zip(CAMERAS, self._cameras, strict=True):
            msg = CompressedImage(format='jpeg', data=array.array('B', self._jpeg))
            stamp(msg.header, self._number(topic))
            publisher.publish(msg)

    def _send_feedback(self):
        self._feedback.publish(joint_state(self._number(FEEDBACK)))

    def _answer(self, request, response):
        response.success = True
        return response


class Control(Node):
    """A 200 Hz timer that publishes, with the cameras and the feedback coming in."""

    def __init__(self, cameras=True, feedback=True):
        super().__init__('control')
        self._commands = self.create_publisher(JointTrajectory, 'joint_trajectory', 10)
        self._last = {}  # topic -> number of its last message
        self.clear()
        for topic in CAMERAS if cameras else ():
            self._listen(CompressedImage, topic)
        if feedback:
            self._listen(JointState, FEEDBACK)
        self.create_timer(PERIOD, self._tick)

    def clear(self):
        """Forgets what was measured so far."""
        self.ticks, self.ages, self.lost = [], [], 0
        self.came = dict.fromkeys((*CAMERAS, FEEDBACK), 0)

    def _listen(self, kind, topic):
        self.create_subscription(kind, topic, lambda msg: self._note(topic, msg.header), SENSOR)

    def _note(self, topic, header):
        number = int(header.frame_id)
        self.lost += max(0, number - self._last.get(topic, number - 1) - 1)
        self._last[topic] = number
        self.came[topic] += 1
        if topic in CAMERAS:
            self.ages.append(age(header))

    def _tick(self):
        self.ticks.append(time.perf_counter())
        point = JointTrajectoryPoint(positions=ROW, velocities=ROW)
        msg = JointTrajectory(joint_names=NAMES, points=[point])
        stamp(msg.header)
        self._commands.publish(msg)


class Pong(Node):
    """Sends every ping back, and answers a service."""

    def __init__(self):
        super().__init__('pong')
        publisher = self.create_publisher(JointState, 'pong', 10)
        self.create_subscription(JointState, 'ping', publisher.publish, 10)
        self.create_service(Trigger, 'answer', lambda request, response: response)


def executor_of(node):
    """A single-threaded executor that serves a node."""
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    return executor


def spin(executor, seconds):
    """Runs callbacks for some seconds."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        executor.spin_once(timeout_sec=left)


def bare():
    """The jitter of a plain loop at 200 Hz: what the machine allows, without any middleware."""
    ticks, start = [], time.perf_counter()
    for count in range(int(SECONDS / PERIOD)):
        time.sleep(max(0.0, start + count * PERIOD - time.perf_counter()))
        ticks.append(time.perf_counter())
    return jitter_figures(jitter(ticks))


def jitter(ticks):
    """How far from 5 ms each period was, in ms."""
    pairs = itertools.pairwise(ticks)
    return [1e3 * abs(after - before - PERIOD) for before, after in pairs]


def jitter_figures(late):
    """Quantiles of a jitter in ms."""
    shares = {'jitter_p50': 0.5, 'jitter_p99': 0.99, 'jitter_max': 1.0}
    return {name: quantile(late, share) for name, share in shares.items()}


def control(cameras, feedback):
    """The figures of a Control node."""
    node = Control(cameras, feedback)
    executor = executor_of(node)
    spin(executor, SETTLE)
    node.clear()
    used, start = cpu(), time.perf_counter()
    spin(executor, SECONDS)
    passed = time.perf_counter() - start
    return jitter_figures(jitter(node.ticks)) | {
        'cpu': 100 * (cpu() - used) / passed,
        'rate': len(node.ticks) / passed,
        'age_p50': 1e3 * quantile(node.ages, 0.5),
        'age_p99': 1e3 * quantile(node.ages, 0.99),
        'images': sum(node.came[t] for t in CAMERAS) / passed,
        'feedback': node.came[FEEDBACK] / passed,
        'lost': node.lost,
    }


def feeding(cameras, feedback):
    """The other side of control()."""
    rclpy.spin(Feed(cameras, feedback))


def ping():
    """Round trip of a JointState of 14 joints through another process."""
    node, came = Node('ping'), []
    publisher = node.create_publisher(JointState, 'ping', 10)
    node.create_subscription(JointState, 'pong', came.append, 10)
    executor = executor_of(node)
    while not publisher.get_subscription_count():
        executor.spin_once(timeout_sec=0.1)
    spin(executor, SETTLE)
    trips, used, start = [], cpu(), time.perf_counter()
    while time.perf_counter() < start + SECONDS:
        sent, had = time.perf_counter(), len(came)
        publisher.publish(joint_state())
        while len(came) == had and time.perf_counter() < sent + 0.5:
            executor.spin_once(timeout_sec=0.1)
        trips.append(1e6 * (time.perf_counter() - sent))
    return trip_figures(trips, used, start)


def call():
    """Round trip of a service call to another process."""
    node = Node('caller')
    client = node.create_client(Trigger, 'answer')
    executor = executor_of(node)
    client.wait_for_service(timeout_sec=10.0)
    spin(executor, SETTLE)
    trips, used, start = [], cpu(), time.perf_counter()
    while time.perf_counter() < start + SECONDS:
        sent = time.perf_counter()
        executor.spin_until_future_complete(client.call_async(Trigger.Request()), 0.5)
        trips.append(1e6 * (time.perf_counter() - sent))
    return trip_figures(trips, used, start)


def trip_figures(trips, used, start):
    """Quantiles and the CPU per trip in us since `start` [s], when `used` [s] were used."""
    shares = {'p50': 0.5, 'p95': 0.95, 'p99': 0.99}
    figures = {name: quantile(trips, share) for name, share in shares.items()}
    spent = 1e6 * (cpu() - used) / len(trips)
    rate = len(trips) / (time.perf_counter() - start)
    return figures | {'max': max(trips), 'rate': rate, 'cpu': spent}


def publishing():
    """What building and sending a 100 KB image takes, and the CPU of three cameras at 30 Hz."""
    node, jpeg = Node('camera'), os.urandom(JPEG)
    publishers = [node.create_publisher(CompressedImage, topic, SENSOR) for topic in CAMERAS]
    time.sleep(SETTLE)
    took, used, start = [], cpu(), time.perf_counter()
    for frame in range(int(30 * SECONDS)):
        time.sleep(max(0.0, start + frame / 30 - time.perf_counter()))
        for publisher in publishers:
            begin = time.perf_counter()
            msg = CompressedImage(format='jpeg', data=array.array('B', jpeg))
            stamp(msg.header)
            publisher.publish(msg)
            took.append(1e3 * (time.perf_counter() - begin))
    share = 100 * (cpu() - used) / (time.perf_counter() - start)
    return {'image': quantile(took, 0.5), 'cpu': share}


def rss():
    """Resident memory of this process in MB."""
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


ROLES = {
    'ping': ping,
    'pong': lambda: rclpy.spin(Pong()),
    'call': call,
    'publishing': publishing,
    'feed': lambda: feeding(cameras=True, feedback=True),
    'cameras': lambda: feeding(cameras=True, feedback=False),
    'bare': bare,
    'alone': lambda: control(cameras=False, feedback=False),
    'with_cameras': lambda: control(cameras=True, feedback=False),
    'with_all': lambda: control(cameras=True, feedback=True),
}


def main():
    """Runs the role in sys.argv and prints its figures as one line of JSON."""
    rclpy.init(args=[])
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        print(json.dumps(ROLES[sys.argv[1]]()), flush=True)
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
