#!/usr/bin/env python3
"""Teleoperation by keyboard as a ROS 2 node: it needs a terminal of its own.

One loop waits for keys, hands on what was heard, and at every period speaks and draws. Whatever
ends the process ends its messages, and with them its hold on the arms.
"""

import math
import signal
import sys
import time
from dataclasses import dataclass
from functools import partial

from geometry_msgs.msg import TwistStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, String
from trajectory_msgs.msg import JointTrajectory

from fastwam_ros.loop.cruise import Cruise
from fastwam_ros.loop.jog import NAMES, SHARES, Jog
from fastwam_ros.loop.keyboard import Keyboard, Readings, Told
from fastwam_ros.loop.keyboard_screen import lines
from fastwam_ros.loop.keys import ARMS
from fastwam_ros.motion.authority import Mode
from fastwam_ros.msg import ExecutorRequest, ExecutorState
from fastwam_ros.nodes import parameters, qos, terminal
from fastwam_ros.nodes.messages import joint_state, nanoseconds, twist
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.nodes.terminal import GoneError, NoTerminalError, Terminal
from fastwam_ros.robot import topics
from fastwam_ros.robot.carriers import CARRIERS
from fastwam_ros.robot.joints import ARM_NAMES, ARM_PARTS, ARM_SIZE, SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, GRIPPER_FEEDBACK, GRIPPER_TARGET
from fastwam_ros.robot.units import opening

_PERIOD = 0.02  # [s] of targets and of the screen
_SWITCH = 0.1  # [s] between the switch's messages
_CALLBACKS = 64  # at most, in one period: a flood of messages must not keep keys waiting
_OWN = 'start it in a terminal of its own, not from a launch file: ros2 run fastwam_ros teleop'


@dataclass(frozen=True)
class Parameters:
    """Of keyboard teleoperation: how far a key leads, and when it lets go."""

    speed: float = parameters.within(
        0.1, SHARES[0], SHARES[-1], 'of the limits', 'at the start; keys change it'
    )
    arm: str = parameters.one_of('left', ARMS, 'which arm keys lead at the start')
    press: float = parameters.within(0.12, 0.02, 0.5, 's', 'of motion per press of a key')
    idle: float = parameters.within(
        30.0, 0.1, 3600.0, 's', 'without a key until the switch is released'
    )


def keyboard(settings: Parameters, now: float, first_id: int) -> Keyboard:
    """The keyboard that the parameters ask for."""
    jog = Jog(settings.speed, settings.press)
    jog.choose(settings.arm)
    return Keyboard(jog, Cruise(settings.press), now, first_id, settings.idle)


