"""Absolute deadlines for a periodic loop, and stamps on the same grid.

Deadlines live on the monotonic clock; stamps follow the ROS clock, a period apart while ticks are
in time. A late tick starts a new grid: the loop never hurries to catch up.
"""

from dataclasses import dataclass

_DRIFT = 1_000_000  # [ns] between the two clocks before the stamps follow


@dataclass(frozen=True)
class Tick:
    """stamp [ns] on the ROS clock; late: by more than half a period; lateness [ns]."""

    stamp: int
    late: bool
    lateness: int


class Ticker:
    """Deadlines one period [ns] apart. Times are arguments: monotonic and ROS, in ns."""

    def __init__(self, period: int, monotonic: int) -> None:
        self._period = period
        self._deadline = monotonic + period
        self._stamp: int | None = None

    def remaining(self, monotonic: int) -> int:
        """Nanoseconds to the next deadline; 0 or less: tick now."""
        return self._deadline - monotonic

    def tick(self, monotonic: int, ros: int) -> Tick:
        """Account for the tick that happens now, at or after its deadline."""
        lateness = monotonic - self._deadline
        late = lateness > self._period // 2
        on_time = ros - lateness
        if late or self._stamp is None:
            self._stamp = ros
            self._deadline = monotonic + self._period
        else:
            self._stamp += self._period
            self._deadline += self._period
            if abs(self._stamp - on_time) > _DRIFT:
                self._stamp = on_time
        return Tick(self._stamp, late, lateness)
