"""The execution side of the loop: the robot's messages as numbers in, its commands out.

Joins the robot's streams to the executor: which topic is which joints, wire units to ours and
back, what a sound reading looks like. It imports no torch: the process that streams commands
starts without it, and no GPU call can hold its interpreter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastwam_ros.loop.condition import Condition
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.freeze import Possible
from fastwam_ros.motion.gripper import Grippers
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns, frozen
from fastwam_ros.motion.status import Measured, Setpoint, Settings, Verdict
from fastwam_ros.motion.tracking import Response
from fastwam_ros.robot.joints import (
    ARM_PARTS,
    ARM_SIZE,
    ARMS,
    GRIPPER_NAMES,
    GRIPPER_OPENING,
    GRIPPER_SPEED,
    ROBOT,
    SIDES,
    arm_joints,
)
from fastwam_ros.robot.topics import ARM_TARGET, GRIPPER_TARGET
from fastwam_ros.robot.tracker import FAST, TRACKERS, TrackerModel
from fastwam_ros.robot.units import GRIPPER_READING_MAX, GRIPPER_READING_MIN, opening, wire_gripper

LIMITS = Limits.of(ARMS)
UNWATCHED = 'off'  # in place of a tracker's name: whether the arms follow is not judged
_INDEX = {name: i for i, name in enumerate(LIMITS.names)}


def settings(rate: float, tracker: str | TrackerModel = FAST.name, **changes: Any) -> Settings:
    """An R1 Lite's executor settings at a tick rate [Hz], with other fields as given.

    tracker: the robot's own by name or as it was measured, beside which its motion is judged, or
    UNWATCHED; efforts are judged beside their ratings.
    """
    rated = frozen(joint.effort for joint in ARMS)
    own = _named(tracker)
    response = Response.of(LIMITS, own) if own is not None else None
    watched: dict[str, Any] = {'response': response, 'rated': rated}
    watched['stream_timeout'] = (own or FAST).stream_timeout
    grippers = Grippers(GRIPPER_NAMES, GRIPPER_OPENING, GRIPPER_SPEED)
    given = {'limits': LIMITS, **watched, **changes}
    return Settings(ROBOT, grippers=grippers, period=round(SECOND / rate), **given)


def reachable(reach: Mapping[str, Sequence[float]]) -> Limits:
    """Our limits, or where they are lower what each joint of an arm [6] can follow.

    reach: by velocity and acceleration, inf where that is not known.
    """
    size = len(LIMITS.names)
    own: dict[str, Any] = {
        name: frozen(np.minimum(getattr(LIMITS, name), np.resize(figures, size)))
        for name, figures in reach.items()
    }
    return replace(LIMITS, **own)


def _named(tracker: str | TrackerModel) -> TrackerModel | None:
    if isinstance(tracker, TrackerModel):
        return tracker
    return None if tracker == UNWATCHED else TRACKERS[tracker]


@dataclass(frozen=True)
class Commands:
    """What one tick publishes, by side: arm positions [6] in rad, gripper in wire units 0..100.

    arms is empty where the arms' stream has ended and the grippers' goes on.
    """

    now: Ns
    arms: dict[str, list[float]]
    grippers: dict[str, float]


class Execution:
    """The executor of one R1 Lite."""

    def __init__(
        self, rate: float, epoch: int, condition: Condition | None = None, **changes: Any
    ) -> None:
        """rate: ticks per second; epoch: first authority epoch, e.g. the start time in seconds.

        condition: what the robot says of itself, where it does. changes: fields of the executor's
        settings.
        """
        own = Condition() if condition is None else condition
        self.executor = Executor(settings(rate, **changes), epoch, own.blocking)
        size = len(ARMS)
        self._q, self._v, self._effort = np.zeros(size), np.zeros(size), np.full(size, np.nan)
        self._openings = np.zeros(len(SIDES))
        self._possible = {side: possible(side) for side in SIDES}
        self._seen: dict[str, Ns] = {}
        self._broken: dict[str, str] = {}
        self._news = False  # readings came since the last tick

    # What the robot says

    def on_arm(
        self,
        now: Ns,
        side: str,
        position: Sequence[float],
        velocity: Sequence[float],
        effort: Sequence[float] = (),
        stamp: Ns = 0,
    ) -> None:
        """One arm's feedback: 6 positions [rad], or 7 of an older firmware: with its gripper.

        velocity [rad/s] and effort [Nm] are as long or empty; an effort that is none counts as
        not reported. stamp: the robot's own, 0 where it gives none. A reading of a place where no
        joint can be, or can have got to, counts as none: more of them are silence.
        """
        stream, part = f'feedback_arm_{side}', ARM_PARTS[side]
        q, v = np.asarray(position, np.float64), np.asarray(velocity, np.float64)
        if len(q) not in (ARM_SIZE, ARM_SIZE + 1):
            return self._reject(now, stream, f'has {len(q)} positions, want 6 or 7')
        if len(v) and len(v) != len(q):
            return self._reject(now, stream, f'has {len(v)} velocities for {len(q)} positions')
        if not (np.isfinite(q).all() and np.isfinite(v).all()):
            return self._reject(now, stream, 'is not finite')
        self.executor.alarms.repeats.take(now, stream, stamp, position)
        if self._possible[side].take(now, q[:ARM_SIZE].tolist()):
            return None
        self._q[part] = q[:ARM_SIZE]
        self._v[part] = v[:ARM_SIZE] if len(v) else 0.0
        self._effort[part] = effort[:ARM_SIZE] if len(effort) == len(q) else np.nan
        return self._accept(now, stream)

    def on_gripper(self, now: Ns, side: str, position: Sequence[float]) -> None:
        """One gripper's feedback: wire units, 0 closed to 100 open, up to about 102."""
        stream = f'feedback_gripper_{side}'
        if len(position) != 1:
            return self._reject(now, stream, f'has {len(position)} positions, want 1')
        if not GRIPPER_READING_MIN <= position[0] <= GRIPPER_READING_MAX:  # nor is a NaN
            return self._reject(now, stream, f'reads {position[0]}, want 0 to 100')
        self._openings[SIDES.index(side)] = opening(position[0])
        return self._accept(now, stream)

    def on_foreign_arm(self, now: Ns, side: str, position: Sequence[float]) -> None:
        """Somebody else's arm target on the robot's own topic."""
        q = np.full(len(ARMS), np.nan)
        if len(position) == ARM_SIZE:
            q[ARM_PARTS[side]] = position
        self.executor.on_foreign(now, ARM_TARGET[side], q, np.full(len(SIDES), np.nan))

    def on_foreign_gripper(self, now: Ns, side: str, position: Sequence[float]) -> None:
        """Somebody else's gripper target on the robot's own topic: wire units."""
        openings = np.full(len(SIDES), np.nan)
        if len(position) == 1:
            openings[SIDES.index(side)] = opening(position[0])
        self.executor.on_foreign(now, GRIPPER_TARGET[side], np.full(len(ARMS), np.nan), openings)

    # What people and the policy say

    def on_request(self, now: Ns, verb: str, request: int, requester: str) -> str:
        """See Executor.on_request."""
        return self.executor.on_request(now, verb, request, requester)

    def on_chunk(self, now: Ns, chunk: Chunk) -> Verdict:
        """See Executor.on_chunk."""
        return self.executor.on_chunk(now, chunk)

    def on_estop(self, now: Ns, pressed: bool) -> None:
        """See Executor.on_estop."""
        self.executor.on_estop(now, pressed)

    def on_deadman(self, now: Ns, held: bool) -> None:
        """See Executor.on_deadman."""
        self.executor.on_deadman(now, held)

    def on_teleop_active(self, now: Ns, active: bool) -> None:
        """See Executor.on_teleop_active."""
        self.executor.on_teleop_active(now, active)

    def on_teleop_arm(self, now: Ns, names: Sequence[str], positions: Sequence[float]) -> str:
        """A person's joint positions [rad] by name; returns why they were refused, or ''."""
        unknown = sorted(set(names) - set(_INDEX))
        if unknown:
            return f'teleop names {unknown} are not arm joints of this robot: {sorted(_INDEX)}'
        if len(names) != len(positions) or not np.isfinite(positions).all():
            return f'teleop has {len(positions)} positions for {len(names)} names, or a NaN'
        hand = np.full(len(ARMS), np.nan)
        hand[[_INDEX[name] for name in names]] = positions
        self.executor.on_teleop_target(now, hand, np.full(len(SIDES), np.nan))
        return ''

    def on_teleop_gripper(self, now: Ns, side: str, metres: float) -> str:
        """A person's gripper opening [m]; returns why it was refused, or ''."""
        if not np.isfinite(metres):
            return f'teleop opening of {side}_gripper is {metres}'
        grip = np.full(len(SIDES), np.nan)
        grip[SIDES.index(side)] = metres
        self.executor.on_teleop_target(now, np.full(len(ARMS), np.nan), grip)
        return ''

    # The tick

    @property
    def dropped(self) -> str:
        """Why the newest reading of an arm was dropped, or ''."""
        return next((each.why for each in self._possible.values() if each.why), '')

    def tick(self, now: Ns, late: bool = False) -> Commands | None:
        """The commands of this tick, or None where nothing may be published."""
        if self._news and len(self._seen) == 2 * len(SIDES):
            self.executor.on_measured(self._measured())
            self._news = False
        setpoint = self.executor.tick(now, late)
        return None if setpoint is None else _commands(setpoint)

    def _measured(self) -> Measured:
        broken = next((why for why in self._broken.values() if why), '')
        oldest = min(self._seen.values())
        q, v, openings = self._q.copy(), self._v.copy(), self._openings.copy()
        return Measured(oldest, q, v, openings, broken, self._effort.copy())

    def _reject(self, now: Ns, stream: str, why: str) -> None:
        self._broken[stream], self._seen[stream], self._news = f'{stream} {why}', now, True

    def _accept(self, now: Ns, stream: str) -> None:
        self._broken[stream], self._seen[stream], self._news = '', now, True


def possible(side: str) -> Possible:
    """What one arm's readings can be: within its limits, no faster than its drives or tracker."""
    speeds = (min(joint.actuator_speed, FAST.velocity[0]) for joint in arm_joints(side))
    return Possible(Limits.of(arm_joints(side)), frozen(speeds))


def _commands(setpoint: Setpoint) -> Commands:
    arms = {}
    if setpoint.state is not None:
        q = setpoint.state.q.tolist()
        arms = {side: q[part] for side, part in ARM_PARTS.items()}
    openings = setpoint.openings.tolist()
    grips = {side: wire_gripper(openings[i]) for i, side in enumerate(SIDES)}
    return Commands(setpoint.now, arms, grips)


def chunk_of(
    positions: Sequence[float], names: Sequence[str], **fields: float | int | str
) -> Chunk:
    """A chunk from flat row-major positions; a length that does not fit is left to the guard."""
    flat: Array = np.asarray(positions, np.float64)
    if names and len(flat) % len(names) == 0:
        flat = flat.reshape(-1, len(names))
    base = Chunk(stamp=0, step=0.0, offset=0.0, names=tuple(names), positions=flat)
    return replace(base, **fields)  # type: ignore[arg-type]
