"""How smooth the policy's plans are beside what the person did in the same time.

A plan is taken from its first tick to its end, or to when its chunk's last row is due if that is
sooner: beyond it there is only a stop. The person's way is taken over the same time, at the same
instants. Both are parts of movements, so they compare with each other first of all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.replay.measures.metric import Better, Metric, count
from fastwam_ros.apps.replay.measures.plans import Plan
from fastwam_ros.apps.replay.measures.rows import Rows
from fastwam_ros.apps.replay.measures.truth import Truth
from fastwam_ros.apps.report.events import starts
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.smoothness import ldlj, sparc
from fastwam_ros.bag.streams import SECOND, Array, Times
from fastwam_ros.robot.hands import hand_poses
from fastwam_ros.robot.joints import ARM_NAMES, ARM_PARTS, SIDES

_STEP = SECOND // 50  # [ns] between samples, that of published plans; more for sparser truths
_SHORTEST = SECOND // 2  # [ns]: less is no movement
_MOVES = {'arm': 0.02, 'hand': 0.01}  # [rad] and [m] of way below which there is only noise
WHO = ('plan', 'human')
_MEASURES = {'sparc': sparc, 'ldlj': ldlj}


@dataclass(frozen=True)
class Smoothness:
    """found: by measure, who and what moves, a value [N] for each plan in whose time both move."""

    windows: int
    found: Mapping[tuple[str, str, str], Array]

    @classmethod
    def of(
        cls, run: Run, rows: Rows, plans: Sequence[Plan], truths: Mapping[str, Truth]
    ) -> 'Smoothness':
        step = _step(truths)
        windows = _windows(run, rows, plans)
        pairs = [_Pair.of(plan, until, step, truths) for plan, until in windows]
        found: dict[tuple[str, str, str], list[float]] = {
            (word, who, what): [] for what in _MOVERS for who in WHO for word in _MEASURES
        }
        for pair in pairs:
            for what, both in pair.movers():
                for word, measure in _MEASURES.items():
                    values = [measure(way, step / SECOND) for way in both]
                    if np.isfinite(values).all():
                        for who, value in zip(WHO, values, strict=True):
                            found[word, who, what].append(value)
        return cls(len(pairs), {key: np.array(values) for key, values in found.items()})

    def metrics(self) -> Iterator[Metric]:
        """Medians over plans; nearer to 0 is smoother."""
        yield count('smoothness.plans', self.windows)
        for (word, who, what), values in self.found.items():
            value = float(np.median(values)) if len(values) else float('nan')
            better = Better.HIGHER if who == 'plan' else Better.NEITHER
            name = f'smoothness.{who}.{what}.{word}'
            yield Metric(name, value, '', better, detail=what in ARM_NAMES)


_MOVERS = (*(f'{side}_{what}' for side in SIDES for what in ('arm', 'hand')), *ARM_NAMES)


@dataclass(frozen=True)
class _Pair:
    """Positions [N, 12] of plan and person at the same instants."""

    planned: Array
    human: Array

    @classmethod
    def of(cls, plan: Plan, until: int, step: int, truths: Mapping[str, Truth]) -> '_Pair':
        due = np.arange(plan.times[0], until + 1, step)
        x, known = due - plan.times[0], plan.times - plan.times[0]
        planned = np.stack([np.interp(x, known, column) for column in plan.q.T], axis=1)
        human = [_way(truths[f'{side}_arm'], due) for side in SIDES]
        return cls(planned, np.concatenate(human, axis=1))

    def movers(self) -> Iterator[tuple[str, tuple[Array, Array]]]:
        """What moves in both, joints by name, arms and hands; what is not known is left out."""
        both = self.planned, self.human
        for side in SIDES:
            arms = self.planned[:, ARM_PARTS[side]], self.human[:, ARM_PARTS[side]]
            if not _move(arms, _MOVES['arm']):
                continue
            yield f'{side}_arm', arms
            hands = hand_poses(side, arms[0]).points, hand_poses(side, arms[1]).points
            if _move(hands, _MOVES['hand']):
                yield f'{side}_hand', hands
        for n, name in enumerate(ARM_NAMES):
            one = both[0][:, n : n + 1], both[1][:, n : n + 1]
            if _move(one, _MOVES['arm']):
                yield name, one


def _way(truth: Truth, due: Times) -> Array:
    """Positions [N, 6] on lines between messages: steps of commands are none of the person's."""
    return np.where(np.isfinite(truth.at(due)), truth.line(due), np.nan)


def _move(both: tuple[Array, Array], least: float) -> bool:
    """Whether both are known and go some way; NaN compares as no."""
    ways = [float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum()) for way in both]
    return bool(min(ways) >= least and np.isfinite(ways).all())


def _step(truths: Mapping[str, Truth]) -> int:
    gaps = [np.diff(truths[f'{side}_arm'].times) for side in SIDES]
    typical = [int(np.median(one)) for one in gaps if len(one)]
    return max(_STEP, *typical) if typical else _STEP


def _windows(run: Run, rows: Rows, plans: Sequence[Plan]) -> Iterator[tuple[Plan, int]]:
    """Plans of chunks, each with the end of what is looked at [ns]."""
    begins: dict[int, Plan] = {int(plan.times[0]): plan for plan in plans}
    for start in starts(run.states):
        plan = begins.get(start.first_tick)
        chunks = np.flatnonzero(rows.stamps == start.chunk_stamp)
        if plan is None or not len(chunks):
            continue
        n = int(chunks[0])
        until = min(int(plan.times[-1]), int(rows.due[n, rows.count[n] - 1]))
        if until - plan.times[0] >= _SHORTEST:
            yield plan, until
