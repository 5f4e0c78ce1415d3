"""What a new chunk is asked to begin with, as numbers: rows, and how much each of them binds.

Knows neither the network nor torch: who asks may run where neither is. Facts: real-time chunking
(arXiv 2506.07339), whose soft mask this is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OFF, IDENTITY, VJP = METHODS = ('off', 'identity', 'vjp')  # how a prefix is brought in


@dataclass(frozen=True)
class Wanted:
    """rows [horizon, joints] in the bundle's units and order; weights [horizon], 0 to 1.

    A row of weight 1 is committed, one of weight 0 is free: its numbers say nothing, but are
    finite all the same, since they are multiplied by 0.
    """

    rows: NDArray[np.float64]
    weights: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Raises ValueError for rows and weights that do not fit, or are no such numbers."""
        if self.rows.ndim != 2 or self.weights.shape != self.rows.shape[:1]:
            shapes = f'rows {list(self.rows.shape)} and weights {list(self.weights.shape)}'
            raise ValueError(f'prefix has {shapes}, want [horizon, joints] and [horizon]')
        if not np.isfinite(self.rows).all():
            raise ValueError('prefix has a row that is not finite: one that is free holds zeros')
        if not ((self.weights >= 0.0) & (self.weights <= 1.0)).all():
            raise ValueError(f'prefix has weights {self.weights.tolist()}, want 0 to 1')

    @property
    def committed(self) -> int:
        """How many rows will be executed whatever the new chunk says."""
        return int((self.weights == 1.0).sum())


def prefix_weights(horizon: int, start: int, end: int) -> NDArray[np.float64]:
    """1 for rows before `start`, falling exponentially to 0 at `end` [horizon].

    start: rows that are executed before the new chunk can take over (d in the paper); end: rows
    that the chunk in force has anything to say of (H - s). Raises ValueError unless
    0 <= start <= end <= horizon.
    """
    if not 0 <= start <= end <= horizon:
        raise ValueError(
            f'prefix begins to fade at row {start} and ends at {end}: want 0 <= start <= end <= '
            f'{horizon} rows'
        )
    row = np.arange(horizon)
    left = np.clip((start - 1 - row) / (end - start + 1) + 1.0, 0.0, 1.0)
    weights: NDArray[np.float64] = left * np.expm1(left) / np.expm1(1.0)
    return weights
