"""Plans and commands against the robot's limits, and where one plan gives way to the next.

By the report's formulas. Plans are published 20 ms apart: what differs between two points is a
mean over 20 ms, which a bounded plan cannot exceed and a shorter peak can. Where every chunk is
judged by itself nothing is commanded, and no plan gives way to another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastwam_ros.apps.replay.measures.metric import Metric, count, tail
from fastwam_ros.apps.replay.measures.rows import Rows
from fastwam_ros.apps.report.events import Start, starts
from fastwam_ros.apps.report.figures import arm_motion
from fastwam_ros.apps.report.motion import Motion, Stretch, worst
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.report.seams import Sharpest, seams, sharpest
from fastwam_ros.bag.streams import Array, Times, nanoseconds
from fastwam_ros.robot.joints import ARM_NAMES, ARM_PARTS, JOINT_NAMES, SIDES

_ARMS = [JOINT_NAMES.index(name) for name in ARM_NAMES]
_SEAM = (('position', 'rad'), ('velocity', 'rad/s'), ('acceleration', 'rad/s2'))


@dataclass(frozen=True)
class Plan:
    """A published plan: times [N] ns, q [N, 12] rad and v [N, 12] rad/s by ARM_NAMES."""

    times: Times
    q: Array
    v: Array

    @classmethod
    def of(cls, message: Any) -> 'Plan | None':
        """None for one that lacks an arm's joint or its points."""
        names = list(message.joint_names)
        if not len(message.points) or not set(ARM_NAMES) <= set(names):
            return None
        columns = [names.index(name) for name in ARM_NAMES]
        after = [nanoseconds(point.time_from_start) for point in message.points]
        q, v = (
            np.array([getattr(point, field) for point in message.points], np.float64)[:, columns]
            for field in ('positions', 'velocities')
        )
        return cls(nanoseconds(message.header.stamp) + np.array(after, np.int64), q, v)


def plans(run: Run) -> list[Plan]:
    """All of them, in the order of receipt."""
    return [plan for plan in map(Plan.of, run.plans()) if plan is not None]


def plan_motion(run: Run, found: Sequence[Plan], side: str) -> Motion:
    """Each plan by itself as the report takes a stretch of commands."""
    part, period = ARM_PARTS[side], run.facts.period
    stretches = [
        Stretch((p.times - p.times[0]) / period, p.times, p.times, p.q[:, part]) for p in found
    ]
    names = ARM_NAMES[part]
    return Motion(stretches, 0, 0, period, names, [run.facts.bounds[name] for name in names])


@dataclass(frozen=True)
class Motions:
    """What is planned, what is commanded (no stretches: nothing), and how they are joined.

    entries [P]: of each chunk's plan, the largest distance of a joint from the chunk when the plan
    begins [rad]: what the bridge has to make up for.
    """

    count: int
    planned: Sequence[Motion]
    commanded: Sequence[Motion]
    joints: Sequence[Sharpest]
    entries: Array

    @classmethod
    def of(cls, run: Run, rows: Rows, found: Sequence[Plan]) -> 'Motions':
        commanded = [arm_motion(run, side) for side in SIDES]
        arms = [(m.names, seams(run, s)) for m, s in zip(commanded, SIDES, strict=True)]
        entries = [_entry(start, rows, found) for start in starts(run.states)]
        return cls(
            len(found),
            [plan_motion(run, found, side) for side in SIDES],
            commanded, sharpest(arms), np.array(entries, np.float64),
        )  # fmt: skip

    def metrics(self) -> Iterator[Metric]:
        """Shares of limits: 1 is the limit."""
        yield count('plans.count', self.count)
        yield from _shares('plans', self.planned)
        yield from tail('plans.entry.rad', 'rad', self.entries)
        yield count(
            'commands.count', sum(len(s.stamps) for m in self.commanded for s in m.stretches)
        )
        yield from _shares('commands', self.commanded)
        yield count('seams.count', len(self.joints))
        for order, (name, unit) in enumerate(_SEAM):
            steps = np.array([seam.steps[order] for seam in self.joints], np.float64)
            yield from tail(f'seams.{name}', unit, steps, detail=True)
            shares = np.array([seam.shares[order] for seam in self.joints], np.float64)
            yield from tail(f'seams.{name}_share', '', shares)


def _shares(name: str, motions: Sequence[Motion]) -> Iterator[Metric]:
    for order, word in enumerate(('velocity', 'acceleration', 'jerk'), 1):
        found = worst(motion.over_plan_time(order) for motion in motions)
        yield Metric(f'{name}.{word}_ratio', found.ratio)
    yield Metric(f'{name}.beyond_rad', worst(motion.beyond() for motion in motions).ratio, 'rad')


def _entry(start: Start, rows: Rows, found: Sequence[Plan]) -> float:
    chunks = np.flatnonzero(rows.stamps == start.chunk_stamp)
    begun = [plan for plan in found if plan.times[0] == start.first_tick]
    if not len(chunks) or not begun:
        return float('nan')
    n = int(chunks[0])
    due, values = rows.due[n, : rows.count[n]], rows.values[n, : rows.count[n]]
    x = np.array([start.first_tick - due[0]])
    wanted = [np.interp(x, due - due[0], values[:, column])[0] for column in _ARMS]
    return float(np.abs(begun[0].q[0] - wanted).max())
