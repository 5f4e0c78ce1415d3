"""What a chunk that is not executed would have done, beside what was commanded meanwhile.

While a person drives, the policy goes on inferring: the difference is where the two disagree.
"""

import numpy as np

from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns

_EVERY = 50_000_000  # [ns] between two looks
_LEAST = 3  # looks that make a figure


class Shadow:
    """Compares commands with the newest shadow chunk, from its arrival to the next one's."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self.clear()

    def clear(self) -> None:
        """Forget the chunk: the commands have another source now."""
        self._rows: Array | None = None
        self._times = np.zeros(0)
        self._at: Ns = 0
        self._squares: list[float] = []
        self._looked: Ns = 0

    def take(self, now: Ns, chunk: Chunk) -> float:
        """A new shadow chunk; returns the rms difference [rad] to the last one, or NaN."""
        found = self._squares
        self.clear()
        self._rows, self._times = chunk.columns(self._names), chunk.seconds(now)
        self._at = self._looked = now
        return float(np.sqrt(np.mean(found))) if len(found) >= _LEAST else float('nan')

    def see(self, now: Ns, q: Array) -> None:
        """q [D] is commanded now."""
        if self._rows is None or now - self._looked < _EVERY:
            return
        self._looked = now
        x = (now - self._at) / SECOND
        if self._times[0] <= x <= self._times[-1]:
            would = [np.interp(x, self._times, column) for column in self._rows.T]
            self._squares.append(float(np.mean((np.array(would) - q) ** 2)))
