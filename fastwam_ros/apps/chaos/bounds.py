"""How near published commands come to the limits: finite differences over plan time, nothing else.

Whatever a command is made of, what counts is what a robot would see: the difference between any
two commands that follow each other in one stream, one period of plan time apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from fastwam_ros.motion.limits import Array, Limits

ORDERS = ('velocity', 'acceleration', 'jerk')
TOLERANCE = 1e-6  # of a share
OUTSIDE = 1e-4  # [rad] of a position limit: a spline is looked at between its rows, not everywhere


@dataclass(frozen=True)
class Worst:
    """The largest share of a limit (of position: the excess in rad), with its tick and joint."""

    share: float = 0.0
    tick: int = -1
    joint: str = ''

    def __str__(self) -> str:
        return f'{self.share:.6f} ({self.joint}, tick {self.tick})' if self.joint else '-'


@dataclass
class Stream:
    """Commands that follow each other: rows [D], a tick each, from tick `first` on."""

    first: int
    rows: list[Array] = field(default_factory=list)

    def shares(self, limits: Limits, period: float) -> dict[str, Worst]:
        """The worst of each order. A stream begins at rest where it begins: so does a robot."""
        commands = np.array(self.rows)
        found = {'position': self._worst(limits, limits.excess(commands), 0)}
        for n, order in enumerate(ORDERS, 1):
            steps = np.abs(np.diff(commands, n, axis=0)) / period**n / getattr(limits, order)
            found[order] = self._worst(limits, steps, n)
        return found

    def _worst(self, limits: Limits, values: Array, later: int) -> Worst:
        if not len(values):
            return Worst()
        tick, joint = np.unravel_index(int(np.argmax(values)), values.shape)  # a NaN is largest
        share = float(values[tick, joint])
        return Worst(share, self.first + int(tick) + later, limits.names[joint])


def together(found: Iterable[dict[str, Worst]]) -> dict[str, Worst]:
    """The worst of each order over all of them."""
    worst = dict.fromkeys((*ORDERS, 'position'), Worst())
    for each in found:
        for order, other in each.items():
            if not other.share <= worst[order].share:
                worst[order] = other
    return worst


def broken(worst: dict[str, Worst]) -> list[str]:
    """The orders whose bound is broken; a NaN breaks it."""
    most = dict.fromkeys(ORDERS, 1.0 + TOLERANCE) | {'position': OUTSIDE}
    return [order for order, each in worst.items() if not each.share <= most[order]]
