"""Seams: where one plan gives way to the next, and how large the steps of the commands are there.

A seam is the first command of a chunk's plan. Differences are taken over plan time, as the ratios
to the limits are: a stream without jumps steps by no more than a limit allows in one period.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.report.events import Start, starts
from fastwam_ros.apps.report.figures import arm_motion
from fastwam_ros.apps.report.motion import Motion, Stretch
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.streams import SECOND, Array

ORDERS = (1, 2, 3)  # steps of position, velocity and acceleration


@dataclass(frozen=True)
class Seam:
    """One plan's first command on one arm.

    q, v, a [D]: position there, velocity and acceleration just after it (rad, rad/s, rad/s2); NaN
    where commands are missing. steps [3, D]: largest step of position, velocity and acceleration
    from one command to the next that reaches across the seam; shares [3, D]: of what the limits
    allow in one period.
    """

    start: Start
    q: Array
    v: Array
    a: Array
    steps: Array
    shares: Array

    @property
    def age(self) -> float:
        """Seconds from the head stamp to this command."""
        return (self.start.first_tick - self.start.chunk_stamp) / SECOND


def seams(run: Run, side: str) -> list[Seam]:
    """All whose command was recorded, in the order of the plans."""
    return seams_of(arm_motion(run, side), starts(run.states))


def seams_of(motion: Motion, begun: Sequence[Start]) -> list[Seam]:
    """Those of the plans that began within a motion."""
    return [seam for start in begun for seam in _found(motion, start)]


def _found(motion: Motion, start: Start) -> Iterator[Seam]:
    for stretch in motion.stretches:
        at = np.flatnonzero(stretch.stamps == start.first_tick)
        if len(at):
            yield _seam(motion, stretch, int(at[0]), start)
            return


def _seam(motion: Motion, whole: Stretch, row: int, start: Start) -> Seam:
    stretch, at = whole.around(row, ORDERS[-1])
    rates = [stretch.differences(motion.period, order)[0] for order in ORDERS]
    worst = np.stack([_across(rate, order, at) for order, rate in zip(ORDERS, rates, strict=True)])
    shares = worst / _limits(motion)
    v, a = (_row(rate, at) for rate in rates[:2])
    return Seam(start, stretch.position[at], v, a, worst * (motion.period / SECOND), shares)


def _across(rate: Array, order: int, at: int) -> Array:
    """Largest |rate| [D] of those taken from commands on both sides of row `at`."""
    rows = np.abs(rate[max(at - order, 0) : at])
    return rows.max(axis=0) if len(rows) else np.full(rate.shape[1], np.nan)


def _row(rate: Array, at: int) -> Array:
    return rate[at] if at < len(rate) else np.full(rate.shape[1], np.nan)


def _limits(motion: Motion) -> Array:
    bounds = motion.bounds
    return np.array([[b.velocity, b.acceleration, b.jerk] for b in bounds], np.float64).T


@dataclass(frozen=True)
class Sharpest:
    """Of one seam on both arms: per order the largest share, the joint and its step."""

    start: Start
    age: float
    shares: tuple[float, ...]
    joints: tuple[str, ...]
    steps: tuple[float, ...]


def sharpest(arms: Sequence[tuple[Sequence[str], Sequence[Seam]]]) -> list[Sharpest]:
    """One row per seam from each arm's joint names and seams."""
    rows: dict[tuple[int, int], list[tuple[Sequence[str], Seam]]] = {}
    for names, found in arms:
        for seam in found:
            key = (seam.start.chunk_stamp, seam.start.first_tick)
            rows.setdefault(key, []).append((names, seam))
    return [_sharpest(same) for same in rows.values()]


def _sharpest(same: Sequence[tuple[Sequence[str], Seam]]) -> Sharpest:
    names = [name for arm, _ in same for name in arm]
    shares = np.concatenate([seam.shares for _, seam in same], axis=1)
    steps = np.concatenate([seam.steps for _, seam in same], axis=1)
    at = np.argmax(np.nan_to_num(shares, nan=-1.0), axis=1)
    rows = np.arange(len(ORDERS))
    return Sharpest(
        same[0][1].start,
        same[0][1].age,
        tuple(shares[rows, at].tolist()),
        tuple(names[i] for i in at),
        tuple(steps[rows, at].tolist()),
    )
