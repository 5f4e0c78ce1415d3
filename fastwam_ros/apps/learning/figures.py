"""Figures of columns as LeRobot keeps them: of each episode, and pooled over all of them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Figures = dict[str, NDArray]
QUANTILES = (0.01, 0.10, 0.50, 0.90, 0.99)
NAMES = tuple(f'q{round(100 * q):02d}' for q in QUANTILES)


def figures(rows: NDArray, count: int | None = None) -> Figures:
    """Of rows [N, D]: min, max, mean, std and quantiles [D], and count [1]: N, if not given."""
    values = np.asarray(rows, np.float64)
    found = {
        'min': values.min(axis=0),
        'max': values.max(axis=0),
        'mean': values.mean(axis=0),
        'std': values.std(axis=0),
        'count': np.array([len(values) if count is None else count]),
    }
    quantiles = np.quantile(values, QUANTILES, axis=0)
    return found | dict(zip(NAMES, quantiles, strict=True))


def pooled(found: Sequence[Mapping[str, NDArray]]) -> Figures:
    """Of several episodes' figures. Quantiles are weighted means: LeRobot's own pooling."""
    counts = np.array([float(own['count'][0]) for own in found])
    weights = counts / counts.sum()

    def mean(key: str) -> NDArray:
        return np.tensordot(weights, np.array([own[key] for own in found]), 1)

    centre = mean('mean')
    spread = np.array([own['std'] ** 2 + (own['mean'] - centre) ** 2 for own in found])
    return {
        'min': np.min([own['min'] for own in found], axis=0),
        'max': np.max([own['max'] for own in found], axis=0),
        'mean': centre,
        'std': np.sqrt(np.tensordot(weights, spread, 1)),
        'count': np.array([int(counts.sum())]),
        **{key: mean(key) for key in NAMES},
    }
