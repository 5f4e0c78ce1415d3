"""Streams of different rates at the same instants. Arrays alone: knows no topic and no robot."""

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.bag.streams import SECOND, Array, Times

Mask = NDArray[np.bool_]


def rate(stamps: Times) -> float:
    """Usual rate [Hz] of stamps [N] ns in ascending order; NaN below two.

    The mean of the periods near the median: stamps on a grid of ticks would shift that by a part
    of a tick.
    """
    periods = np.diff(stamps)
    if not len(periods):
        return float('nan')
    median = float(np.median(periods))
    near = periods[np.abs(periods - median) < 0.5 * median]
    return SECOND / float(near.mean())


def nearest(stamps: Times, at: Times) -> NDArray[np.intp]:
    """Indices [K] of the stamps [N] that are nearest to instants [K]; of two, the earlier."""
    after = np.clip(np.searchsorted(stamps, at), 1, max(len(stamps) - 1, 1))
    before = after - 1
    if len(stamps) == 1:
        return np.zeros(len(at), np.intp)
    closer = at - stamps[before] <= stamps[after] - at
    return np.where(closer, before, after)


def between(stamps: Times, values: Array, at: Times, gap: int) -> tuple[Array, Mask]:
    """Values [N, D] linearly between their stamps at instants [K], and where there are any.

    There are none before the first, after the last, and between two that are more than `gap` [ns]
    apart.
    """
    after = np.clip(np.searchsorted(stamps, at), 0, len(stamps) - 1)
    exact = stamps[after] == at
    before = np.where(exact, after, np.maximum(after - 1, 0))
    span = stamps[after] - stamps[before]
    part = (at - stamps[before]) / np.maximum(span, 1)
    rows = values[before] + (values[after] - values[before]) * part[:, None]
    inside = (stamps[before] <= at) & (at <= stamps[after])
    return rows, inside & (span <= gap)


def in_force(stamps: Times, values: Array, at: Times, silence: int) -> tuple[Array, Mask]:
    """The last of values [N, D] at or before instants [K], and where it is at most so old [ns]."""
    last = np.searchsorted(stamps, at, side='right') - 1
    found = np.maximum(last, 0)
    return values[found], (last >= 0) & (at - stamps[found] <= silence)
