"""What is wanted where chunks disagree: rows for the newest one's times, from it and older ones.

A blend only says what is wanted. Its rows are convex combinations of rows that the guard let pass,
joint by joint; the splice then bridges onto them as onto any other rows, inside the same limits.
Grippers are not blended: half of open and half of shut is neither. Methods are in the manner of
the papers and programs named beside them; there they shape commands, here they shape rows.

An older chunk's voice fades over the second half of its rows. One that fell silent at once would
be a step in what is wanted, and the whole chunk would be slowed down for it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import Array, Ns

Names = tuple[str, ...]

_ENSEMBLE_DECAY = 0.01  # per chunk: the oldest counts most (Zhao et al. 2023, ACT)
_ENSEMBLE_MOST = 32  # chunks; more would overlap only at a fifteenth of a second per chunk
_RECENCY_DECAY, _RECENCY_MOST = 0.5, 4  # per chunk: the newest counts most (Lin et al. 2024, HATO)
_HANDOVER = 0.7  # share of the newest (the default of LeRobot's asynchronous inference)
_CROSS_FADE = 0.2  # [s]


class Blend(Protocol):
    """Gives the rows that are wanted; knows only chunks that were accepted."""

    def rows(self, chunk: Chunk, begin: Ns) -> Array:
        """What is wanted at the times of a newer chunk: [H, D]. Changes nothing.

        begin: when it would come into force [ns, on the axis of the stamps]. Raises KeyError for
        a joint that the chunk does not name.
        """
        ...

    def accept(self, chunk: Chunk, rows: Array) -> None:
        """The chunk came into force with these rows, as `rows` gave them."""
        ...

    def reset(self) -> None:
        """Forget everything: a new epoch begins."""
        ...


@dataclass(frozen=True)
class _Said:
    """Rows [H, D] at a chunk's times."""

    chunk: Chunk
    rows: Array

    def over(self, newer: Chunk) -> tuple[Array, Array]:
        """Its rows [N, D] at a newer chunk's times, and what they count there [N, 1], 0..1."""
        start, last = float(self.chunk.seconds(newer.stamp)[0]), self.chunk.rows - 1
        x = (newer.seconds(newer.stamp) - start) / self.chunk.step
        k = np.clip(x.astype(int), 0, last - 1)
        part = np.clip(x - k, 0.0, 1.0)[:, None]
        rows = self.rows[k] + part * (self.rows[k + 1] - self.rows[k])
        voice = np.where(x < 0.0, 0.0, 1.0 - _ease(2.0 * x / last - 1.0))
        return rows, voice[:, None]


class Newest:
    """The newest chunk as it is."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def rows(self, chunk: Chunk, begin: Ns) -> Array:
        return chunk.columns(self._names)

    def accept(self, chunk: Chunk, rows: Array) -> None:
        pass

    def reset(self) -> None:
        pass


class Ensemble:
    """The weighted mean of all that the last chunks said of an instant."""

    def __init__(self, names: Names, most: int, weights: Callable[[int], Array]) -> None:
        """most: chunks with the newest; weights: of n chunks, oldest first."""
        self._names, self._weights = names, weights
        self._said: deque[_Said] = deque(maxlen=most - 1)

    def rows(self, chunk: Chunk, begin: Ns) -> Array:
        older = [said.over(chunk) for said in _before(self._said, chunk)]
        heard = [(rows, voice) for rows, voice in older if voice.any()]
        newest = chunk.columns(self._names)
        weights = self._weights(len(heard) + 1)
        total, sum_ = np.full((chunk.rows, 1), weights[-1]), weights[-1] * newest
        for weight, (rows, voice) in zip(weights, heard, strict=False):
            total, sum_ = total + weight * voice, sum_ + weight * voice * rows
        return sum_ / total

    def accept(self, chunk: Chunk, rows: Array) -> None:
        self._said.append(_Said(chunk, chunk.columns(self._names)))

    def reset(self) -> None:
        self._said.clear()


class HandOver:
    """A passage from what was wanted before, which is a blend itself, to the newest chunk."""

    def __init__(self, names: Names, share: Callable[[Array], Array]) -> None:
        """share: of the newest, 0..1, at times [N] seconds after it comes into force."""
        self._names, self._share = names, share
        self._said: deque[_Said] = deque(maxlen=1)

    def rows(self, chunk: Chunk, begin: Ns) -> Array:
        newest = chunk.columns(self._names)
        share = self._share(chunk.seconds(begin))[:, None]
        for said in _before(self._said, chunk):
            rows, voice = said.over(chunk)
            newest = newest + (1.0 - share) * voice * (rows - newest)
        return newest

    def accept(self, chunk: Chunk, rows: Array) -> None:
        self._said.append(_Said(chunk, rows))

    def reset(self) -> None:
        self._said.clear()


def _temporal_ensembling(names: Names) -> Blend:
    return Ensemble(names, _ENSEMBLE_MOST, lambda n: np.exp(-_ENSEMBLE_DECAY * np.arange(n)))


def _recency_weighted(names: Names) -> Blend:
    return Ensemble(
        names, _RECENCY_MOST, lambda n: np.power(_RECENCY_DECAY, np.arange(n, 0.0, -1.0) - 1.0)
    )


def _weighted_handover(names: Names) -> Blend:
    return HandOver(names, lambda times: np.full_like(times, _HANDOVER))


def _cross_fade(names: Names) -> Blend:
    return HandOver(names, lambda times: np.clip(times / _CROSS_FADE, 0.0, 1.0))


BLENDS: dict[str, Callable[[Names], Blend]] = {
    'newest': Newest,
    'temporal_ensembling': _temporal_ensembling,
    'recency_weighted': _recency_weighted,
    'weighted_handover': _weighted_handover,
    'cross_fade': _cross_fade,
}


def blend_named(name: str, joints: Names) -> Blend:
    """A new blend of these joints' columns, in this order.

    Raises ValueError with the valid names for an unknown one.
    """
    if name not in BLENDS:
        raise ValueError(f'blending {name!r} is none of {", ".join(BLENDS)}')
    return BLENDS[name](joints)


def _before(said: Iterable[_Said], chunk: Chunk) -> list[_Said]:
    """Those of images before the chunk's: others were stamped by a clock that was set since."""
    return [each for each in said if each.chunk.stamp < chunk.stamp]


def _ease(x: Array) -> Array:
    """From 0 (before 0) to 1 (after 1) without a step in acceleration."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)
