"""dataset_stats.json as Fast-WAM's training computes it: over windows of 32 rows.

Of each episode all windows count, with its last row repeated beyond its end. Means are those of
episodes, not of rows; the parts come in the order in which training joins them to columns. Facts:
yuantianyuan01/FastWAM at 45d8e14, base_lerobot_dataset.py.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.apps.learning.episodes import ACTION, PARTS, STATE, Episode

HORIZON = 32
FILE = 'dataset_stats.json'
_QUANTILES = {'q01': 0.01, 'q99': 0.99}


def windows(rows: NDArray, horizon: int) -> NDArray:
    """[N, horizon, D] of rows [N, D]: those from each row on, the last one repeated."""
    index = np.arange(len(rows))[:, None] + np.arange(horizon)
    return rows[np.minimum(index, len(rows) - 1)]


def dataset_stats(found: Sequence[Episode]) -> dict[str, Any]:
    """The file's tree. A state's windows have one row."""
    groups = (('state', STATE, 1), ('action', ACTION, HORIZON))
    tree: dict[str, Any] = {
        group: {
            part: _leaf([_of(episode.columns[f'{base}{part}'], horizon) for episode in found])
            for part in PARTS
        }
        for group, base, horizon in groups
    }
    return tree | {
        'num_episodes': len(found),
        'num_transition': sum(len(episode) for episode in found),
    }


def _of(rows: NDArray, horizon: int) -> dict[str, NDArray]:
    """Figures [horizon, D] of one episode."""
    own = windows(np.asarray(rows, np.float32).astype(np.float64), horizon)
    return {
        'min': own.min(axis=0),
        'max': own.max(axis=0),
        'mean': own.mean(axis=0),
        'var': own.var(axis=0, ddof=1),
        **{key: np.quantile(own, q, axis=0) for key, q in _QUANTILES.items()},
    }


def _leaf(found: list[dict[str, NDArray]]) -> dict[str, Any]:
    every = {key: np.array([own[key] for own in found]) for key in found[0]}
    leaf: dict[str, NDArray] = {}
    for key, least in (('min', True), ('max', False), ('q01', True), ('q99', False)):
        steps = every[key].min(axis=0) if least else every[key].max(axis=0)
        leaf[f'stepwise_{key}'] = steps
        leaf[f'global_{key}'] = steps.min(axis=0) if least else steps.max(axis=0)
    for prefix, axes in (('stepwise', (0,)), ('global', (0, 1))):
        mean = every['mean'].mean(axis=axes)
        spread = every['var'] + (every['mean'] - mean) ** 2
        leaf[f'{prefix}_mean'], leaf[f'{prefix}_std'] = mean, np.sqrt(spread.mean(axis=axes))
    return {key: value.tolist() for key, value in leaf.items()}
