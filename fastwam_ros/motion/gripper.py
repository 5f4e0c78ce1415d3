"""Gripper openings: a channel of their own, limited in speed only.

A gripper that snaps shut within one row must not slow the arms down, so it takes no part in a
plan's timing; and a stop leaves it as it is, because it may hold something.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns


@dataclass(frozen=True)
class Grippers:
    """Names, the widest opening [m] and the speed of opening [m/s] of all grippers."""

    names: tuple[str, ...]
    widest: float
    speed: float

    def towards(self, command: Array, target: Sequence[float], duration: float) -> Array:
        """Openings [G] after `duration` seconds of moving to target, within 0..widest."""
        reach, widest = self.speed * duration, self.widest
        moved = []
        for at, to in zip(command.tolist(), target, strict=True):
            step = min(max(to, 0.0), widest) - at
            moved.append(at + min(max(step, -reach), reach))
        return np.array(moved)


@dataclass(frozen=True)
class Openings:
    """A chunk's gripper columns [rows, G], passed as slowly as its arms.

    times [rows]: seconds of chunk time after `start` (plan time, ns); slow: the arms' time scale.
    """

    start: Ns
    times: Array
    slow: float
    rows: Array
    # Two grippers are few: numbers are read in a third of the time that arrays of them take.
    _table: list[list[float]] = field(init=False)
    _first: float = field(init=False)
    _step: float = field(init=False)

    def __post_init__(self) -> None:
        first, second = self.times[:2].tolist()
        object.__setattr__(self, '_table', self.rows.tolist())
        object.__setattr__(self, '_first', first)
        object.__setattr__(self, '_step', second - first)

    def at(self, t: Ns) -> list[float]:
        """Openings [G] at plan time t, linear between rows and held outside of them."""
        x = (t - self.start) / SECOND / self.slow
        k = min(max((x - self._first) / self._step, 0.0), len(self._table) - 1.0)
        i = min(int(k), len(self._table) - 2)
        before, after = self._table[i], self._table[i + 1]
        return [low + (k - i) * (high - low) for low, high in zip(before, after, strict=True)]
