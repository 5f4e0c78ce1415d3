"""How fast commands are: finite differences over plan time and receive times, against limits.

Plan time advances one control period per tick, however long the tick took; `ticks` counts
them. The plans themselves are not known here: only what was published.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.apps.report.ticks import UNKNOWN, Ticks
from fastwam_ros.bag.run import Bounds
from fastwam_ros.bag.streams import SECOND, Array, JointStream, Times

SILENCE = SECOND // 2  # [ns] a longer gap separates two engagements
WINDOW = SECOND // 20  # [ns] over which the speed that the robot sees is taken


@dataclass(frozen=True)
class Worst:
    """The largest share of a limit: 1 is the limit; which joint, when (its stamp or receipt)."""

    ratio: float
    joint: str = ''
    at: int = 0

    @classmethod
    def of(cls, values: Array, limits: Array, names: Sequence[str], at: Times) -> 'Worst':
        """Of values [N, D] against limits [D]; at: [N]."""
        if not len(values):
            return cls(float('nan'))
        ratios = np.abs(values) / limits
        row, column = np.unravel_index(int(ratios.argmax()), ratios.shape)
        return cls(float(ratios[row, column]), names[int(column)], int(at[row]))


def worst(found: Iterable[Worst]) -> Worst:
    """The worst of several; NaN when there is none."""
    real = [one for one in found if not np.isnan(one.ratio)]
    return max(real, key=lambda one: one.ratio, default=Worst(float('nan')))


@dataclass(frozen=True)
class Stretch:
    """Commands without a silence between them.

    ticks: [N] plan time in control periods, not always whole ones; stamps, received: [N] ns;
    position: [N, D].
    """

    ticks: NDArray[np.int64] | Array
    stamps: Times
    received: Times
    position: Array

    def around(self, row: int, reach: int) -> tuple['Stretch', int]:
        """As many rows before a row as after it, and the row's place among them."""
        first = max(row - reach, 0)
        part = slice(first, row + reach + 1)
        columns = self.ticks[part], self.stamps[part], self.received[part], self.position[part]
        return Stretch(*columns), row - first

    def differences(self, period: int, order: int) -> tuple[Array, Times]:
        """Derivative of order 1, 2 or 3 over plan time and the stamps where it ends.

        Divided differences: where samples are missing they still are a mean of the derivative
        over the gap, which a bounded derivative cannot exceed. period in ns.
        """
        time = self.ticks * (period / SECOND)
        values = self.position
        for k in range(1, order + 1):
            values = k * np.diff(values, axis=0) / (time[k:] - time[:-k])[:, None]
        return values, self.stamps[order:]

    def speeds_received(self) -> tuple[Array, Times]:
        """Speed over every 50 ms that begin or end with a receipt, and when they begin.

        Commands are taken as a polyline over their receive times.
        """
        starts = np.concatenate((self.received, self.received - WINDOW))
        starts = starts[(starts >= self.received[0]) & (starts <= self.received[-1] - WINDOW)]
        travel = self._at(starts + WINDOW) - self._at(starts)
        return travel * (SECOND / WINDOW), starts

    def _at(self, times: Times) -> Array:
        # Relative times: as a float an absolute one is 0.2 us coarse.
        x, known = times - self.received[0], self.received - self.received[0]
        return np.stack([np.interp(x, known, column) for column in self.position.T], axis=1)


@dataclass(frozen=True)
class Motion:
    """All commands of one stream; missing: how many ticks have no recorded command.

    unknown: how many gaps hold an unknown number of ticks; nothing is measured across them.
    """

    stretches: list[Stretch]
    missing: int
    unknown: int
    period: int
    names: Sequence[str]
    bounds: Sequence[Bounds]

    @classmethod
    def of(
        cls,
        stream: JointStream,
        period: int,
        names: Sequence[str],
        bounds: Sequence[Bounds],
        unit: float = 1.0,
        known: Ticks | None = None,
    ) -> 'Motion':
        """period: of a tick [ns]; unit: rad or m per wire unit; known: numbered stamps."""
        gaps = np.diff(stream.stamps)
        steps = (known or Ticks.of(())).between(stream.stamps, period)
        silences = (gaps > SILENCE) | (gaps <= 0)
        unknown = (steps == UNKNOWN) & ~silences
        cuts = np.flatnonzero(silences | unknown) + 1
        steps[cuts - 1] = 1
        ticks = np.concatenate(([0], np.cumsum(steps)))[: len(stream)]
        columns = (ticks, stream.stamps, stream.received, stream.position * unit)
        parts = zip(*(np.split(column, cuts) for column in columns), strict=True)
        stretches = [Stretch(*part) for part in parts if len(part[0])]
        missing = int((steps - 1).sum())
        return cls(stretches, missing, int(unknown.sum()), period, names, bounds)

    def joint(self, index: int) -> 'Motion':
        """The same of one joint alone."""
        parts = [replace(s, position=s.position[:, index : index + 1]) for s in self.stretches]
        names, bounds = self.names[index : index + 1], self.bounds[index : index + 1]
        return replace(self, stretches=parts, names=names, bounds=bounds)

    def over_plan_time(self, order: int) -> Worst:
        """Worst speed, acceleration or jerk (order 1, 2, 3) on consecutive commands."""
        limits = [(b.velocity, b.acceleration, b.jerk)[order - 1] for b in self.bounds]
        return worst(
            self._worst(s.differences(self.period, order), limits) for s in self.stretches
        )

    def over_receive_times(self) -> Worst:
        """Worst speed in a sliding window of 50 ms as the messages were received."""
        limits = [bound.velocity for bound in self.bounds]
        return worst(self._worst(s.speeds_received(), limits) for s in self.stretches)

    def beyond(self) -> Worst:
        """Largest distance [rad or m] of a command beyond its position limits; 0 inside."""
        lower, upper = (np.array([getattr(b, k) for b in self.bounds]) for k in ('lower', 'upper'))
        one = np.ones(len(self.names))
        outside = (
            (np.maximum(np.maximum(lower - s.position, s.position - upper), 0.0), s.stamps)
            for s in self.stretches
        )
        return worst(self._worst(found, one) for found in outside)

    def distances(self, measured: JointStream) -> Array:
        """|commanded - measured| [N, D] at each reading that falls into a stretch.

        The command is interpolated at the reading's stamp, the robot's delay not taken out.
        """
        return np.concatenate(
            [_distances(stretch, measured) for stretch in self.stretches]
            or [np.zeros((0, len(self.names)))]
        )

    def _worst(self, found: tuple[Array, Times], limits: Sequence[float] | Array) -> Worst:
        values, at = found
        return Worst.of(values, np.asarray(limits, np.float64), self.names, at)


def _distances(stretch: Stretch, measured: JointStream) -> Array:
    first, last = stretch.stamps[0], stretch.stamps[-1]
    inside = (measured.stamps >= first) & (measured.stamps <= last)
    x, known = measured.stamps[inside] - first, stretch.stamps - first
    commanded = [np.interp(x, known, column) for column in stretch.position.T]
    return np.abs(np.stack(commanded, axis=1) - measured.position[inside])
