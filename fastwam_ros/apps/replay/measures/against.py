"""Two measurements beside each other: what got worse by more than is allowed.

Counts that say nothing of quality are shown and not judged.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastwam_ros.apps.replay.measures.metric import Better, Metric
from fastwam_ros.apps.replay.measures.thresholds import Thresholds

_ROUNDING = 1e-9  # of the value itself: what another order of sums may make


@dataclass(frozen=True)
class Change:
    """A metric now and before. NaN: could not be measured."""

    metric: Metric
    before: float

    @property
    def part(self) -> float:
        """By which part it is higher than before; inf from zero, NaN where one is not known."""
        now, before = self.metric.value, self.before
        if math.isnan(now) or math.isnan(before):
            return math.nan
        if math.isclose(now, before, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
            return 0.0
        return (now - before) / abs(before) if before else math.copysign(math.inf, now)

    def worse_than(self, allowed: float) -> bool:
        """Worse by more than the part, or measured before and no longer."""
        if self.metric.better is Better.NEITHER:
            return False
        if math.isnan(self.part):
            return math.isnan(self.metric.value) and not math.isnan(self.before)
        return -self.metric.better * self.part > allowed

    def __str__(self) -> str:
        """One line."""
        now = 'cannot be measured' if math.isnan(self.metric.value) else f'{self.metric.value:.4g}'
        unit = f' {self.metric.unit}' if self.metric.unit else ''
        part = '' if math.isnan(self.part) else f' ({_percent(self.part)})'
        return f'{self.metric.name}: {self.before:.4g}{unit} before, now {now}{part}'


def changes(metrics: Iterable[Metric], before: Mapping[str, float]) -> list[Change]:
    """Every metric beside the other measurement's; what that one lacks was not known then."""
    return [Change(metric, before.get(metric.name, math.nan)) for metric in metrics]


def regressions(found: Iterable[Change], thresholds: Thresholds | None = None) -> list[Change]:
    """Those that are worse by more than is allowed, the worst first."""
    limits = thresholds or Thresholds()
    worse = [one for one in found if one.worse_than(limits.allowed(one.metric.name))]
    return sorted(worse, key=lambda one: math.inf if math.isnan(one.part) else -abs(one.part))


def baseline(path: Path) -> dict[str, float]:
    """Numbers by name from a metrics.json; null is NaN. Raises ValueError for what is none."""
    try:
        tree = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise ValueError(f'{path}: {error.strerror}') from None
    except ValueError as error:
        raise ValueError(f'{path} is no JSON: {error}') from None
    if not isinstance(tree, dict):
        raise ValueError(f'{path} holds no metrics by name: is it a metrics.json?')
    numbers = {
        name: math.nan if value is None else float(value)
        for name, value in tree.items()
        if value is None or type(value) in (int, float)
    }
    if not numbers:
        raise ValueError(f'{path} holds no numbers: is it a metrics.json?')
    return numbers


def side_by_side(
    metrics: Iterable[Metric], other: Mapping[str, float], names: tuple[str, str]
) -> str:
    """A table of two measurements, A the metrics' and B the other's: what B is of A."""
    found = [(m, other.get(m.name, math.nan)) for m in metrics if not m.detail]
    return '\n'.join(_rows(found, names))


def _rows(found: list[tuple[Metric, float]], names: tuple[str, str]) -> Iterator[str]:
    yield f'A: {names[0]}'
    yield f'B: {names[1]}'
    yield f'{"":36}{"A":>12}{"B":>12}  {"unit":8}{"B to A":>10}'
    for metric, value in found:
        change = Change(Metric(metric.name, value, metric.unit, metric.better), metric.value)
        yield (
            f'{metric.name:36}{number(metric.value):>12}{number(value):>12}  {metric.unit:8}'
            f'{_percent(change.part):>10}  {_judged(change)}'
        ).rstrip()


def number(value: float) -> str:
    """Four digits, or all of a count; '-' for none."""
    if math.isnan(value):
        return '-'
    return f'{value:.0f}' if value == round(value) else f'{value:.4g}'


def _percent(part: float) -> str:
    if math.isnan(part):
        return '-'
    return f'{part:+.1%}' if math.isfinite(part) else 'from 0'


def _judged(change: Change) -> str:
    if change.metric.better is Better.NEITHER or not change.part:
        return ''
    if math.isnan(change.part):
        return ''
    return 'better' if change.part * change.metric.better > 0.0 else 'worse'
