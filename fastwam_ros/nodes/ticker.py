"""Absolute deadlines for a periodic loop, and stamps on the same grid.

Ticker: deadlines live on the monotonic clock; stamps follow the ROS clock, a period apart while
ticks are in time. A late tick starts a new grid: the loop never hurries to catch up. Where the ROS
clock is set meanwhile, the tick says by how much: what was stamped before is of another time.

ClockTicker: time is what /clock says. Every period of it is one tick; while it stands there is
none, and lateness has no meaning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

_DRIFT = 1_000_000  # [ns] between the two clocks before the stamps follow
_SET = 20_000_000  # [ns] by which they part between two ticks: no drift, the ROS clock was set
_HELD_UP = 50_000_000  # [ns] of lateness in which much may have been said: half of any time-out
_APART = 1_000_000  # [ns] between the readings of two clocks that are not of one moment
_LEAP = 200_000_000  # [ns] of /clock at once that are not ticked through: the clock was set


@dataclass(frozen=True)
class Tick:
    """The number-th tick, counted from 1.

    stamp [ns] on the ROS clock; anew: it begins a new grid of stamps; late: by more than half a
    period; lateness [ns], None on a clock that is told; step: by how much [ns] the ROS clock was
    set since the tick before, 0 where it was not.
    """

    number: int
    stamp: int
    anew: bool
    late: bool
    lateness: int | None
    step: int = 0


def moment(monotonic: Callable[[], int], ros: Callable[[], int]) -> tuple[int, int]:
    """Monotonic and ROS time [ns] of one moment.

    Read again where the process was held up in between: that would look like a clock that was set.
    """
    for _ in range(3):
        before, told = monotonic(), ros()
        if monotonic() - before <= _APART:
            break
    return before, told


class Ticker:
    """Deadlines one period [ns] apart. Times are arguments: monotonic and ROS, in ns."""

    def __init__(self, period: int, monotonic: int) -> None:
        self._period = period
        self._deadline = monotonic + period
        self._hear_until = 0
        self._stamp: int | None = None
        self._offset: int | None = None
        self._number = 0

    def remaining(self, monotonic: int) -> int:
        """Nanoseconds to listen until the next tick; 0 or less: tick now.

        After a hold-up there is a period more: what others said meanwhile, an e-stop for one, is
        heard before anything is commanded.
        """
        if not self._hear_until and monotonic - self._deadline > _HELD_UP:
            self._hear_until = monotonic + self._period
        return max(self._deadline, self._hear_until) - monotonic

    def tick(self, monotonic: int, ros: int) -> Tick:
        """Account for the tick that happens now, at or after its deadline."""
        lateness = monotonic - self._deadline
        late = lateness > self._period // 2
        self._number, self._hear_until = self._number + 1, 0
        self._deadline = (monotonic if late else self._deadline) + self._period
        on_time = ros if late else ros - lateness
        due = None if self._stamp is None else self._stamp + self._period
        anew = late or due is None or abs(due - on_time) > _DRIFT
        self._stamp = on_time if anew or due is None else due
        return Tick(self._number, self._stamp, anew, late, lateness, self._step(ros - monotonic))

    def _step(self, offset: int) -> int:
        """By how much the clocks have parted since the last tick, where that is no drift."""
        before, self._offset = self._offset, offset
        parted = 0 if before is None else offset - before
        return parted if abs(parted) > _SET else 0


class Punctuality:
    """How late ticks were, since the start."""

    def __init__(self) -> None:
        self._late, self._longest = 0, 0

    def add(self, tick: Tick) -> None:
        """One more; a tick of a clock that is told is never late."""
        self._late += tick.late
        self._longest = max(self._longest, tick.lateness or 0)

    def figures(self) -> dict[str, int]:
        """Ticks late by more than half a period, and the longest lateness [us]."""
        return {'late ticks': self._late, 'longest lateness us': self._longest // 1000}


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
