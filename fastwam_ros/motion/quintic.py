"""Bridges of polynomials: one of fifth degree per joint, where it keeps the limits.

Its jerk is continuous, where the shortest motion switches between its bounds. Coefficients are
those of the two-point boundary value problem in position, velocity and acceleration.
"""

from dataclasses import dataclass

import numpy as np

from fastwam_ros.motion.limits import Array, Limits, Mask, State
from fastwam_ros.motion.plan import Jerks

_LOOKS = 33  # instants at which speed and acceleration are checked


@dataclass(frozen=True)
class Quintic:
    """Motion by coefficients [6, D] of powers of the seconds since its start, lowest first."""

    coefficients: Array
    duration: float

    def at(self, u: float) -> State:
        x = min(u, self.duration)
        x2, x3, x4 = x * x, x**3, x**4
        powers = (
            (1.0, x, x2, x3, x4, x4 * x),
            (0.0, 1.0, 2.0 * x, 3.0 * x2, 4.0 * x3, 5.0 * x4),
            (0.0, 0.0, 2.0, 6.0 * x, 12.0 * x2, 20.0 * x3),
        )
        return State(*np.array(powers).dot(self.coefficients))

    def over(self, us: Array) -> State:
        x, c = np.clip(us, 0.0, self.duration)[:, None], self.coefficients
        q = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * c[5]))))
        v = c[1] + x * (2.0 * c[2] + x * (3.0 * c[3] + x * (4.0 * c[4] + 5.0 * x * c[5])))
        a = 2.0 * c[2] + x * (6.0 * c[3] + x * (12.0 * c[4] + 20.0 * x * c[5]))
        return State(q, v, a)

    def inside(self, bounds: Limits, state: State) -> Mask:
        """Which joints [D] keep the bounds, and the positions as far as `state` does."""
        q, v, a = self.over(np.linspace(0.0, self.duration, _LOOKS))
        slack = bounds.excess(state.q) + 1e-6
        kept: Mask = (
            (np.abs(v) <= bounds.velocity).all(axis=0)
            & (np.abs(a) <= bounds.acceleration).all(axis=0)
            & (self._jerk() <= bounds.jerk)
            & (bounds.excess(q) <= slack).all(axis=0)
        )
        return kept

    def _jerk(self) -> Array:
        """The largest jerk [D]: of a parabola, at an end or where it turns."""
        c3, c4, c5 = 6.0 * self.coefficients[3], 24.0 * self.coefficients[4], self.coefficients[5]
        c5 = 60.0 * c5
        turn = np.divide(-c4, 2.0 * c5, out=np.zeros_like(c4), where=c5 != 0.0)
        turn = np.clip(turn, 0.0, self.duration)
        at = np.stack([np.zeros_like(turn), np.full_like(turn, self.duration), turn])
        return np.abs(c3 + at * (c4 + at * c5)).max(axis=0)


def quintic(state: State, target: State, duration: float) -> Quintic:
    """The polynomial from a state to another one in `duration` seconds."""
    t = duration
    dq = target.q - state.q - t * (state.v + 0.5 * t * state.a)
    dv = t * (target.v - state.v - t * state.a)
    da = t**2 * (target.a - state.a)
    c3 = (10.0 * dq - 4.0 * dv + 0.5 * da) / t**3
    c4 = (-15.0 * dq + 7.0 * dv - da) / t**4
    c5 = (6.0 * dq - 3.0 * dv + 0.5 * da) / t**5
    return Quintic(np.stack([state.q, state.v, 0.5 * state.a, c3, c4, c5]), t)


@dataclass(frozen=True)
class Mixed:
    """Two motions of equal duration: the polynomial for the joints `which` [D], Ruckig's else."""

    shortest: Jerks
    smooth: Quintic
    which: Mask

    @property
    def duration(self) -> float:
        return self.shortest.duration

    def at(self, u: float) -> State:
        mixed, others = np.array(self.smooth.at(u)), self.shortest.at(u)
        np.copyto(mixed, others, where=~self.which)
        return State(*mixed)

    def over(self, us: Array) -> State:
        pairs = zip(self.smooth.over(us), self.shortest.over(us), strict=True)
        return State(*(np.where(self.which, one, other) for one, other in pairs))
