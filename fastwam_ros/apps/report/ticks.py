"""Plan time of recorded commands: how many ticks lie between two stamps.

Plan time advances one control period per tick. The executor's states number their ticks, and a
tick that begins a new grid of stamps (a late one) always comes with a state; between two states
the stamps are a period apart to the nanosecond. So a command's tick is known even beside a late
tick and a lost message, where its stamp alone would be taken for either.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.bag.streams import Times

Steps = NDArray[np.int64]
UNKNOWN = 0  # in place of a number of ticks


@dataclass(frozen=True)
class Ticks:
    """Numbered stamps: [N] ns, rising, and the ticks that had them [N]."""

    stamps: Times
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> 'Ticks':
        """From (stamp, tick) in any order; none: the stamps alone must do."""
        rows = np.array(sorted(set(pairs)), np.int64).reshape(-1, 2)
        return cls(rows[:, 0], rows[:, 1])

    def between(self, stamps: Times, period: int) -> Steps:
        """Ticks [N - 1] from each stamp [N] to the next; UNKNOWN where a state is missing.

        Without any numbered stamp a gap of exactly several periods is several ticks, and any
        other gap one late tick.
        """
        if not len(self.stamps):
            gaps = np.diff(stamps)
            return np.where((gaps % period == 0) & (gaps > 0), gaps // period, 1)
        at = np.searchsorted(self.stamps, stamps, side='right') - 1
        since = stamps - self.stamps[at]
        sure = (at >= 0) & (since % period == 0)
        numbers = self.numbers[at] + since // period
        steps = np.diff(numbers)
        return np.where(sure[1:] & sure[:-1] & (steps > 0), steps, UNKNOWN)
