"""The last look at a command before it is published: finite, inside the limits, no leap.

Plans are made to keep these bounds. This looks at the numbers themselves, knowing no plan: it is
there for the mistake that nobody thought of.
"""

import numpy as np

from fastwam_ros.motion.limits import Array, Limits, State

_LEAVES = 1e-4  # [rad] farther outside of a position limit than before
# Ruckig meets its end states to about 1e-8 rad, which a third difference multiplies by eight.
_ROUNDING = 1e-7


class Verify:
    """Compares each command with the ones before it. seconds: between two of them."""

    def __init__(self, limits: Limits, seconds: float) -> None:
        self._limits = limits
        self._bounds = tuple(
            bound * seconds**n + _ROUNDING * 2**n
            for n, bound in enumerate((limits.velocity, limits.acceleration, limits.jerk), 1)
        )
        self.begin(np.zeros(len(limits.names)))

    def begin(self, q: Array) -> None:
        """The next command follows standing still at q [D]."""
        self._last, self._steps = q, (np.zeros_like(q), np.zeros_like(q))

    def wrong(self, state: State, openings: Array) -> str:
        """Why this command must not be published, or ''; then it is the last one."""
        q = state.q
        step = q - self._last
        second = step - self._steps[0]
        third = second - self._steps[1]
        for values, most, what in zip(
            (step, second, third), self._bounds, ('speed', 'acceleration', 'jerk'), strict=True
        ):
            if not (np.abs(values) <= most).all():  # not > : a NaN fails here too
                return self._words(values / most, what)
        if not np.isfinite(openings).all():
            return 'a gripper opening is not finite'
        if (q < self._limits.lower).any() or (q > self._limits.upper).any():
            outside = self._limits.excess(q) - self._limits.excess(self._last)
            if outside.max() > _LEAVES:
                return f'{self._limits.names[int(outside.argmax())]} leaves its limits'
        self._last, self._steps = q, (step, second)
        return ''

    def _words(self, shares: Array, what: str) -> str:
        joint = int(np.nan_to_num(np.abs(shares), nan=np.inf).argmax())
        share = abs(shares[joint])
        much = f'{share:.2f} times the limit' if np.isfinite(share) else 'not finite'
        return f'{self._limits.names[joint]}: {what} is {much}'
