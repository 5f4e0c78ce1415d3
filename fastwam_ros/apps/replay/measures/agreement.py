"""Whether chunks agree with each other: where they overlap, and where one takes over.

No truth is needed. A policy that is sure of what it does says the same of an instant from one
picture to the next; a bridge has to make up for what it does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from fastwam_ros.apps.replay.measures.errors import ARMS, GRIPPERS, MM
from fastwam_ros.apps.replay.measures.metric import Metric, count, tail
from fastwam_ros.apps.replay.measures.rows import Rows
from fastwam_ros.bag.streams import SECOND, Array
from fastwam_ros.robot.joints import ARM_NAMES, JOINT_NAMES

_ORDERS = (('rad', 'rad'), ('rad_s', 'rad/s'), ('rad_s2', 'rad/s2'))


@dataclass(frozen=True)
class Agreement:
    """apart [N, 14]: newer less older chunk at each row that both speak of; rad and m.

    lags [N]: by how many chunks they are apart, ages [N]: of their head stamps [s]. jumps
    [P, 3, 14]: of position, velocity and acceleration when a chunk comes, from the one before it.
    """

    apart: Array
    lags: Array
    ages: Array
    jumps: Array
    disagreement: Array
    step: float

    @classmethod
    def of(cls, rows: Rows) -> 'Agreement':
        pairs = [(i, j) for i, j in _overlapping(rows)]
        found = [_difference(rows, i, j) for i, j in pairs]
        repeat = [len(one) for one in found]
        lags = np.repeat([j - i for i, j in pairs], repeat).astype(np.float64)
        ages = [(rows.stamps[j] - rows.stamps[i]) / SECOND for i, j in pairs]
        jumps = [_jump(rows, i, i + 1) for i in range(len(rows.stamps) - 1)]
        return cls(
            np.concatenate([np.zeros((0, len(JOINT_NAMES))), *found]),
            lags, np.repeat(np.array(ages, np.float64), repeat),
            np.array(jumps, np.float64).reshape(-1, len(_ORDERS), len(JOINT_NAMES)),
            rows.disagreement, rows.step,
        )  # fmt: skip

    def metrics(self) -> Iterator[Metric]:
        """Of successive chunks; jumps are those of each one's worst joint."""
        near = self.apart[self.lags == 1]
        yield count('consistency.rows', np.isfinite(near).any(axis=1).sum())
        yield Metric('consistency.rad.rms', _rms(near[:, ARMS]), 'rad')
        yield Metric('consistency.mm.rms', MM * _rms(near[:, GRIPPERS]), 'mm')
        for joint, column in zip(JOINT_NAMES, near.T, strict=True):
            arm = joint in ARM_NAMES
            unit, scale = ('rad', 1.0) if arm else ('mm', MM)
            name = f'consistency.{joint}.{unit}.rms'
            yield Metric(name, scale * _rms(column), unit, detail=True)
        yield from tail('consistency.disagreement', '', self.disagreement)
        for (name, unit), jumps in zip(_ORDERS, self.jumps.transpose(1, 0, 2), strict=True):
            worst = np.abs(jumps[:, ARMS]).max(axis=1)
            yield from tail(f'handover.{name}', unit, worst)

    def curves(self) -> dict[str, list[float]]:
        """rms of the arms' differences over the difference of ages, in bins of a step."""
        if not len(self.ages):
            return {'consistency.by_age.seconds': [], 'consistency.by_age.rad.rms': []}
        bins = np.rint(self.ages / self.step).astype(int)
        there = np.unique(bins)
        means = [float(self.ages[bins == n].mean()) for n in there]
        values = [_rms(self.apart[bins == n][:, ARMS]) for n in there]
        return {'consistency.by_age.seconds': means, 'consistency.by_age.rad.rms': values}


def _overlapping(rows: Rows) -> Iterator[tuple[int, int]]:
    last = np.take_along_axis(rows.due, (rows.count - 1)[:, None], axis=1)[:, 0]
    for i in range(len(rows.stamps)):
        for j in range(i + 1, len(rows.stamps)):
            if rows.due[j, 0] > last[i]:
                break
            yield i, j


def _difference(rows: Rows, older: int, newer: int) -> Array:
    """At the newer chunk's rows that are due while the older one lasts, which is interpolated."""
    known, due = rows.due[older, : rows.count[older]], rows.due[newer, : rows.count[newer]]
    inside = (due >= known[0]) & (due <= known[-1])
    x = due[inside] - known[0]
    values = rows.values[older, : rows.count[older]]
    lines = [np.interp(x, known - known[0], column) for column in values.T]
    return rows.values[newer, : rows.count[newer]][inside] - np.stack(lines, axis=1)


def _jump(rows: Rows, older: int, newer: int) -> Array:
    """Of cubic splines through the rows, when the newer one was there; NaN where one is not."""
    nothing = np.full((len(_ORDERS), len(JOINT_NAMES)), np.nan)
    at = max(int(rows.received[newer]), int(rows.due[newer, 0]))
    sides = []
    for n in (older, newer):
        due, values = rows.due[n, : rows.count[n]], rows.values[n, : rows.count[n]]
        known = np.isfinite(values).all(axis=0)
        if len(due) < 2 or not due[0] <= at <= due[-1] or not known.any():
            return nothing
        spline = CubicSpline((due - at) / SECOND, values[:, known])
        state = nothing.copy()
        state[:, known] = [spline(0.0, order) for order in range(len(_ORDERS))]
        sides.append(state)
    return sides[1] - sides[0]


def _rms(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else float('nan')
