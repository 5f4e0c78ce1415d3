"""Joint targets that a person moves by presses of keys.

A terminal tells presses, never a key let go. So a press is good for a moment of motion at the
chosen speed and a repeat before its end continues it: a held key moves at exactly that speed
whatever the rate of its repeats, and the target stands still a moment after the last one. Presses
never add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastwam_ros.loop.keys import GRIPPER
from fastwam_ros.motion.limits import Array
from fastwam_ros.robot.joints import (
    ARM_SIZE,
    ARMS,
    GRIPPER_NAMES,
    GRIPPER_OPENING,
    GRIPPER_SPEED,
    SIDES,
)
from fastwam_ros.robot.kinematics import CONNECTIONS

NAMES: tuple[str, ...] = (*(joint.name for joint in ARMS), *GRIPPER_NAMES)
SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)  # of a joint's speed limit
AHEAD = 0.35  # [s] at the chosen speed that a target may be ahead of its joint: what the follower
# and the robot's tracker need at full speed is 0.3 s
SLACK = 0.05  # [rad] beside it, for an arm that hangs below its command
LIMIT, WAITS = 'limit', 'waits'

_JOINTS, _SIZE = len(ARMS), len(NAMES)
_LOWER = np.array([*(j.lower for j in ARMS), *(0.0 for _ in SIDES)])
_UPPER = np.array([*(j.upper for j in ARMS), *(GRIPPER_OPENING for _ in SIDES)])
_SPEED = np.array([*(j.velocity for j in ARMS), *(GRIPPER_SPEED for _ in SIDES)])
_AXES = {c.name: c.axis for c in CONNECTIONS}
# Of two mirrored arms only the joints that turn about y turn alike (robot frame, y to the left).
MIRROR = tuple(1 if abs(_AXES[joint.name][1]) == 1.0 else -1 for joint in ARMS[:ARM_SIZE])


@dataclass(frozen=True)
class _Motion:
    """What a press began: a direction from one instant until another [s]."""

    sign: int
    since: float
    until: float


class Jog:
    """Targets of all joints [rad] and grippers [m of opening], in the order of NAMES.

    `targets` is NaN where nothing is commanded: a gripper keeps the command that it has until a
    key moves it. `held` says what keeps a target from moving: 'limit' or 'waits' (for the arm).
    """

    def __init__(self, share: float, press: float) -> None:
        """share: of the speed limits, 0 to 1; press: seconds that a press is good for."""
        self.share, self.arm = share, 'left'
        self._press = press
        self.targets = np.full(_SIZE, np.nan)
        self.held: dict[int, str] = {}
        self._base = self.targets.copy()
        self._motions: dict[int, _Motion] = {}
        self._at = 0.0

    @property
    def driving(self) -> bool:
        """Whether there are targets."""
        return bool(np.isfinite(self.targets[:_JOINTS]).all())

    def begin(self, now: float, arms: Array, openings: Array) -> None:
        """Take targets at arms [12] and, for grippers once moved, openings [2]."""
        self.stop()
        self._at = now
        self._base = np.clip([*arms, *openings], _LOWER, _UPPER)
        self.targets = self._base.copy()
        self.targets[_JOINTS:] = np.nan

    def end(self) -> None:
        """Command nothing any more."""
        self.stop()
        self.targets = np.full(_SIZE, np.nan)

    def stop(self) -> None:
        """Targets stay where they are."""
        self._motions.clear()
        self.held.clear()

    def choose(self, arm: str) -> None:
        """The arm that presses move from now on."""
        self.stop()
        self.arm = arm

    def scale(self, up: bool) -> None:
        """The next higher or lower share of the speed limits, if there is one."""
        if up:
            self.share = min((s for s in SHARES if s > self.share + 1e-9), default=self.share)
        else:
            self.share = max((s for s in SHARES if s < self.share - 1e-9), default=self.share)

    def press(self, now: float, axis: int, sign: int) -> None:
        """A key for an axis (0-5; 6: the gripper) and a direction (+1, -1) was pressed."""
        for index, turn in self._chosen(axis):
            motion = self._motions.get(index)
            goes_on = motion is not None and motion.sign == sign * turn and now <= motion.until
            since = motion.since if goes_on and motion is not None else now
            self._motions[index] = _Motion(sign * turn, since, now + self._press)
            if np.isnan(self.targets[index]):
                self.targets[index] = self._base[index]

    def advance(self, now: float, measured: Array) -> None:
        """Move the targets to `now` [s], given all readings [14].

        A joint without a reading (NaN) waits for one.
        """
        self.held.clear()
        for index, motion in list(self._motions.items()):
            seconds = min(now, motion.until) - max(motion.since, self._at)
            self._move(index, motion.sign, max(seconds, 0.0), float(measured[index]))
            if now >= motion.until:
                del self._motions[index]
        self._at = now

    def at_limit(self) -> tuple[str, ...]:
        """Names of the joints whose targets are on a position limit."""
        edge = np.isclose(self.targets, _LOWER) | np.isclose(self.targets, _UPPER)
        return tuple(name for name, on in zip(NAMES, edge, strict=True) if on)

    def _chosen(self, axis: int) -> Sequence[tuple[int, int]]:
        """Indices that an axis moves, and the sign of each."""
        sides = SIDES if self.arm == 'both' else (self.arm,)
        numbers = [SIDES.index(side) for side in sides]
        if axis == GRIPPER:
            return [(_JOINTS + number, 1) for number in numbers]
        turn = MIRROR[axis] if self.arm == 'both' else 1
        return [(n * ARM_SIZE + axis, turn if n else 1) for n in numbers]

    def _move(self, index: int, sign: int, seconds: float, measured: float) -> None:
        now, speed = float(self.targets[index]), self.share * float(_SPEED[index])
        edge = float(_UPPER[index] if sign > 0 else _LOWER[index])
        # A gripper that holds something never arrives: it has no lead to keep.
        lead = AHEAD * speed + SLACK
        ahead = sign * measured + lead if index < _JOINTS else np.inf
        wanted = sign * now + speed * seconds
        bound = min(sign * edge, ahead) if not np.isnan(ahead) else sign * now
        reached = max(min(wanted, bound), sign * now)
        self.targets[index] = sign * reached
        if reached < wanted - 1e-9:
            self.held[index] = LIMIT if bound == sign * edge else WAITS
