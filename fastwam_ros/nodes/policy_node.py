#!/usr/bin/env python3
"""The policy as a ROS 2 node: cameras and joint feedback in, action chunks out.

Callbacks only cache. A worker thread picks the newest complete observation, infers and publishes;
a slow or failed inference costs that chunk and nothing else. A camera that sees nothing costs all
chunks until it sees again: it is told once, and with the health for as long as it lasts. Silence
is judged on the monotonic clock, and on /clock where that is the time: a bag that is paused is not
silent.
"""

import math
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, JointState
from std_msgs.msg import String

from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.loop.silence import Silence
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.msg import ActionChunk, ExecutorState
from fastwam_ros.nodes import parameters, qos, topics
from fastwam_ros.nodes.diagnostics import Window
from fastwam_ros.nodes.messages import from_chunk, nanoseconds
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.plans import Plans
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, GRIPPER_FEEDBACK, IMAGES
from fastwam_ros.wam.policy import CPU, Policy
from fastwam_ros.wam.prefix import METHODS, OFF

_STATE_TIMEOUT = 0.5  # [s] without the executor's state: nobody would take a chunk
_STATE = 'state'
_CAMERA_TIMEOUT = 1.0  # [s] without a picture before it is said
_OFTEN = 1.0  # [s] between two words on what cameras see, at least: one may flicker


@dataclass(frozen=True)
class Parameters:
    """bundle: folder of the checkpoint; task: '' for its first one; threads of torch on a CPU.

    device: torch's name of it; seeds: samples per chunk, whose spread is its disagreement.
    max_rate [Hz] of chunks, so that a fast model starves nobody; max_skew [s] between the pictures
    of one observation; frame_interval [s]: least time between two pictures of one camera. always:
    infer in whatever mode the executor is, and without one; lossless: ask the publishers of
    cameras and feedback for what was lost, which a recording's player gives and a robot does not.
    rtc: whether a chunk is led to begin with what the arms are committed to (real-time chunking),
    and with which Jacobian.
    """

    bundle: str
    task: str = ''
    threads: int = parameters.within(1, 1, 256)
    device: str = CPU
    seeds: int = parameters.within(1, 1, 64)
    max_rate: float = parameters.within(5.0, 0.001, 1000.0, 'Hz')
    max_skew: float = parameters.within(0.05, 0.0, 1.0, 's')
    frame_interval: float = parameters.within(0.02, 0.0, 1.0, 's')
    always: bool = False
    lossless: bool = False
    rtc: str = parameters.one_of(OFF, METHODS)


