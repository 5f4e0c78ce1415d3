"""One robot's side of a policy: its cameras and joint feedback in, action chunks for it out.

Callbacks only cache. A worker thread picks the newest complete observation, infers and publishes;
a slow or failed inference costs that chunk and nothing else. A camera that sees nothing costs all
chunks until it sees again: it is told once, and with the health for as long as it lasts. Silence
is judged on the monotonic clock, and on /clock where that is the time: a bag that is paused is not
silent.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.loop.model import Model
from fastwam_ros.loop.silence import Silence
from fastwam_ros.loop.synchroniser import Frame
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.msg import ActionChunk, ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.bridge import through_cv_bridge
from fastwam_ros.nodes.cameras import Cameras
from fastwam_ros.nodes.diagnostics import Window
from fastwam_ros.nodes.instructions import Encoder, Instructions
from fastwam_ros.nodes.messages import from_chunk, nanoseconds
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.plans import Plans
from fastwam_ros.nodes.policy_parameters import Parameters
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, GRIPPER_FEEDBACK
from fastwam_ros.wam.prefix import OFF

_STATE_TIMEOUT = 0.5  # [s] without the executor's state: nobody would take a chunk
_STATE = 'state'
_OFTEN = 1.0  # [s] between two words on what cameras see, at least: one may flicker


def infer_until_signal(node: FastWamNode, sides: Sequence['RobotSide']) -> None:
    """Take what comes for the node's sides; then wait for what they do."""
    signals, loop = noted_signals(), SingleThreadedExecutor()
    loop.add_node(node)
    try:
        while not signals:
            loop.spin_once(timeout_sec=0.1)
    finally:
        for side in sides:
            side.end()


