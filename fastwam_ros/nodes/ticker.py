"""Absolute deadlines for a periodic loop, and stamps on the same grid.

Deadlines live on the monotonic clock; stamps follow the ROS clock, a period apart while ticks are
in time. A late tick starts a new grid: the loop never hurries to catch up.
"""

from dataclasses import dataclass

_DRIFT = 1_000_000  # [ns] between the two clocks before the stamps follow


@dataclass(frozen=True)
class Tick:
    """The number-th tick, counted from 1.

    stamp [ns] on the ROS clock; anew: it begins a new grid of stamps; late: by more than half a
    period; lateness [ns].
    """

    number: int
    stamp: int
    anew: bool
    late: bool
    lateness: int


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
