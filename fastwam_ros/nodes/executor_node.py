#!/usr/bin/env python3
"""The executor as a ROS 2 node: the only publisher on motion_target.

Callbacks only hand numbers on; everything is decided in one loop that drains messages until the
next deadline and then ticks. It runs on the robot, in a process of its own, without torch.
With use_sim_time a period of /clock is a tick: while it stands, everything holds.
"""

import gc
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from rclpy.executors import SingleThreadedExecutor
from rclpy.publisher import Publisher
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool
from trajectory_msgs.msg import JointTrajectory

from fastwam_ros.loop.execution import UNWATCHED, Commands, Execution
from fastwam_ros.loop.training_range import MARGIN, training_range
from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.blend import BLENDS
from fastwam_ros.motion.limits import Trained
from fastwam_ros.motion.status import ACCEPTED, BRIDGES, SHADOW, Status
from fastwam_ros.motion.uncertainty import Thresholds
from fastwam_ros.msg import ActionChunk, ExecutorRequest, ExecutorState
from fastwam_ros.nodes import parameters, qos, topics
from fastwam_ros.nodes.diagnostics import Window
from fastwam_ros.nodes.messages import (
    joint_state,
    nanoseconds,
    stamp_in,
    state_message,
    to_chunk,
    trajectory_message,
)
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.parameters import SIM_TIME
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.nodes.ticker import ClockTicker, Tick, Ticker, moment
from fastwam_ros.nodes.timeline import Timeline
from fastwam_ros.robot.joints import JOINT_NAMES, SIDES, arm_joints
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, GRIPPER_FEEDBACK, GRIPPER_TARGET
from fastwam_ros.robot.tracker import FAST, TRACKERS

if TYPE_CHECKING:
    from fastwam_ros.motion.clearance import Clearance

_NAMES = {side: [joint.name for joint in arm_joints(side)] for side in SIDES}
# A target's velocity is the robot's tracking limit, not the plan's speed.
_SPEEDS = {side: [joint.velocity for joint in arm_joints(side)] for side in SIDES}
_SENT = 100  # ticks whose stamps are known as ours
_STATE_PERIOD = 100_000_000  # [ns]
_QUIET = 250_000  # [ns] before a tick in which no message is begun: most take less
_SWEEP = 200  # ticks from one collection of garbage to the next: right after one is most time left
_LOOK = 0.05  # [s] between looks for a signal while /clock stands
_ENDING = 1.5  # [s] from a signal to the end: half for the stop, the rest for the arms


@dataclass(frozen=True)
class Parameters:
    """rate [Hz] of commands; dry_run: all but motion_target is published; feedback_timeout [s].

    require_deadman: engage, run and takeover need fastwam/deadman held; bridge: how a plan meets a
    new chunk, as soon as the limits allow (fast) or with less jerk (smooth); blending: what is
    wanted where chunks disagree; tracker: the robot's own, beside which its motion is judged (fast
    is what its boot profile starts); speed: share of the speed limits, may be set while it runs;
    self_collision: keep plans clear of the robot itself; disagreement_slow, disagreement_hold: of
    chunks, from which on their plans are slowed, and ended (0: neither); bundle: folder with the
    policy's dataset_stats.json, outside of whose range, widened by training_margin of each joint's
    span, no chunk may lead ('': not looked at).
    """

    rate: float = parameters.within(200.0, 20.0, 1000.0, 'Hz')
    dry_run: bool = True
    require_deadman: bool = True
    feedback_timeout: float = parameters.within(0.1, 0.01, 2.0, 's')
    bridge: str = parameters.one_of(BRIDGES[0], BRIDGES)
    self_collision: bool = False
    disagreement_slow: float = parameters.within(0.0, 0.0, 1e9)
    disagreement_hold: float = parameters.within(0.0, 0.0, 1e9)
    tracker: str = parameters.one_of(FAST.name, (*TRACKERS, UNWATCHED))
    blending: str = parameters.one_of('newest', BLENDS)
    speed: float = parameters.within(1.0, 0.05, 1.0, 'of the limits')
    bundle: str = ''
    training_margin: float = parameters.within(MARGIN, 0.0, 10.0, 'of the span')