class PolicyNode(FastWamNode[Parameters]):
    """Topics in and out of one Inference."""

    def __init__(self) -> None:
        super().__init__('policy', Parameters)
        given = self.settings
        self._simulated = self.get_parameter('use_sim_time').value
        leads: dict[str, Any] = {} if given.rtc == OFF else {'jacobian': given.rtc}
        model = Policy.load(given.bundle, given.threads, given.device, given.seeds, **leads)
        self._lock = threading.Lock()  # guards the inference's caches, never held while it runs
        self._plans = Plans(self, self._lock) if leads else None
        self.inference = Inference(
            model,
            given.max_skew,
            given.max_rate,
            given.task,
            given.always,
            given.frame_interval,
            self._plans.committed if self._plans is not None else None,
        )
        self._wake = threading.Event()
        self._ended = False
        self._durations, self._bound = Window(), 0  # rows that the last chunk was committed to
        self._cameras = Silence(IMAGES, _CAMERA_TIMEOUT)
        patience = math.inf if given.always else _STATE_TIMEOUT
        self._executor = Silence((_STATE,), patience)
        self._blind, self._told = ('', ''), 0.0  # camera and fact that were told, and when
        self._chunks = self.create_publisher(ActionChunk, topics.CHUNK, qos.NEWEST)
        self._listen(qos.LOSSLESS if given.lossless else qos.GATHERED)
        self._worker = threading.Thread(target=self._work, name='inference')
        self._worker.start()
        self.get_logger().info(f'bundle {model.name}@{model.digest}: {self.inference.task!r}')

    def end(self) -> None:
        """Wait for the worker to finish what it does."""
        self._ended = True
        self._wake.set()
        self._worker.join()

    def seconds(self) -> float:
        """The time that silence is judged on; 0 before the first /clock."""
        return self.now() / 1e9 if self._simulated else time.monotonic()

    def _listen(self, sensors: QoSProfile) -> None:
        for camera, topic in IMAGES.items():
            on_image = partial(self._on_image, camera)
            self.create_subscription(CompressedImage, topic, on_image, sensors)
        for side in SIDES:
            for names, callback in (
                (ARM_FEEDBACK, self._on_arm),
                (GRIPPER_FEEDBACK, self._on_gripper),
            ):
                self.create_subscription(JointState, names[side], partial(callback, side), sensors)
        self.create_subscription(ExecutorState, topics.STATE, self._on_state, qos.LATCHED)
        self.create_subscription(String, topics.TASK, self._on_task, qos.LATCHED)

    def _on_image(self, camera: str, message: CompressedImage) -> None:
        stamp, data = nanoseconds(message.header.stamp), bytes(message.data)
        with self._lock:
            problem = self.inference.add_image(camera, stamp, data)
        self._cameras.heard(camera, self.seconds())
        self.warn(problem)
        self._wake.set()

    def _on_arm(self, side: str, message: JointState) -> None:
        position = np.asarray(message.position, np.float64)
        with self._lock:
            problem = self.inference.joints.add_arm(
                side, nanoseconds(message.header.stamp), position
            )
        self._after_reading(problem)

    def _on_gripper(self, side: str, message: JointState) -> None:
        if len(message.position) != 1:
            self.warn(f'{side} gripper feedback has {len(message.position)} values, want 1')
            return
        stamp, wire = nanoseconds(message.header.stamp), float(message.position[0])
        with self._lock:
            problem = self.inference.joints.add_gripper(side, stamp, wire)
        self._after_reading(problem)

    def _after_reading(self, problem: str) -> None:
        self.warn(problem)
        if self.inference.waiting:
            self._wake.set()

    def _on_state(self, message: ExecutorState) -> None:
        self._executor.heard(_STATE, self.seconds())
        with self._lock:
            self.inference.set_authority(message.mode, message.epoch)
            if self._plans is not None:
                self._plans.take(message)

    def _on_task(self, message: String) -> None:
        self.warn(self.inference.set_task(message.data))  # may take a while: no lock

    def _work(self) -> None:
        last = 0.0
        while not self._ended:
            self._wake.wait(0.2)
            self._wake.clear()
            now = self.seconds()
            if now < last:
                self._begin_anew(last - now)
            last = now
            self._tell_blind(now)
            self.tell_health(self._figures)
            if self._heard_all(now):
                self._pick()

    def _figures(self) -> dict[str, object]:
        bound = {} if self._plans is None else {'committed rows': self._bound}
        return {**bound, **self._durations.take('inference ms')}

    def _begin_anew(self, back: float) -> None:
        with self._lock:
            self.inference.clear()
        self.get_logger().warning(f'time went back by {back:.3f} s: pictures and readings dropped')

    def _tell_blind(self, now: float) -> None:
        """Say which camera sees nothing when that changes; the health tells it while it lasts."""
        found = self.inference.blind
        if found is not None and found.camera in dict(self._cameras.overdue(now)):
            return  # it sends nothing at all by now, which is told
        if found is not None:
            self._problem = f'no new chunks: {found.words}'
        what = (found.camera, found.fact) if found is not None else ('', '')
        if what == self._blind or 0.0 <= now - self._told < _OFTEN:
            return
        if found is not None:
            self.get_logger().warning(f'no new chunks: {found.words}')
        elif self.inference.looks:
            self.get_logger().info(f'{self._blind[0]} camera sees again: chunks go on')
        else:
            return  # it may still be so: nobody looks
        self._blind, self._told = what, now

    def _heard_all(self, now: float) -> bool:
        """Whether somebody is there to take a chunk; says which cameras are not."""
        if not now:
            self.get_logger().info('waits for /clock', throttle_duration_sec=10.0)
            return False
        for camera, silent in self._cameras.overdue(now):
            self.warn(f'{camera} camera sends nothing for {silent:.1f} s: no new chunks')
        for _ in self._executor.overdue(now):
            self.warn('no executor state: idle')
            return False
        return True

    def _pick(self) -> None:
        with self._lock:
            job = self.inference.pick()
        if isinstance(job, Job):
            self._infer(job)
        elif job is not None:
            self.warn(job)

    def _infer(self, job: Job) -> None:
        begun = time.monotonic()
        try:
            chunk = self.inference.run(job)
        except (ValueError, RuntimeError) as error:
            self.warn(f'no chunk: {error}')
            return
        if chunk is None:
            return
        seconds = time.monotonic() - begun
        self._durations.add(1e3 * seconds)
        self._bound = 0 if job.prefix is None else job.prefix.committed
        if not self._ended:
            self._publish(replace(chunk, inference_time=seconds))

    def _publish(self, chunk: Chunk) -> None:
        if self._plans is not None:
            self._plans.publishes(chunk)
        self._chunks.publish(from_chunk(chunk))
        if self._plans is not None:
            self._plans.wait(chunk)


def main() -> None:
    """Infer until a signal."""
    with started('policy', PolicyNode) as node:
        signals, loop = noted_signals(), SingleThreadedExecutor()
        loop.add_node(node)
        try:
            while not signals:
                loop.spin_once(timeout_sec=0.1)
        finally:
            node.end()


if __name__ == '__main__':
    main()
