"""One number with its name, unit and better end; and what numbers [N] are worth together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from fastwam_ros.bag.streams import Array


class Better(IntEnum):
    """Which end of a number is the good one."""

    LOWER = -1
    NEITHER = 0
    HIGHER = 1


@dataclass(frozen=True)
class Metric:
    """name: stable, dotted; value: NaN where there is nothing; detail: not for a short table."""

    name: str
    value: float
    unit: str = ''
    better: Better = Better.LOWER
    detail: bool = False


def count(name: str, value: float, better: Better = Better.NEITHER) -> Metric:
    """How many."""
    return Metric(name, float(value), '', better)


def spread(name: str, unit: str, values: Array, detail: bool = False) -> Iterator[Metric]:
    """Mean, rms, median, 95th percentile and largest of |values|, NaN ones left out."""
    known = np.abs(values[np.isfinite(values)])
    nothing = not len(known)
    figures: dict[str, Callable[[Array], Any]] = {
        'mae': np.mean,
        'rmse': lambda x: np.sqrt(np.mean(x**2)),
        'median': np.median,
        'p95': lambda x: np.quantile(x, 0.95),
        'max': np.max,
    }
    for word, of in figures.items():
        value = float('nan') if nothing else float(of(known))
        hidden = detail or word in ('median', 'max')
        yield Metric(f'{name}.{word}', value, unit, detail=hidden)


def tail(name: str, unit: str, values: Array, detail: bool = False) -> Iterator[Metric]:
    """Median, 95th percentile and largest of values [N], NaN ones left out."""
    known = values[np.isfinite(values)]
    for word, part in (('p50', 0.5), ('p95', 0.95), ('max', 1.0)):
        value = float(np.quantile(known, part)) if len(known) else float('nan')
        yield Metric(f'{name}.{word}', value, unit, detail=detail)