class TeleopNode(FastWamNode[Parameters]):
    """Topics in and out of one Keyboard."""

    def __init__(self) -> None:
        super().__init__('teleop', Parameters)
        first_id = self.now() // 10**6 % 2**31
        self.keyboard = keyboard(self.settings, time.monotonic(), first_id)
        self._loop = SingleThreadedExecutor()
        self._loop.add_node(self)
        self._heard = 0
        self._said: tuple[float, bool | None] = (0.0, None)
        self._requests = self.create_publisher(ExecutorRequest, topics.REQUEST, qos.REQUESTS)
        self._marks = self.create_publisher(String, topics.MARKER, qos.REQUESTS)
        self._switch = self.create_publisher(Bool, topics.TELEOP_ACTIVE, qos.NEWEST)
        self._arms = {s: self._stream(topics.TELEOP_ARM[s]) for s in SIDES}
        self._grippers = {s: self._stream(topics.TELEOP_GRIPPER[s]) for s in SIDES}
        self._carriers = {
            c.name: self.create_publisher(TwistStamped, c.asked, qos.HAND) for c in CARRIERS
        }
        self._listen()

    def destroy_node(self) -> None:
        """Its loop first: one that outlives ROS complains at the end."""
        self._loop.shutdown()
        super().destroy_node()

    def _stream(self, topic: str) -> Publisher:
        return self.create_publisher(JointState, topic, qos.HAND)

    def _listen(self) -> None:
        self.create_subscription(ExecutorState, topics.STATE, self._on_state, qos.LATCHED)
        self.create_subscription(JointTrajectory, topics.TRAJECTORY, self._on_plan, qos.NEWEST)
        for side in SIDES:
            streams = (
                (ARM_FEEDBACK, self._on_arm),
                (GRIPPER_FEEDBACK, self._on_gripper),
                (GRIPPER_TARGET, self._on_grip_command),
            )
            for names, callback in streams:
                # Only the newest matters, once per period: the rest is never even decoded.
                self.create_subscription(
                    JointState, names[side], partial(callback, side), qos.HAND
                )

    def listen(self, seconds: float = 0.0) -> None:
        """Take what arrived; wait at most so long for the first of it."""
        for _ in range(_CALLBACKS):
            heard = self._heard
            self._loop.spin_once(timeout_sec=seconds)
            if self._heard == heard:
                return
            seconds = 0.0

    def tick(self, now: float) -> None:
        """One period at `now` [s, monotonic]."""
        keyboard = self.keyboard
        keyboard.tick(now)
        for ask in keyboard.requests():
            message = ExecutorRequest(verb=ask.verb, id=ask.number, requester='keyboard')
            self._requests.publish(message)
        for word in keyboard.marks():
            self._mark(word)
        at, said = self._said
        switch = keyboard.switch(now)
        if switch is not None and (switch != said or now - at >= _SWITCH):
            self._switch.publish(Bool(data=switch))
            self._said = (now, switch)
        if keyboard.jog.driving:
            self._drive()
            self._ride(now)

    def _mark(self, word: str) -> None:
        if not self._marks.get_subscription_count():
            self.keyboard.notice = f'{word} is not marked: nobody records it'
        self._marks.publish(String(data=word))

    def let_go(self) -> None:
        """Say that the switch is released, until the executor says so too or for long enough."""
        keyboard = self.keyboard
        keyboard.let_go(time.monotonic(), 'released')
        while keyboard.switch(time.monotonic()) is not None:
            self.tick(time.monotonic())
            self.listen(_PERIOD)
            if keyboard.told is None or keyboard.told.mode != Mode.TELEOP.value:
                return

    def _drive(self) -> None:
        stamp, targets = self.now(), self.keyboard.jog.targets.tolist()
        for number, (side, arm) in enumerate(ARM_PARTS.items()):
            self._arms[side].publish(joint_state(stamp, NAMES[arm], targets[arm]))
            grip = len(ARM_NAMES) + number
            if not math.isnan(targets[grip]):
                message = joint_state(stamp, [NAMES[grip]], [targets[grip]])
                self._grippers[side].publish(message)

    def _ride(self, now: float) -> None:
        for name, speeds in self.keyboard.cruise.speeds(now).items():
            publisher = self._carriers[name]
            if not publisher.get_subscription_count():
                self.keyboard.notice = f'the {name} stays: the executor has {name}:=false'
            publisher.publish(twist(self.now(), speeds))

    def _on_state(self, message: ExecutorState) -> None:
        self._heard += 1
        told = Told(
            mode=message.mode,
            next_mode=message.next_mode,
            source=message.source,
            reason=message.reason,
            pending=message.pending,
            dry_run=message.dry_run,
            answered=message.request_id,
            answer=message.request_answer,
            held_back=tuple(message.held_back),
            time_scale=message.time_scale,
            first_tick=nanoseconds(message.plan_first_tick),
        )
        self.keyboard.on_state(time.monotonic(), told)

    def _on_plan(self, message: JointTrajectory) -> None:
        self._heard += 1
        if message.points:
            names, end = message.joint_names, message.points[-1].positions
            self.keyboard.on_plan(nanoseconds(message.header.stamp), names, end)

    def _on_arm(self, side: str, message: JointState) -> None:
        self._heard += 1
        names = [name for name in ARM_NAMES if name.startswith(side)]
        if len(message.position) >= ARM_SIZE:
            values = message.position[:ARM_SIZE]
            self.keyboard.measured.take(time.monotonic(), names, values)

    def _on_gripper(self, side: str, message: JointState) -> None:
        self._heard += 1
        self._grip(self.keyboard.measured, side, message)

    def _on_grip_command(self, side: str, message: JointState) -> None:
        self._heard += 1
        self._grip(self.keyboard.commanded, side, message)

    def _grip(self, readings: Readings, side: str, message: JointState) -> None:
        if len(message.position) == 1:
            metres = opening(message.position[0])
            readings.take(time.monotonic(), [f'{side}_gripper'], [metres])


def run(node: TeleopNode, screen: Terminal) -> None:
    """Keys to targets until the person quits, a signal comes or the terminal goes away."""
    signals = noted_signals(signal.SIGHUP, signal.SIGQUIT)
    due = time.monotonic()
    while not signals and not node.keyboard.over:
        due = max(due + _PERIOD, time.monotonic())
        while (left := due - time.monotonic()) > 0.0:
            if key := screen.key(left):
                node.keyboard.press(time.monotonic(), key)
        node.listen()
        now = time.monotonic()
        node.tick(now)
        node.tell_health()
        screen.show(lines(node.keyboard, now, *screen.size))


def drive(node: TeleopNode) -> str:
    """Drive by the terminal of this process; returns why there is none, or ''."""
    try:
        with terminal.opened() as screen:
            try:
                run(node, screen)
            except GoneError:
                pass  # as if the person had quit
            finally:
                node.let_go()
    except NoTerminalError as error:
        return str(error)
    return ''


def main() -> None:
    """Drive until the person quits."""
    with started('teleop', TeleopNode) as node:
        wrong = drive(node)
    if wrong:
        sys.exit(f'teleop: {wrong}: {_OWN}')


if __name__ == '__main__':
    main()
