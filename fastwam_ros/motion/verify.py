"""The last look at a command before it is published: finite, inside the limits, no leap.

Plans are made to keep these bounds. This looks at the numbers themselves, knowing no plan: it is
there for the mistake that nobody thought of.
"""

from math import isfinite

import numpy as np

from fastwam_ros.motion.limits import Array, Limits, State

_LEAVES = 1e-4  # [rad] farther outside of a position limit than before
# Ruckig meets its end states to about 1e-8 rad, which a third difference multiplies by eight.
_ROUNDING = 1e-7
# Of a command, the three before it and the middle: first to third difference, way off the middle.
_LOOKS = np.array(
    [
        [1.0, -1.0, 0.0, 0.0, 0.0],
        [1.0, -2.0, 1.0, 0.0, 0.0],
        [1.0, -3.0, 3.0, -1.0, 0.0],
        [1.0, 0.0, 0.0, 0.0, -1.0],
    ]
)


class Verify:
    """Compares each command with the ones before it. seconds: between two of them."""

    def __init__(self, limits: Limits, seconds: float) -> None:
        self._limits = limits
        bounds = np.stack([limits.velocity, limits.acceleration, limits.jerk])
        powers = np.arange(1, 4)[:, None]
        most = bounds * seconds**powers + _ROUNDING * 2.0**powers
        self._most = np.vstack([most, 0.5 * (limits.upper - limits.lower)])
        # The next command, the three before it, and the middle of the positions.
        self._rows, self._next = np.empty((2, 5, len(limits.names)))
        self._rows[4] = self._next[4] = 0.5 * (limits.lower + limits.upper)
        self.begin(np.zeros(len(limits.names)))

    def begin(self, q: Array) -> None:
        """The next command follows standing still at q [D]."""
        self._rows[:3] = q

    def wrong(self, state: State, openings: Array, stopping: bool = False) -> str:
        """Why this command must not be published, or ''; then it is the last one.

        stopping: the last resort, which may leave a position limit: a bounded stop a little
        outside is better than standing still from one command to the next.
        """
        rows = self._next
        rows[0], rows[1:4] = state.q, self._rows[:3]
        looked = np.abs(_LOOKS.dot(rows))
        kept = (looked <= self._most).all()  # not > : a NaN fails here too
        if not kept and (why := self._why(looked, stopping)):
            return why
        if not all(map(isfinite, openings.tolist())):
            return 'a gripper opening is not finite'
        self._rows, self._next = rows, self._rows
        return ''

    def _why(self, looked: Array, stopping: bool) -> str:
        if why := self._words(looked[:3] / self._most[:3]):
            return why
        now, before = self._limits.excess(self._next[:2])
        outside = now - before
        joint = int(outside.argmax())
        if stopping or outside[joint] <= _LEAVES:
            return ''
        return f'{self._limits.names[joint]} leaves its limits'

    def _words(self, shares: Array) -> str:
        """The lowest of the three that is broken, where it is broken most; '' where none is."""
        shares = np.nan_to_num(shares, nan=np.inf, posinf=np.inf)
        what = int((shares > 1.0).any(axis=1).argmax())
        joint = int(shares[what].argmax())
        share = shares[what, joint]
        if share <= 1.0:
            return ''
        much = f'{share:.2f} times the limit' if np.isfinite(share) else 'not finite'
        return f'{self._limits.names[joint]}: {("speed", "acceleration", "jerk")[what]} is {much}'
