"""The nodes that bench.py and soak.py run: a robot's cameras and feedback, and who listens.

Knows rclpy only, so that a sourced ROS 2 is measured by the same code (BENCH_REAL=1). Whoever
imports this has rclpy from here: the stand-in is put on the path first.
"""

import array
import os
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

__all__ = [
    'CompressedImage',
    'ExternalShutdownException',
    'JointState',
    'Node',
    'Trigger',
    'rclpy',
]

CAMERAS = ('camera0', 'camera1', 'camera2')
FEEDBACK = 'feedback'
JPEG = 100_000  # bytes
PERIOD = 0.005  # [s] of the control timer and the feedback
SENSOR = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
NAMES = [f'joint{number}' for number in range(14)]
ROW = array.array('d', [0.1] * len(NAMES))


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


def image(jpeg, count=0):
    """A stamped CompressedImage of these bytes."""
    msg = CompressedImage(format='jpeg', data=array.array('B', jpeg))
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
            publisher.publish(image(self._jpeg, self._number(topic)))

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