class ExecutorNode(FastWamNode[Parameters]):
    """Topics in and out of one Execution."""

    def __init__(self) -> None:
        super().__init__('executor', Parameters)
        self.simulated = self.get_parameter(SIM_TIME).value
        self._line = Timeline(*moment(time.monotonic_ns, self.now))
        self.execution = self._execution(epoch=time.time_ns() // 10**9)
        self._told: Status | None = None
        self._lateness, self._cost = Window(), Window()
        self._told_at = self._planned = 0
        self._sent: deque[int] = deque(maxlen=_SENT)
        self._listen()
        self._state = self.create_publisher(ExecutorState, topics.STATE, qos.LATCHED)
        self._trajectory = self.create_publisher(JointTrajectory, topics.TRAJECTORY, qos.NEWEST)
        if not self.settings.dry_run:
            self._arms = {s: self._command(ARM_TARGET[s]) for s in SIDES}
            self._grippers = {s: self._command(GRIPPER_TARGET[s]) for s in SIDES}
        mode = 'dry run: motion_target stays silent' if self.settings.dry_run else 'driving'
        clock = ' of /clock' if self.simulated else ''
        self.get_logger().info(f'executor at {self.settings.rate:g} Hz{clock}, {mode}')

    def own(self) -> int:
        """The executor's own time [ns]: it goes on when somebody sets the clock."""
        if self.simulated:
            return self.now()
        return self._line.own(*moment(time.monotonic_ns, self.now))

    def begin_anew(self, back: int) -> None:
        """Time went back by so many ns: DISARMED in a new epoch, as after a start."""
        self.execution = self._execution(self.execution.executor.status.epoch + 1)
        self._told, self._planned = None, 0
        self.get_logger().warning(f'/clock went back by {back / 1e9:.3f} s: disarmed, a new epoch')

    def _execution(self, epoch: int) -> Execution:
        own = vars(self.settings).copy()
        rate, speed = own.pop('rate'), own.pop('speed')
        doubt = Thresholds.given(own.pop('disagreement_slow'), own.pop('disagreement_hold'))
        near = _clearance() if own.pop('self_collision') else None
        trained = _trained(own.pop('bundle'), own.pop('training_margin'))
        execution = Execution(rate, epoch, doubt=doubt, clearance=near, trained=trained, **own)
        execution.executor.on_speed(self.own(), speed)
        return execution

    def apply(self, name: str, value: Any) -> str:
        """The speed may change while it runs."""
        if name != 'speed':
            return super().apply(name, value)
        self.execution.executor.on_speed(self.own(), value)
        self.get_logger().info(f'speed is {value:.0%} of the limits')
        return ''

    def tick(self, tick: Tick) -> None:
        """One period of the loop: command and tell."""
        begun, stamp = time.perf_counter_ns(), tick.stamp
        if not self.simulated:
            self._line.tick(*moment(time.monotonic_ns, self.now), tick.step)
        own = self._line.of(stamp)
        if tick.step:
            self.execution.executor.on_clock_step(own, tick.step)
        commands = self.execution.tick(own, tick.late)
        if tick.lateness is not None:
            self._lateness.add(tick.lateness / 1e3)
        self._cost.add((time.perf_counter_ns() - begun) / 1e3)
        if commands is not None and not self.settings.dry_run:
            self._publish(stamp, commands)
        status = self.execution.executor.status
        if tick.anew or status != self._told or stamp - self._told_at >= _STATE_PERIOD:
            self._tell(tick, status)
        if self.health.due(stamp):
            figures = self._lateness.take('lateness us') | self._cost.take('tick us')
            faulty = status.standing.mode in (Mode.FAULT, Mode.ESTOP)
            self.health.tell(stamp, status.reason if faulty else status.warning, figures)

    def _command(self, topic: str) -> Publisher:
        return self.create_publisher(JointState, topic, qos.NEWEST)

    def _listen(self) -> None:
        for side in SIDES:
            streams = (
                (JointState, ARM_FEEDBACK, self._on_arm, qos.SENSOR),
                (JointState, GRIPPER_FEEDBACK, self._on_gripper, qos.SENSOR),
                (JointState, topics.TELEOP_ARM, self._on_teleop_arm, qos.HAND),
                (JointState, topics.TELEOP_GRIPPER, self._on_teleop_gripper, qos.HAND),
            )
            for kind, names, callback, profile in streams:
                self.create_subscription(kind, names[side], partial(callback, side), profile)
        self.create_subscription(ActionChunk, topics.CHUNK, self._on_chunk, qos.NEWEST)
        self.create_subscription(ExecutorRequest, topics.REQUEST, self._on_request, qos.REQUESTS)
        for topic, switched in (
            (topics.TELEOP_ACTIVE, self._on_active),
            (topics.DEADMAN, self._on_deadman),
            (topics.ESTOP, self._on_estop),
        ):
            self.create_subscription(Bool, topic, switched, qos.NEWEST)
        if not (self.simulated and self.settings.dry_run):
            self._listen_to_others()

    def _listen_to_others(self) -> None:
        """Hear who else commands the arms: not in a replay, where listeners look like a robot."""
        for side in SIDES:
            for names, heard in (
                (ARM_TARGET, self._on_arm_target),
                (GRIPPER_TARGET, self._on_gripper_target),
            ):
                topic, ours_too = names[side], partial(heard, side)
                self.create_subscription(JointState, topic, ours_too, qos.TARGETS, raw=True)

    def _on_arm(self, side: str, message: JointState) -> None:
        readings = (message.position, message.velocity, message.effort)
        stamp = nanoseconds(message.header.stamp)
        self.execution.on_arm(self.own(), side, *readings, stamp)
        self.warn(self.execution.dropped)

    def _on_gripper(self, side: str, message: JointState) -> None:
        self.execution.on_gripper(self.own(), side, message.position)

    def _on_chunk(self, message: ActionChunk) -> None:
        verdict = self.execution.on_chunk(self.own(), to_chunk(message, self._line.of))
        if verdict.name not in (ACCEPTED, SHADOW):
            self.warn(f'chunk {message.epoch}/{message.sequence} refused: {verdict}')

    def _on_request(self, message: ExecutorRequest) -> None:
        answer = self.execution.on_request(self.own(), message.verb, message.id, message.requester)
        who = message.requester or 'somebody'
        self.get_logger().info(f'{who} requests {message.verb} ({message.id}): {answer}')

    def _on_active(self, message: Bool) -> None:
        self.execution.on_teleop_active(self.own(), message.data)

    def _on_deadman(self, message: Bool) -> None:
        self.execution.on_deadman(self.own(), message.data)

    def _on_estop(self, message: Bool) -> None:
        self.execution.on_estop(self.own(), message.data)

    def _on_arm_target(self, side: str, data: bytes) -> None:
        if theirs := self._foreign(data):
            self.execution.on_foreign_arm(self.own(), side, theirs.position)

    def _on_gripper_target(self, side: str, data: bytes) -> None:
        if theirs := self._foreign(data):
            self.execution.on_foreign_gripper(self.own(), side, theirs.position)

    def _foreign(self, data: bytes) -> JointState | None:
        """A command on the robot's own topics that is not ours, by its stamp.

        Most are ours, and those are not even decoded.
        """
        return None if stamp_in(data) in self._sent else deserialize_message(data, JointState)

    def _on_teleop_arm(self, side: str, message: JointState) -> None:
        self.warn(self.execution.on_teleop_arm(self.own(), message.name, message.position))

    def _on_teleop_gripper(self, side: str, message: JointState) -> None:
        if len(message.position) != 1:
            self.warn(
                f'teleop target of {side}_gripper has {len(message.position)} values, want 1'
            )
            return
        self.warn(self.execution.on_teleop_gripper(self.own(), side, message.position[0]))

    def _publish(self, stamp: int, commands: Commands) -> None:
        self._sent.append(stamp)
        for side in SIDES:
            if side in commands.arms:
                arm, speeds = commands.arms[side], _SPEEDS[side]
                self._arms[side].publish(joint_state(stamp, _NAMES[side], arm, speeds))
            grip = [commands.grippers[side]]
            self._grippers[side].publish(joint_state(stamp, [f'{side}_gripper'], grip))

    def _tell(self, tick: Tick, status: Status) -> None:
        told, self._told, self._told_at = self._told, status, tick.stamp
        dry_run = self.settings.dry_run
        message = state_message(tick.number, tick.stamp, self.execution, dry_run, self._line.ros)
        self._state.publish(message)
        force = status.in_force
        if force.first_tick and force.plan_id != self._planned:
            self._planned = force.plan_id
            first = self._line.ros(force.first_tick)
            self._trajectory.publish(trajectory_message(first, self.execution))
        if told is None or (told.standing, told.reason) != (status.standing, status.reason):
            self.get_logger().info(f'{status.standing}: {status.reason}')


def _clearance() -> 'Clearance':
    """Half a second of libraries, for who asks for it only."""
    from fastwam_ros.loop.surroundings import clearance

    return clearance()


def _trained(bundle: str, margin: float) -> Trained | None:
    """Where a bundle's chunks may lead, or None where none is given."""
    return training_range(bundle).widened(JOINT_NAMES, margin) if bundle else None


def run(node: ExecutorNode) -> None:
    """Drain and tick until a signal, then stop the arms and end."""
    signals = noted_signals()
    loop = SingleThreadedExecutor()
    loop.add_node(node)
    ticks = told_ticks(node, loop) if node.simulated else own_ticks(node, loop)
    ending: int | None = None
    gc.collect()
    gc.freeze()  # what exists now is never looked at again: that took 80 ms
    gc.disable()  # for cycles of what comes later the loop has a place of its own
    for tick in ticks:
        if signals and ending is None:
            ending = time.monotonic_ns()
            node.execution.executor.terminate()
        if tick is not None:
            node.tick(tick)
            if tick.number % _SWEEP == 0:
                gc.collect()
        if ending is not None:
            silent = node.execution.executor.silent
            if silent or time.monotonic_ns() - ending > _ENDING * 1e9:
                return
        if len(signals) > 1:
            return


def own_ticks(node: ExecutorNode, loop: SingleThreadedExecutor) -> Iterator[Tick]:
    """A tick per period of this machine's clock; messages are taken until shortly before each.

    One at least: a loop that cannot keep up still hears an e-stop.
    """
    ticker = Ticker(node.execution.executor.settings.period, time.monotonic_ns())
    while True:
        left = ticker.remaining(time.monotonic_ns())
        while True:
            loop.spin_once(timeout_sec=max(left - _QUIET, 0) / 1e9)
            left = ticker.remaining(time.monotonic_ns())
            if left <= _QUIET:
                break
        time.sleep(max(left, 0) / 1e9)
        yield ticker.tick(*moment(time.monotonic_ns, node.now))


def told_ticks(node: ExecutorNode, loop: SingleThreadedExecutor) -> Iterator[Tick | None]:
    """A tick per period of /clock, None where it stands: a signal is heard then too."""
    ticker = ClockTicker(node.execution.executor.settings.period)
    while True:
        loop.spin_once(timeout_sec=_LOOK)
        now = node.now()
        if back := ticker.back(now):
            node.begin_anew(back)
        yield None
        yield from ticker.due(now)


def main() -> None:
    """Drive until a signal."""
    with started('executor', ExecutorNode) as node:
        run(node)
        gc.enable()
        gc.unfreeze()


if __name__ == '__main__':
    main()
