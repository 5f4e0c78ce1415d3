"""What was commanded and measured meanwhile, on the time of this machine.

A message's own stamp says better when it was taken than its arrival does, but on a clock of its
sender's: the quickest of all messages of a stream tells how far the two are apart, up to what its
way took.
"""

import numpy as np

from fastwam_ros.motion.limits import Array


class Trace:
    """One stream of values [D] with arrival and stamp [s each]; stamps of 0 are none."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float]] = []
        self._values: list[tuple[float, ...]] = []

    def take(self, arrived: float, stamp: float, values: tuple[float, ...]) -> None:
        """One message."""
        self._rows.append((arrived, stamp))
        self._values.append(values)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def age(self) -> float:
        """The least [s] from a stamp to its arrival: the clocks and the way; 0 without stamps."""
        arrived, stamps = np.array(self._rows, np.float64).reshape(-1, 2).T
        return float((arrived - stamps).min()) if len(stamps) and stamps.all() else 0.0

    def between(self, begin: float, end: float) -> tuple[Array, Array]:
        """Times [N, s] in order, and values [N, D], of what was taken between two instants."""
        times, values = self._times(), np.array(self._values, np.float64)
        inside = np.flatnonzero((times >= begin) & (times <= end))
        inside = inside[np.argsort(times[inside], kind='stable')]
        return times[inside], values[inside]

    def _times(self) -> Array:
        arrived, stamps = np.array(self._rows, np.float64).reshape(-1, 2).T
        return stamps + self.age if len(stamps) and stamps.all() else arrived
