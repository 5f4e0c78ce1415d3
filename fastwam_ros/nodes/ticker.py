"""Absolute deadlines for a periodic loop, and stamps on the same grid.

Ticker: deadlines live on the monotonic clock; stamps follow the ROS clock, a period apart while
ticks are in time. A late tick starts a new grid: the loop never hurries to catch up.

ClockTicker: time is what /clock says. Every period of it is one tick; while it stands there is
none, and lateness has no meaning.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_DRIFT = 1_000_000  # [ns] between the two clocks before the stamps follow
_LEAP = 200_000_000  # [ns] of /clock at once that are not ticked through: the clock was set


@dataclass(frozen=True)
class Tick:
    """The number-th tick, counted from 1.

    stamp [ns] on the ROS clock; anew: it begins a new grid of stamps; late: by more than half a
    period; lateness [ns], None on a clock that is told.
    """

    number: int
    stamp: int
    anew: bool
    late: bool
    lateness: int | None


class Ticker:
    """Deadlines one period [ns] apart. Times are arguments: monotonic and ROS, in ns."""

    def __init__(self, period: int, monotonic: int) -> None:
        self._period = period
        self._deadline = monotonic + period
        self._stamp: int | None = None
        self._number = 0

    def remaining(self, monotonic: int) -> int:
        """Nanoseconds to the next deadline; 0 or less: tick now."""
        return self._deadline - monotonic

    def tick(self, monotonic: int, ros: int) -> Tick:
        """Account for the tick that happens now, at or after its deadline."""
        lateness = monotonic - self._deadline
        late = lateness > self._period // 2
        self._number += 1
        self._deadline = (monotonic if late else self._deadline) + self._period
        on_time = ros if late else ros - lateness
        due = None if self._stamp is None else self._stamp + self._period
        anew = late or due is None or abs(due - on_time) > _DRIFT
        self._stamp = on_time if anew or due is None else due
        return Tick(self._number, self._stamp, anew, late, lateness)


class ClockTicker:
    """Ticks one period [ns] apart on a clock that others set. ROS times are arguments, in ns."""

    def __init__(self, period: int) -> None:
        self._period = period
        self._stamp: int | None = None
        self._seen = 0
        self._number = 0

    def back(self, ros: int) -> int:
        """By how much [ns] the clock went back since the last `due`; 0: not at all."""
        return max(self._seen - ros, 0)

    def due(self, ros: int) -> Iterator[Tick]:
        """The ticks up to now: none before the first /clock and while it stands.

        A leap and a step back are not ticked through: one tick begins a new grid.
        """
        self._seen, back = ros, self.back(ros)
        if ros <= 0:
            return
        if self._stamp is None or back or ros - self._stamp > _LEAP:
            yield self._tick(ros, anew=True)
        while self._stamp is not None and ros - self._stamp >= self._period:
            yield self._tick(self._stamp + self._period, anew=False)

    def _tick(self, stamp: int, anew: bool) -> Tick:
        self._number, self._stamp = self._number + 1, stamp
        return Tick(self._number, stamp, anew, late=False, lateness=None)
