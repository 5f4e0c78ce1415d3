"""Rules that say what to command now, from the chunks that have come: no limits, nothing executed.

Each is in the manner of what its docstring names, in our words; where a published one acts once
per row, it is asked at every tick. Times are seconds on the clock of the stamps.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fastwam_ros.motion.limits import Array


@dataclass(frozen=True)
class Told:
    """A chunk: its rows [H, D] at times [H], evenly spaced."""

    times: Array
    rows: Array

    @property
    def step(self) -> float:
        return float(self.times[1] - self.times[0])

    def row(self, now: float) -> Array:
        """The last row that was due [D]."""
        k = int((now - self.times[0]) / self.step + 1e-9)
        return self.rows[min(max(k, 0), len(self.rows) - 1)]

    def at(self, now: float) -> Array:
        """Between two rows on the straight line [D]; the first or last row outside of them."""
        x = min(max((now - self.times[0]) / self.step, 0.0), len(self.rows) - 1.0)
        k = min(int(x), len(self.rows) - 2)
        return self.rows[k] + (x - k) * (self.rows[k + 1] - self.rows[k])

    def covers(self, now: float) -> bool:
        return bool(self.times[0] <= now <= self.times[-1])


class Rule(Protocol):
    """What a method commands.

    begin: stand still at q [D]. take: a chunk has come. at: the command of now. follow: the
    command while a hand is at q. release: the hand has let go at q, earlier chunks are forgotten.
    """

    def begin(self, now: float, q: Array) -> None: ...
    def take(self, now: float, chunk: Told) -> None: ...
    def at(self, now: float) -> Array: ...
    def follow(self, now: float, q: Array) -> Array: ...
    def release(self, now: float, q: Array) -> None: ...


class AtOnce:
    """A rule that commands what a hand says, and begins anew where the hand lets go."""

    def begin(self, now: float, q: Array) -> None:
        raise NotImplementedError

    def follow(self, now: float, q: Array) -> Array:
        return q

    def release(self, now: float, q: Array) -> None:
        self.begin(now, q)


class Newest(AtOnce):
    """The newest chunk, read by `read`; from_arrival: as if it had been made when it came."""

    def __init__(self, read: Callable[[Told, float], Array], from_arrival: bool = False) -> None:
        self._read, self._from_arrival = read, from_arrival

    def begin(self, now: float, q: Array) -> None:
        self._newest = still(now, q)

    def take(self, now: float, chunk: Told) -> None:
        late = now - chunk.times[0] if self._from_arrival else 0.0
        self._newest = Told(chunk.times + late, chunk.rows)

    def at(self, now: float) -> Array:
        return self._read(self._newest, now)


class Mean(AtOnce):
    """The weighted mean of all that the last chunks say of now."""

    def __init__(self, most: int, weights: Callable[[int], Array]) -> None:
        """most: chunks; weights: of n chunks, oldest first."""
        self._weights = weights
        self._chunks: deque[Told] = deque(maxlen=most)

    def begin(self, now: float, q: Array) -> None:
        self._chunks.clear()
        self._last = still(now, q)

    def take(self, now: float, chunk: Told) -> None:
        self._chunks.append(chunk)
        self._last = chunk

    def at(self, now: float) -> Array:
        said = [chunk.at(now) for chunk in self._chunks if chunk.covers(now)]
        if not said:
            return self._last.at(now)
        weights = self._weights(len(said))
        return weights @ np.array(said) / weights.sum()


class Grid(AtOnce):
    """A queue of rows on a common grid of steps; where both have a row: share new, rest old."""

    def __init__(self, share: float) -> None:
        self._share = share

    def begin(self, now: float, q: Array) -> None:
        self._queue: dict[int, Array] = {}
        self._step, self._last = 1.0, q

    def take(self, now: float, chunk: Told) -> None:
        self._step = chunk.step
        first, old = round(chunk.times[0] / self._step), self._queue
        new = {first + k: row for k, row in enumerate(chunk.rows)}
        self._queue = {
            k: row if k not in old else (1.0 - self._share) * old[k] + self._share * row
            for k, row in new.items()
        }

    def at(self, now: float) -> Array:
        self._last = self._queue.get(int(now / self._step + 1e-9), self._last)
        return self._last


class CrossFade(AtOnce):
    """From the chunk before to the newest on a ramp that begins when the newest comes."""

    def __init__(self, duration: float) -> None:
        self._duration = duration

    def begin(self, now: float, q: Array) -> None:
        self._before = self._newest = still(now, q)
        self._since = now

    def take(self, now: float, chunk: Told) -> None:
        self._before, self._newest, self._since = self._newest, chunk, now

    def at(self, now: float) -> Array:
        share = min(max((now - self._since) / self._duration, 0.0), 1.0)
        old = self._before.at(now)
        return old + share * (self._newest.at(now) - old)


def still(now: float, q: Array) -> Told:
    """Standing at q for ever."""
    return Told(np.array([now, now + 1e6]), np.array([q, q]))
