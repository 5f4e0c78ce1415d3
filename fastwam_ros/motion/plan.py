"""A plan: segments of bounded motion on plan time, the last of which stands still for ever.

Plan time is the executor's own axis: it advances one period per tick, so whatever a plan promises
between two of its instants holds between two ticks, however late they come. A plan knows no clock
and no reason why it was made.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from ruckig import Trajectory
from scipy.interpolate import PPoly

from fastwam_ros.motion.limits import SECOND, Array, Ns, State

_AT_ONCE = 10  # ticks


class Segment(Protocol):
    """A piece of motion. duration [s]; at(u) for u in 0..duration seconds after its start.

    over(us): the states [N, D] at rising us [N].
    """

    @property
    def duration(self) -> float: ...
    def at(self, u: float) -> State: ...
    def over(self, us: Array) -> State: ...


@dataclass(frozen=True)
class Hold:
    """Standing still at q [D]."""

    q: Array
    duration: float = np.inf

    def at(self, u: float) -> State:
        return State.rest(self.q)

    def over(self, us: Array) -> State:
        rows = np.tile(self.q, (len(us), 1))
        return State.rest(rows)


@dataclass(frozen=True)
class Jerks:
    """A jerk-limited motion as Ruckig computed it."""

    trajectory: Trajectory
    duration: float

    @classmethod
    def of(cls, trajectory: Trajectory) -> 'Jerks':
        return cls(trajectory, float(trajectory.duration))

    def at(self, u: float) -> State:
        q, v, a = self.trajectory.at_time(min(u, self.duration))
        return State(np.array(q), np.array(v), np.array(a))

    def over(self, us: Array) -> State:
        states = [self.trajectory.at_time(min(float(u), self.duration)) for u in us]
        return State(*(np.array(part) for part in zip(*states, strict=True)))

    def reach(self) -> tuple[Array, Array]:
        """Lowest and highest position of each joint on the way."""
        extrema = self.trajectory.position_extrema
        return np.array([e.min for e in extrema]), np.array([e.max for e in extrema])


@dataclass(frozen=True)
class Path:
    """A C2 spline passed at a constant rate: q(u) = spline(begin + u / slow), slow >= 1."""

    spline: PPoly
    begin: float
    slow: float
    duration: float
    _knots: list[float] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, '_knots', self.spline.x.tolist())  # a list is searched quicker

    def over(self, us: Array) -> State:
        x, slow = self.begin + np.minimum(us, self.duration) / self.slow, self.slow
        s = self.spline
        return State(s(x), s(x, 1) / slow, s(x, 2) / slow**2)

    def at(self, u: float) -> State:
        """One state, as each meeting that is tried asks for: by hand, an eighth of the time."""
        slow, knots = self.slow, self._knots
        x = self.begin + min(u, self.duration) / slow
        i = min(max(bisect_right(knots, x) - 1, 0), len(knots) - 2)
        d = x - knots[i]
        dv, da = 1.0 / slow, 1.0 / slow**2
        powers = (
            (d * d * d, d * d, d, 1.0),
            (3.0 * d * d * dv, 2.0 * d * dv, dv, 0.0),
            (6.0 * d * da, 2.0 * da, 0.0, 0.0),
        )
        return State(*np.array(powers).dot(self.spline.c[:, i]))


@dataclass(frozen=True)
class Plan:
    """Segments that follow each other from `start` (plan time, ns) on."""

    start: Ns
    segments: tuple[Segment, ...]
    ends: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not self.segments or self.segments[-1].duration != np.inf:
            raise ValueError('a plan must end in a segment that lasts for ever: append a Hold')
        ends = np.cumsum([segment.duration for segment in self.segments])
        object.__setattr__(self, 'ends', tuple(float(end) for end in ends))

    @classmethod
    def hold(cls, start: Ns, q: Array) -> 'Plan':
        return cls(start, (Hold(q),))

    @property
    def duration(self) -> float:
        """Seconds from start to rest."""
        return self.ends[-2] if len(self.ends) > 1 else 0.0

    def at(self, t: Ns) -> State:
        """The state at plan time t (ns), not before `start`."""
        return self.after((t - self.start) / SECOND)

    def after(self, u: float) -> State:
        """The state u seconds after `start`."""
        if u < -1e-9:
            raise ValueError(
                f'asked for {u:.6f} s, before the plan starts: keep the old one till then'
            )
        i = min(bisect_right(self.ends, u), len(self.ends) - 1)
        return self.segments[i].at(max(u - (self.ends[i - 1] if i else 0.0), 0.0))

    def sample(self, us: Array) -> State:
        """States [N, D] at rising times us [N], seconds after `start`."""
        us = np.maximum(us, 0.0)
        which = np.minimum(np.searchsorted(self.ends, us, side='right'), len(self.ends) - 1)
        pieces = []
        for i in np.unique(which):
            own = us[which == i] - (self.ends[i - 1] if i else 0.0)
            pieces.append(self.segments[i].over(own))
        return _joined(pieces)

    def left(self, t: Ns) -> float:
        """Seconds of motion left at plan time t."""
        return max(self.duration - (t - self.start) / SECOND, 0.0)


class Reel:
    """The states of a plan from tick to tick, taken some ticks at once: a third of the time."""

    def __init__(self, period: Ns) -> None:
        self._period = period
        self._plan: Plan | None = None
        self._from: Ns = 0
        self._states = State.rest(np.zeros((0, 0)))

    def at(self, plan: Plan, t: Ns) -> State:
        """The plan's state at plan time t (ns), not before its start."""
        k, off = divmod(t - self._from, self._period) if plan is self._plan else (_AT_ONCE, 0)
        if off or not 0 <= k < _AT_ONCE:
            k, self._plan, self._from = 0, plan, t
            ticks = t - plan.start + self._period * np.arange(_AT_ONCE)
            self._states = plan.sample(ticks / SECOND)
        q, v, a = self._states
        return State(q[k], v[k], a[k])


def _joined(pieces: list[State]) -> State:
    return State(*(np.concatenate(part) for part in zip(*pieces, strict=True)))
