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


class Verify:
    """Compares each command with the ones before it. seconds: between two of them."""

    def __init__(self, limits: Limits, seconds: float) -> None:
        self._limits = limits
        bounds = np.stack([limits.velocity, limits.acceleration, limits.jerk])
        self._middle = 0.5 * (limits.lower + limits.upper)
        self._half = 0.5 * (limits.upper - limits.lower)
        powers = np.arange(1, 4)[:, None]
        self._most = bounds * seconds**powers + _ROUNDING * 2.0**powers
        self.begin(np.zeros(len(limits.names)))

    def begin(self, q: Array) -> None:
        """The next command follows standing still at q [D]."""
        self._last, self._steps = q, np.zeros((3, len(q)))

    def wrong(self, state: State, openings: Array, stopping: bool = False) -> str:
        """Why this command must not be published, or ''; then it is the last one.

        stopping: the last resort, which may leave a position limit: a bounded stop a little
        outside is better than standing still from one command to the next.
        """
        q, before = state.q, self._steps
        steps = np.empty_like(before)  # first to third difference
        np.subtract(q, self._last, out=steps[0])
        np.subtract(steps[0], before[0], out=steps[1])
        np.subtract(steps[1], before[1], out=steps[2])
        if not (np.abs(steps) <= self._most).all():  # not > : a NaN fails here too
            return self._words(steps / self._most)
        if not all(map(isfinite, openings.tolist())):
            return 'a gripper opening is not finite'
        if not stopping and not (np.abs(q - self._middle) <= self._half).all():
            outside = self._limits.excess(q) - self._limits.excess(self._last)
            if outside.max() > _LEAVES:
                return f'{self._limits.names[int(outside.argmax())]} leaves its limits'
        self._last, self._steps = q, steps
        return ''

    def _words(self, shares: Array) -> str:
        """The lowest of the three that is broken, where it is broken most."""
        shares = np.nan_to_num(np.abs(shares), nan=np.inf, posinf=np.inf)
        what = int((shares > 1.0).any(axis=1).argmax())
        joint = int(shares[what].argmax())
        share = shares[what, joint]
        much = f'{share:.2f} times the limit' if np.isfinite(share) else 'not finite'
        return f'{self._limits.names[joint]}: {("speed", "acceleration", "jerk")[what]} is {much}'
