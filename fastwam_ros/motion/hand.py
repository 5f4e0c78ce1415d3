"""A person's joint positions to goals of the arms: as the hand moves, or where the hand is.

Both take positions as they come and keep the newest goal. They know no time: how a goal moves is
`heading`, how it is followed `follow`.
"""

import numpy as np

from fastwam_ros.motion.limits import Array, Limits

NEAR = 0.05  # [rad] from its hand at which a joint has arrived there
APPROACH = 0.2  # share of the speed limits at which it goes there


class Clutch:
    """Goals that move as the hand moves, from where the arms already are.

    A joint's offset is fixed when its first position arrives: the hand may be anywhere then. A
    hand that goes on beyond a limit drags its offset along, as a mouse does at the edge of a
    screen: when it turns back the arm turns with it, and nothing has to be made up for.
    """

    approaching = False

    def __init__(self, start: Array, limits: Limits | None = None) -> None:
        """start: the arms [D], inside the limits; without limits nothing is dragged."""
        self.goal = start.copy()
        self._limits = limits
        self._offset = np.full_like(start, np.nan)

    def move(self, positions: Array) -> Array:
        """Take positions [D], NaN where the person commands nothing; their goals likewise."""
        given = np.isfinite(positions)
        goals = positions + self._offset
        fresh = np.isnan(goals) & given
        if fresh.any():
            self._offset[fresh] = self.goal[fresh] - positions[fresh]
            goals = positions + self._offset
        if self._limits is not None:
            inside = self._limits.clamp(goals)
            self._offset += np.where(given, inside - goals, 0.0)
            goals = inside
        np.copyto(self.goal, goals, where=given)
        return goals

    def share(self, q: Array) -> float:
        """The share of the speed limits at which joints that are at q [D] are moved."""
        return 1.0


class Absolute:
    """Goals where the hand is: a leader arm that looks as the arms do.

    While any joint is farther than NEAR from its hand all of them are moved at APPROACH of the
    speed limits. Once they have arrived they are moved at full limits, until one is farther from
    its hand than it needs to stop, and NEAR: the hand jumped, or is too fast to be followed.
    """

    def __init__(self, start: Array, limits: Limits) -> None:
        """start: the arms [D], which are the goals until the hand says otherwise."""
        self.goal = start.copy()
        self.approaching = False
        self._limits = limits
        self._told = np.zeros(len(start), np.bool_)
        speed, accel = limits.velocity, limits.acceleration
        self._stray = NEAR + 0.5 * speed * (speed / accel + accel / limits.jerk)

    def move(self, positions: Array) -> Array:
        """Take positions [D], NaN where the person commands nothing; their goals likewise."""
        given = np.isfinite(positions)
        self.approaching = self.approaching or bool((given & ~self._told).any())
        self._told |= given
        goals = self._limits.clamp(np.where(given, positions, np.nan))
        self.goal[given] = goals[given]
        return goals

    def share(self, q: Array) -> float:
        """The share of the speed limits at which joints that are at q [D] are moved."""
        bound = NEAR if self.approaching else self._stray
        self.approaching = bool((np.abs(self.goal - q) > bound).any())
        return APPROACH if self.approaching else 1.0
