"""A crude closed loop: a policy, a plan that follows its chunks, a robot that lags behind.

Stands in for executor and simulator, so that a bundle's stability is judged by itself: newest
chunk on its own time axis, blended in over 0.3 s; measured follows commanded with one time
constant.
"""

from collections.abc import Callable

import numpy as np

TICK, BLEND = 0.01, 0.3  # [s]


def run(
    infer: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    seconds: float,
    step: float,
    lag: float = 0.12,
    latency: float = 0.3,
    every: float = 0.5,
) -> np.ndarray:
    """Commanded positions [ticks, D] from rest at start [D]; infer: state [D] -> rows [H, D]."""
    commanded, measured = start.copy(), start.copy()
    old = new = (0.0, np.tile(start, (2, 1)))
    coming, spliced, log = None, 0.0, []
    for now in np.arange(0.0, seconds, TICK):
        if coming is None and now >= new[0] + every:
            coming = (now, infer(measured))
        if coming is not None and now >= coming[0] + latency:
            old, new, coming, spliced = new, coming, None, now
        share = min(1.0, (now - spliced) / BLEND)
        share = share**3 * (10 - 15 * share + 6 * share**2)
        commanded = share * _at(new, now, step) + (1 - share) * _at(old, now, step)
        measured = measured + TICK / lag * (commanded - measured)
        log.append(commanded)
    return np.array(log)


def least_travel(log: np.ndarray, window: float) -> np.ndarray:
    """Per joint the smallest range of any stretch of `window` seconds."""
    count = round(window / TICK)
    starts = range(0, len(log) - count, 20)
    return np.min([np.ptp(log[i : i + count], axis=0) for i in starts], axis=0)


def _at(chunk: tuple[float, np.ndarray], now: float, step: float) -> np.ndarray:
    begun, rows = chunk
    place = np.clip((now - begun) / step, 0, len(rows) - 1)
    row = min(int(place), len(rows) - 2)
    return rows[row] + (place - row) * (rows[row + 1] - rows[row])
