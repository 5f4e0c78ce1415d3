"""From a bundle's units to the numbers the network was trained on, and back.

One affine map per column, computed in fp32 from a `dataset_stats.json`. Knows no joint beyond its
column. Facts: the released Fast-WAM processor (global statistics, forward clamped to 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

CLAMP = 5.0
NARROW = 1e-4  # a range below this is taken for a constant: shifted, not scaled
# What each mode reads from the statistics.
MODES: Mapping[str, tuple[str, str]] = {
    'min/max': ('global_min', 'global_max'),
    'q01/q99': ('global_q01', 'global_q99'),
    'z-score': ('global_mean', 'global_std'),
}
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Normaliser:
    """x * scale + offset, column by column; scale and offset are [D] fp32."""

    scale: Floats
    offset: Floats

    @classmethod
    def from_statistics(
        cls, leaf: Mapping[str, Any], mode: str, names: Sequence[str], what: str
    ) -> 'Normaliser':
        """From one leaf of the statistics: lists of len(names) under the mode's two keys.

        Raises ValueError for an unknown mode, a missing list, a list that misses a joint, or a
        number that is not finite. `what` (such as 'state') is named in errors.
        """
        if mode not in MODES:
            raise ValueError(f'{what} normalisation {mode!r} is none of {", ".join(MODES)}')
        low, high = (_column(leaf, key, names, what) for key in MODES[mode])
        if mode == 'z-score':
            scale = 1 / (high + np.float32(1e-8))
            return cls(scale, -low * scale)
        span = high - low
        flat = span < NARROW
        scale = np.where(flat, np.float32(1), 2 / np.where(flat, np.float32(1), span))
        return cls(scale, np.where(flat, -low, -1 - scale * low))

    def forward(self, values: ArrayLike) -> Floats:
        """Units -> normalised, clamped to +-5: [..., D]."""
        scaled = np.asarray(values, np.float32) * self.scale + self.offset
        return np.clip(scaled, -CLAMP, CLAMP)

    def backward(self, normalised: ArrayLike) -> Floats:
        """Normalised -> units, not clamped: [..., D]."""
        return (np.asarray(normalised, np.float32) - self.offset) / self.scale


def _column(leaf: Mapping[str, Any], key: str, names: Sequence[str], what: str) -> Floats:
    if key not in leaf:
        raise ValueError(f'dataset_stats.json: {what} lacks {key}; it holds {sorted(leaf)}')
    try:
        column = np.asarray(leaf[key], np.float32)
    except (TypeError, ValueError):
        raise ValueError(f'dataset_stats.json: {what} {key} is no list of numbers') from None
    if column.shape != (len(names),):
        raise ValueError(
            f'dataset_stats.json: {what} {key} has shape {list(column.shape)}, but policy.yaml '
            f'names {len(names)} joints: statistics of another robot?'
        )
    broken = [name for name, value in zip(names, column, strict=True) if not np.isfinite(value)]
    if broken:
        raise ValueError(f'dataset_stats.json: {what} {key} is not finite for {broken}')
    negative = [name for name, value in zip(names, column, strict=True) if value < 0]
    if negative and key == 'global_std':
        raise ValueError(f'dataset_stats.json: {what} {key} is negative for {negative}')
    return column