class RobotSide:
    """Topics in and out of one Inference, relative to a namespace of the node's own."""

    def __init__(
        self, node: FastWamNode, given: Parameters, model: Model, namespace: str = ''
    ) -> None:
        """Begins to listen and to infer. Raises ValueError for a model or task that do not fit."""
        self._node, self.namespace = node, namespace
        self._simulated = node.get_parameter('use_sim_time').value
        self._lock = threading.Lock()  # guards the inference's caches, never held while it runs
        self._plans = None if given.rtc == OFF else Plans(node, self._lock, self._name)
        self.inference = Inference(
            model,
            given.max_skew,
            given.max_rate,
            given.task,
            given.always,
            given.frame_interval,
            self._plans.committed if self._plans is not None else None,
            through_cv_bridge,
        )
        encoder = Encoder(given.bundle, given.encoder, given.tokenizer)
        self._instructions = Instructions(self.inference, encoder, self._tell, self._warn)
        self._wake = threading.Event()
        self._ended = False
        self._durations, self._bound = Window(), 0  # rows that the last chunk was committed to
        patience = math.inf if given.always else _STATE_TIMEOUT
        self._executor = Silence((_STATE,), patience)
        self._blind, self._told = ('', ''), 0.0  # camera and fact that were told, and when
        self._chunks = node.create_publisher(ActionChunk, self._name(topics.CHUNK), qos.NEWEST)
        self._listen(given)
        self._worker = threading.Thread(target=self._work, name=f'inference {namespace}'.strip())
        self._worker.start()

    def end(self) -> None:
        """Wait for the worker to finish what it does."""
        self._ended = True
        self._instructions.end()
        self._wake.set()
        self._worker.join()

    def seconds(self) -> float:
        """The time that silence is judged on; 0 before the first /clock."""
        return self._node.now() / 1e9 if self._simulated else time.monotonic()

    def _name(self, topic: str) -> str:
        return f'{self.namespace}/{topic}' if self.namespace else topic

    def _words(self, what: str) -> str:
        return f'{self.namespace}: {what}' if self.namespace else what

    def _tell(self, what: str) -> None:
        self._node.get_logger().info(self._words(what))

    def _warn(self, what: str) -> None:
        self._node.warn(self._words(what) if what else '')

    def _listen(self, given: Parameters) -> None:
        sensors = qos.LOSSLESS if given.lossless else qos.GATHERED
        self._cameras = Cameras(
            self._node,
            given.image_topics(),
            self._name,
            given.lossless,
            self.seconds,
            self._on_image,
            self._tell,
        )
        for side in SIDES:
            self._hear(JointState, ARM_FEEDBACK[side], partial(self._on_arm, side), sensors)
            on_gripper = partial(self._on_gripper, side)
            self._hear(JointState, GRIPPER_FEEDBACK[side], on_gripper, sensors)
        self._hear(ExecutorState, topics.STATE, self._on_state, qos.LATCHED)
        self._hear(String, topics.TASK, self._on_task, qos.LATCHED)

    def _hear(
        self, kind: type, topic: str, callback: Callable[[Any], None], how: QoSProfile
    ) -> None:
        self._node.create_subscription(kind, self._name(topic), callback, how)

    def _on_image(self, camera: str, frame: Frame) -> None:
        with self._lock:
            problem = self.inference.add_image(camera, frame.stamp, frame.data, frame.layout)
        self._warn(problem)
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
            self._warn(f'{side} gripper feedback has {len(message.position)} values, want 1')
            return
        stamp, wire = nanoseconds(message.header.stamp), float(message.position[0])
        with self._lock:
            problem = self.inference.joints.add_gripper(side, stamp, wire)
        self._after_reading(problem)

    def _after_reading(self, problem: str) -> None:
        self._warn(problem)
        if self.inference.waiting:
            self._wake.set()

    def _on_state(self, message: ExecutorState) -> None:
        self._executor.heard(_STATE, self.seconds())
        with self._lock:
            self.inference.set_authority(message.mode, message.epoch)
            if self._plans is not None:
                self._plans.take(message)

    def _on_task(self, message: String) -> None:
        self._instructions.take(message.data)  # may take a while: no lock

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
            self._node.tell_health(self.figures)
            if self._heard_all(now):
                self._pick()

    def figures(self) -> dict[str, object]:
        """What the health tells of it since the last look."""
        bound = {} if self._plans is None else {'committed rows': self._bound}
        return {**bound, **self._durations.take('inference ms')}

    def _begin_anew(self, back: float) -> None:
        with self._lock:
            self.inference.clear()
        what = f'time went back by {back:.3f} s: pictures and readings dropped'
        self._node.get_logger().warning(self._words(what))

    def _tell_blind(self, now: float) -> None:
        """Say which camera sees nothing when that changes; the health tells it while it lasts."""
        found = self.inference.blind
        if found is not None and found.camera in dict(self._cameras.overdue(now)):
            return  # it sends nothing at all by now, which is told
        if found is not None:
            self._node.note(self._words(f'no new chunks: {found.words}'))
        what = (found.camera, found.fact) if found is not None else ('', '')
        if what == self._blind or 0.0 <= now - self._told < _OFTEN:
            return
        if found is not None:
            self._node.get_logger().warning(self._words(f'no new chunks: {found.words}'))
        elif self.inference.looks:
            self._tell(f'{self._blind[0]} camera sees again: chunks go on')
        else:
            return  # it may still be so: nobody looks
        self._blind, self._told = what, now

    def _heard_all(self, now: float) -> bool:
        """Whether somebody is there to take a chunk; says which cameras are not."""
        if not now:
            self._node.get_logger().info('waits for /clock', throttle_duration_sec=10.0)
            return False
        for camera, silent in self._cameras.overdue(now):
            self._warn(f'{camera} camera sends nothing for {silent:.1f} s: no new chunks')
        for _ in self._executor.overdue(now):
            self._warn('no executor state: idle')
            return False
        return True

    def _pick(self) -> None:
        with self._lock:
            job = self.inference.pick()
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
        if changed := self.inference.changed:
            self._node.get_logger().warning(self._words(changed))
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
