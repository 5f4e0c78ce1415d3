#!/usr/bin/env python3
"""The executor as a ROS 2 node: the only publisher on motion_target.

Callbacks only hand numbers on; everything is decided in one loop that drains messages until the
next deadline and then ticks. It runs on the robot, in a process of its own, without torch.
With use_sim_time a period of /clock is a tick: while it stands, everything holds.
"""

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from fastwam_ros.loop.condition import Condition
from fastwam_ros.loop.execution import LIMITS, UNWATCHED, Commands, Execution, reachable
from fastwam_ros.loop.training_range import training_range
from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.limits import Trained
from fastwam_ros.motion.status import Status
from fastwam_ros.motion.uncertainty import Thresholds
from fastwam_ros.msg import ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.carriers import Carriers
from fastwam_ros.nodes.diagnostics import Window
from fastwam_ros.nodes.executor_parameters import Parameters
from fastwam_ros.nodes.hdas import Hdas
from fastwam_ros.nodes.hearing import Hearing
from fastwam_ros.nodes.messages import joint_state, state_message, trajectory_message
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.parameters import SIM_TIME
from fastwam_ros.nodes.pulse import run
from fastwam_ros.nodes.realtime import Grant, claim
from fastwam_ros.nodes.start import started
from fastwam_ros.nodes.ticker import Punctuality, Tick, moment
from fastwam_ros.nodes.timeline import Timeline
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import JOINT_NAMES, NAMES_OF, SIDES, SPEEDS_OF
from fastwam_ros.robot.measured import measured_reach, measured_tracker
from fastwam_ros.robot.topics import ARM_TARGET, GRIPPER_TARGET

if TYPE_CHECKING:
    from fastwam_ros.motion.clearance import Clearance

_SENT = 100  # ticks whose stamps are known as ours
_STATE_PERIOD = 100_000_000  # [ns]
# Parameters that are not the execution's.
_OTHERS = (
    *('realtime_priority', 'battery_least', 'remote'),
    *('torso', 'chassis', 'chassis_message'),
)


class ExecutorNode(FastWamNode[Parameters]):
    """Topics in and out of one Execution."""

    def __init__(self) -> None:
        super().__init__('executor', Parameters)
        self.simulated = self.get_parameter(SIM_TIME).value
        self.line = Timeline(*moment(time.monotonic_ns, self.now))
        self.condition = Condition(self.settings.battery_least, self.settings.remote)
        self.execution = self._execution(epoch=time.time_ns() // 10**9)
        self._told: Status | None = None
        self._lateness, self._cost, self._punctual = Window(), Window(), Punctuality()
        self.grant = Grant()
        self._told_at = self._planned = 0
        self.sent: deque[int] = deque(maxlen=_SENT)  # stamps of our newest commands
        self._hearing, self._hdas = Hearing(self), Hdas(self)
        self.carriers = Carriers(self)
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
        return self.line.own(*moment(time.monotonic_ns, self.now))

    @property
    def looks_for_others(self) -> bool:
        """Whether commands of others are listened to: a replay's listeners look like a robot."""
        return not (self.simulated and self.settings.dry_run)

    def begin_anew(self, back: int) -> None:
        """Time went back by so many ns: DISARMED in a new epoch, as after a start."""
        self.execution = self._execution(self.execution.executor.status.epoch + 1)
        self._told, self._planned = None, 0
        self.get_logger().warning(f'/clock went back by {back / 1e9:.3f} s: disarmed, a new epoch')

    def _execution(self, epoch: int) -> Execution:
        own = vars(self.settings).copy()
        rate, speed = own.pop('rate'), own.pop('speed')
        for name in _OTHERS:
            del own[name]
        doubt = Thresholds.given(own.pop('disagreement_slow'), own.pop('disagreement_hold'))
        near = _clearance() if own.pop('self_collision') else None
        trained = _trained(own.pop('bundle'), own.pop('training_margin'))
        if file := own.pop('measured'):
            own |= self._measured(file, own['tracker'])
        own |= {'doubt': doubt, 'clearance': near, 'trained': trained}
        execution = Execution(rate, epoch, self.condition, **own)
        execution.executor.on_speed(self.own(), speed)
        return execution

    def _measured(self, file: str, tracker: str) -> dict[str, Any]:
        """Settings by a unit's own figures: no faster than it follows, watched as it does."""
        own, limits = measured_tracker(file), reachable(measured_reach(file))
        if limits.stop_time > LIMITS.stop_time:
            what = f'a stop takes {limits.stop_time:.2f} s, not {LIMITS.stop_time:.2f}'
            self.get_logger().info(f'limits are those that {file} says are followed: {what}')
        return {'limits': limits, 'tracker': UNWATCHED if tracker == UNWATCHED else own}

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
            self.line.tick(*moment(time.monotonic_ns, self.now), tick.step)
        own = self.line.of(stamp)
        if tick.step:
            self.execution.executor.on_clock_step(own, tick.step)
        commands = self.execution.tick(own, tick.late)
        self._punctual.add(tick)
        if tick.lateness is not None:
            self._lateness.add(tick.lateness / 1e3)
        self._cost.add((time.perf_counter_ns() - begun) / 1e3)
        if commands is not None and not self.settings.dry_run:
            self._publish(stamp, commands)
        status = self.execution.executor.status
        self.carriers.tick(stamp, own, status.standing.mode)
        if tick.anew or status != self._told or stamp - self._told_at >= _STATE_PERIOD:
            self._tell(tick, status)
        if self.health.due(stamp):
            self._report(stamp, status)

    def claim(self) -> None:
        """Ask for real-time, and say what was given."""
        if not self.settings.realtime_priority:
            return
        self.grant = claim(self.settings.realtime_priority)
        self.get_logger().info(f'real-time: {self.grant}')
        if self.grant.refused:
            self.get_logger().warning(self.grant.refused)

    def _report(self, stamp: int, status: Status) -> None:
        figures: dict[str, object] = {'real-time': str(self.grant), **self._punctual.figures()}
        figures |= self._hdas.figures() | self.carriers.figures()
        figures |= self._lateness.take('lateness us') | self._cost.take('tick us')
        faulty = status.standing.mode in (Mode.FAULT, Mode.ESTOP)
        wrong = status.warning or self.condition.blocking(self.own())
        self.health.tell(stamp, status.reason if faulty else wrong, figures)

    def _command(self, topic: str) -> Publisher:
        return self.create_publisher(JointState, topic, qos.NEWEST)

    def _publish(self, stamp: int, commands: Commands) -> None:
        self.sent.append(stamp)
        for side in SIDES:
            if side in commands.arms:
                arm, speeds = commands.arms[side], SPEEDS_OF[side]
                self._arms[side].publish(joint_state(stamp, NAMES_OF[side], arm, speeds))
            grip = [commands.grippers[side]]
            self._grippers[side].publish(joint_state(stamp, [f'{side}_gripper'], grip))

    def _tell(self, tick: Tick, status: Status) -> None:
        told, self._told, self._told_at = self._told, status, tick.stamp
        dry_run = self.settings.dry_run
        message = state_message(tick.number, tick.stamp, self.execution, dry_run, self.line.ros)
        self._state.publish(message)
        force = status.in_force
        if force.first_tick and force.plan_id != self._planned:
            self._planned = force.plan_id
            first = self.line.ros(force.first_tick)
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


def main() -> None:
    """Drive until a signal."""
    with started('executor', ExecutorNode) as node:
        run(node)


if __name__ == '__main__':
    main()
