"""A drill on the wire: teleoperation topics out, commands, readings and pictures in.

It speaks as any source of a person's motion does; what the arms are commanded is the executor's
part. Whatever ends the process ends its messages, and with them its hold on the arms.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import CompressedImage, JointState
from std_msgs.msg import Bool

from fastwam_ros.loop.drill import Acts, Drill, Seen
from fastwam_ros.loop.film import Film
from fastwam_ros.loop.identification import Heard
from fastwam_ros.loop.pictures import glimpse
from fastwam_ros.loop.traces import Trace
from fastwam_ros.msg import ExecutorRequest, ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.echo import Clock
from fastwam_ros.nodes.messages import joint_state, nanoseconds
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.ticker import moment
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_NAMES, ARM_PARTS, ARM_SIZE, SIDES
from fastwam_ros.robot.topics import (
    ARM_FEEDBACK,
    ARM_TARGET,
    CAMERAS,
    GRIPPER_FEEDBACK,
    IMAGES,
    OLDER_IMAGES,
)

_PERIOD = 0.02  # [s] of targets
_SWITCH = 0.1  # [s] between the switch's messages
_TELLING = 0.5  # [s] for which a switch that is let go is said to be so
_WAIT = 5.0  # [s] for the executor and the arms to be heard


class Moves:
    """The topics of one drill; heard: everything that was commanded and read."""

    def __init__(self, node: FastWamNode, cut: bool) -> None:
        """cut: an e-stop belongs to it; otherwise there is no publisher of one."""
        self._node = node
        sent, read, grips = ({side: Trace() for side in SIDES} for _ in range(3))
        films = {camera: Film() for camera in CAMERAS}
        self.heard = Heard(sent, read, grips, films, self._wall())
        self._arms = np.full(len(ARM_NAMES), np.nan)
        self._state: ExecutorState | None = None
        self._told = self._switched = time.monotonic()
        self._said: bool | None = None
        self._next_id = time.time_ns() // 10**6 % 2**31
        make = node.create_publisher
        self._requests = make(ExecutorRequest, topics.REQUEST, qos.REQUESTS)
        self._clock = Clock(node, self._number)
        self._switch = make(Bool, topics.TELEOP_ACTIVE, qos.NEWEST)
        self._hands = {s: make(JointState, topics.TELEOP_ARM[s], qos.HAND) for s in SIDES}
        self._estop = make(Bool, topics.ESTOP, qos.NEWEST) if cut else None
        self._loop = SingleThreadedExecutor()
        self._loop.add_node(node)
        self._listen()

    def _listen(self) -> None:
        hear = self._node.create_subscription
        hear(ExecutorState, topics.STATE, self._on_state, qos.LATCHED)
        for side in SIDES:
            on_grip = partial(self._keep, self.heard.grippers[side])
            on_command = partial(self._keep, self.heard.commanded[side])
            hear(JointState, ARM_FEEDBACK[side], partial(self._on_arm, side), qos.GATHERED)
            hear(JointState, GRIPPER_FEEDBACK[side], on_grip, qos.GATHERED)
            hear(JointState, ARM_TARGET[side], on_command, qos.GATHERED)

    def _watch(self) -> None:
        """Not before the person agreed: pictures of that time would wait here by the hundred."""
        hear = self._node.create_subscription
        for camera, topic in (*IMAGES.items(), *OLDER_IMAGES.items()):
            hear(CompressedImage, topic, partial(self._on_picture, camera), qos.GATHERED)

    def ready(self) -> str:
        """Wait for the executor and the arms; why nothing can be moved, or ''."""
        end = time.monotonic() + _WAIT
        while time.monotonic() < end and (self._state is None or np.isnan(self._arms).any()):
            self._loop.spin_once(timeout_sec=_PERIOD)
        if self._state is None:
            return 'no executor is there: start it, engage it'
        if self._state.dry_run:
            return 'the executor is in dry run: it moves nothing'
        if self._state.mode != 'HOLD':
            return f'the executor is in {self._state.mode}, want HOLD: engage it first'
        return 'no feedback of the arms' if np.isnan(self._arms).any() else ''

    def run(self, drill: Drill, signals: Sequence[int]) -> None:
        """Until the drill is done or a signal comes; then let go."""
        self._watch()
        executor = self._clock.ask(lambda left: self._loop.spin_once(timeout_sec=left))
        self.heard = replace(self.heard, executor=executor)
        doing, due = '', time.monotonic()
        while not drill.done:
            due = self._until(due)
            if signals:
                drill.stop('a signal ended it')
            self._say(drill.tick(self._seen()))
            if drill.doing != doing:
                doing = drill.doing
                self._node.get_logger().info(doing)
        released = time.monotonic()
        while time.monotonic() - released < _TELLING:
            due = self._until(due)
            self._say(Acts(active=False))

    def _until(self, due: float) -> float:
        """Take what comes for a period; when the next one ends."""
        due = max(due + _PERIOD, time.monotonic())
        while (left := due - time.monotonic()) > 0.0:
            self._loop.spin_once(timeout_sec=left)
        return due

    def _seen(self) -> Seen:
        state = self._state
        mode, reason = (state.mode, state.reason) if state is not None else ('', '')
        return Seen(time.monotonic(), mode, reason, self._told, self._arms.copy())

    def _say(self, acts: Acts) -> None:
        now = time.monotonic()
        if acts.request:
            asked = ExecutorRequest(verb=acts.request, id=self._number(), requester='check')
            self._requests.publish(asked)
        if acts.active is not None and (
            acts.active != self._said or now - self._switched >= _SWITCH
        ):
            self._switch.publish(Bool(data=acts.active))
            self._said, self._switched = acts.active, now
        if acts.estop is not None and self._estop is not None:
            self._estop.publish(Bool(data=acts.estop))
        if acts.targets is not None:
            self._lead(acts.targets.tolist())

    def _lead(self, targets: list[float]) -> None:
        stamp = self._node.now()
        for side, part in ARM_PARTS.items():
            self._hands[side].publish(joint_state(stamp, ARM_NAMES[part], targets[part]))

    def _number(self) -> int:
        self._next_id += 1
        return self._next_id

    def _wall(self) -> float:
        """By how much [s] the clock that stamps are read on is ahead of the monotonic one."""
        before, told = moment(time.monotonic_ns, self._node.now)
        return (told - before) / 1e9

    def _on_state(self, message: ExecutorState) -> None:
        self._state, self._told = message, time.monotonic()
        self._clock.hear(message)

    def _on_picture(self, camera: str, message: CompressedImage) -> None:
        arrived, stamp = time.monotonic(), nanoseconds(message.header.stamp)
        try:
            self.heard.films[camera].take(arrived, stamp, glimpse(camera, bytes(message.data)))
        except ValueError as error:
            self._node.get_logger().warning(str(error), throttle_duration_sec=5.0)

    def _on_arm(self, side: str, message: JointState) -> None:
        if len(message.position) < ARM_SIZE:
            return
        self._arms[ARM_PARTS[side]] = message.position[:ARM_SIZE]
        self._keep(self.heard.measured[side], message)

    def _keep(self, trace: Trace, message: JointState) -> None:
        stamp = nanoseconds(message.header.stamp) / 1e9
        trace.take(time.monotonic(), stamp, tuple(message.position[:ARM_SIZE]))
