#!/usr/bin/env python3
"""The policy as a ROS 2 node: cameras and joint feedback in, action chunks out.

Callbacks only cache. A worker thread picks the newest complete observation, infers and publishes;
a slow or failed inference costs that chunk and nothing else.
"""

import sys
import threading
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, JointState
from std_msgs.msg import String

from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.msg import ActionChunk, ExecutorState
from fastwam_ros.nodes import parameters, qos, topics
from fastwam_ros.nodes.diagnostics import Diagnostics, Window
from fastwam_ros.nodes.messages import from_chunk, nanoseconds
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, GRIPPER_FEEDBACK, IMAGES
from fastwam_ros.wam.policy import Policy

_STATE_TIMEOUT = 0.5  # [s] without the executor's state: nobody would take a chunk
_CAMERA_TIMEOUT = 1.0  # [s] without a picture before it is said


@dataclass(frozen=True)
class Parameters:
    """bundle: folder of the checkpoint; task: '' for its first one; threads of torch on a CPU.

    max_rate [Hz] of chunks, so that a fast model starves nobody; max_skew [s] between the pictures
    of one observation.
    """

    bundle: str
    task: str = ''
    threads: int = 1
    max_rate: float = 5.0
    max_skew: float = 0.05


class PolicyNode(Node):
    """Topics in and out of one Inference."""

    def __init__(self) -> None:
        super().__init__('policy', automatically_declare_parameters_from_overrides=True)
        given = parameters.read(self, Parameters)
        model = Policy.load(given.bundle, threads=given.threads)
        self.inference = Inference(model, given.max_skew, given.max_rate, given.task)
        self._lock = threading.Lock()  # guards the inference's caches, never held while it runs
        self._wake = threading.Event()
        self._ended = False
        self._diagnostics, self._durations = Diagnostics(self), Window()
        self._problem = ''
        self._state_at = time.monotonic()
        self._picture_at = dict.fromkeys(IMAGES, time.monotonic())
        self._chunks = self.create_publisher(ActionChunk, topics.CHUNK, qos.NEWEST)
        self._listen()
        self._worker = threading.Thread(target=self._work, name='inference')
        self._worker.start()
        self.get_logger().info(f'bundle {model.name}@{model.digest}: {self.inference.task!r}')

    def end(self) -> None:
        """Wait for the worker to finish what it does."""
        self._ended = True
        self._wake.set()
        self._worker.join()

    def _listen(self) -> None:
        for camera, topic in IMAGES.items():
            on_image = partial(self._on_image, camera)
            self.create_subscription(CompressedImage, topic, on_image, qos.SENSOR)
        for side in SIDES:
            for names, callback in (
                (ARM_FEEDBACK, self._on_arm),
                (GRIPPER_FEEDBACK, self._on_gripper),
            ):
                self.create_subscription(
                    JointState, names[side], partial(callback, side), qos.SENSOR
                )
        self.create_subscription(ExecutorState, topics.STATE, self._on_state, qos.LATCHED)
        self.create_subscription(String, topics.TASK, self._on_task, qos.LATCHED)

    def _on_image(self, camera: str, message: CompressedImage) -> None:
        stamp, data = nanoseconds(message.header.stamp), bytes(message.data)
        with self._lock:
            problem = self.inference.add_image(camera, stamp, data)
        self._picture_at[camera] = time.monotonic()
        self._warn(problem)
        self._wake.set()

    def _on_arm(self, side: str, message: JointState) -> None:
        position = np.asarray(message.position, np.float64)
        with self._lock:
            problem = self.inference.joints.add_arm(
                side, nanoseconds(message.header.stamp), position
            )
        self._warn(problem)

    def _on_gripper(self, side: str, message: JointState) -> None:
        if len(message.position) != 1:
            self._warn(f'{side} gripper feedback has {len(message.position)} values, want 1')
            return
        stamp, wire = nanoseconds(message.header.stamp), float(message.position[0])
        with self._lock:
            problem = self.inference.joints.add_gripper(side, stamp, wire)
        self._warn(problem)

    def _on_state(self, message: ExecutorState) -> None:
        self._state_at = time.monotonic()
        with self._lock:
            self.inference.set_authority(message.mode, message.epoch)

    def _on_task(self, message: String) -> None:
        with self._lock:
            problem = self.inference.set_task(message.data)
        self._warn(problem)

    def _work(self) -> None:
        while not self._ended:
            self._wake.wait(0.2)
            self._wake.clear()
            now = time.monotonic()
            self._look_after_cameras(now)
            self._tell()
            if now - self._state_at > _STATE_TIMEOUT:
                self._warn('no executor state: idle')
                continue
            with self._lock:
                job = self.inference.pick(time.monotonic_ns())
            if isinstance(job, Job):
                self._infer(job)
            elif job is not None:
                self._warn(job)

    def _infer(self, job: Job) -> None:
        begun = time.monotonic()
        try:
            chunk = self.inference.run(job)
        except (ValueError, RuntimeError) as error:
            self._warn(f'no chunk: {error}')
            return
        seconds = time.monotonic() - begun
        self._durations.add(1e3 * seconds)
        self._publish(replace(chunk, inference_time=seconds))

    def _publish(self, chunk: Chunk) -> None:
        if not self._ended:
            self._chunks.publish(from_chunk(chunk))

    def _look_after_cameras(self, now: float) -> None:
        for camera, at in self._picture_at.items():
            if now - at > _CAMERA_TIMEOUT:
                self._warn(f'{camera} camera sends nothing for {now - at:.1f} s: no new chunks')

    def _tell(self) -> None:
        now = self.get_clock().now().nanoseconds
        if self._diagnostics.due(now):
            problem, self._problem = self._problem, ''
            self._diagnostics.tell(now, problem, self._durations.take('inference ms'))

    def _warn(self, what: str) -> None:
        if what:
            self._problem = what
            self.get_logger().warning(what, throttle_duration_sec=1.0)


def main() -> None:
    """Start the node; a parameter or bundle that does not fit ends it with one line."""
    rclpy.init()
    try:
        node = PolicyNode()
    except (ValueError, OSError) as error:
        rclpy.try_shutdown()
        sys.exit(f'policy: {error}')
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        node.end()
        node.destroy_node()
        rclpy.try_shutdown()


if __name__ == '__main__':
    main()
