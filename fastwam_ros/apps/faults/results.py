"""The trials with what was found: judged, summed up by fault and mode, written as JSON."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from fastwam_ros.apps.bench.rows import Results as Machine
from fastwam_ros.apps.faults.cases import Case, Plan, Stall
from fastwam_ros.apps.faults.figures import Figures
from fastwam_ros.apps.faults.judge import beyond, deviations, unseen, void
from fastwam_ros.apps.faults.trial import Marks
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag

AS_EXPECTED, DEVIATES, VOID = 'as expected', 'deviates', 'void'


@dataclass(frozen=True)
class Outcome:
    """One trial. words: how it deviates, or why it is void."""

    plan: Plan
    marks: Marks
    figures: Figures | None
    verdict: str
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: Plan, marks: Marks, run: Run) -> 'Outcome':
        """From the recording that it is in."""
        found = Figures.of(run, marks, _wakes(plan)) if marks.watched else None
        why = void(plan.case, marks, found)
        if found is None or why:
            words = tuple(beyond(found)) if found is not None else ()
            return cls(plan, marks, found, DEVIATES if words else VOID, (*words, why))
        words = tuple(deviations(plan.case, marks, found))
        if not words and (why := unseen(plan.case, marks, found)):
            return cls(plan, marks, found, VOID, (why,))
        return cls(plan, marks, found, DEVIATES if words else AS_EXPECTED, words)

    def plain(self) -> dict[str, Any]:
        """For JSON, which knows no NaN."""
        figures = asdict(self.figures) if self.figures is not None else {}
        return {
            'seed': self.plan.seed,
            'fault': str(self.plan.case.fault),
            'mode': self.plan.case.mode,
            'after': round(self.plan.after, 3),
            'verdict': self.verdict,
            'words': list(self.words),
            'hit': self.marks.hit,
            **{key: _plain(value) for key, value in figures.items()},
        }


def _wakes(plan: Plan) -> bool:
    fault = plan.case.fault
    return isinstance(fault, Stall) and fault.process in ('executor', 'sim')


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else float(f'{value:.4g}')
    return value


def judged(path: Path, trials: Sequence[tuple[Plan, Marks]]) -> list[Outcome]:
    """The trials of one recording. Raises BagError."""
    run = Run.read(Bag(path))
    return [Outcome.of(plan, marks, run) for plan, marks in trials]


@dataclass(frozen=True)
class Row:
    """All trials of one fault in one mode."""

    case: Case
    outcomes: tuple[Outcome, ...]

    @property
    def counted(self) -> list[Figures]:
        """Figures of the trials that are not void."""
        return [o.figures for o in self.outcomes if o.verdict != VOID and o.figures is not None]

    @property
    def good(self) -> int:
        return sum(o.verdict == AS_EXPECTED for o in self.outcomes)

    def ends(self) -> str:
        """In which modes they ended: 'HOLD 2'."""
        found = Counter(figures.ended or 'silent' for figures in self.counted)
        return ', '.join(f'{mode} {count}' for mode, count in found.most_common())

    def largest(self, name: str) -> float:
        """Of a figure; NaN where no trial has one."""
        return max(self.values(name), default=float('nan'))

    def middle(self, name: str) -> float:
        """Median of a figure; NaN where no trial has one."""
        values = self.values(name)
        return median(values) if values else float('nan')

    def values(self, name: str) -> list[float]:
        """A figure of the trials that have it."""
        values = [getattr(figures, name) for figures in self.counted]
        return [value for value in values if not math.isnan(value)]


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """By fault, then mode, in order of first appearance."""
    found: dict[str, list[Outcome]] = {}
    for outcome in sorted(outcomes, key=lambda o: o.plan.seed):
        found.setdefault(str(outcome.plan.case), []).append(outcome)
    return [Row(group[0].plan.case, tuple(group)) for group in found.values()]


def machine() -> Machine:
    """Where and when this runs."""
    return Machine.here('', 'make faults', ())


def write(path: Path, where: Machine, outcomes: Sequence[Outcome]) -> None:
    """As JSON. Raises OSError."""
    found = asdict(where) | {'trials': [outcome.plain() for outcome in outcomes]}
    del found['rows']
    path.write_text(json.dumps(found, indent=1) + '\n')


def total(outcomes: Sequence[Outcome]) -> Mapping[str, float]:
    """The largest figures of all trials that count."""
    row = Row(outcomes[0].plan.case, tuple(outcomes))
    return {name: row.largest(name) for name in ('velocity', 'acceleration', 'jerk', 'moved')}
