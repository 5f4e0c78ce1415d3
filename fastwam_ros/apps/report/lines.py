"""Lines of a run ready to be drawn: on one time axis, broken at silences, thinned honestly.

Up to `MOST` samples a line is drawn whole. Beyond, it becomes its envelope: of every few samples
the smallest and the largest, in their order, so that no peak is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.report.model import Trace
from fastwam_ros.bag.streams import SECOND, Array

MOST = 16_000  # samples of one line: 80 s at 200 Hz


@dataclass(frozen=True)
class Lines:
    """Drawn samples. seconds [M] in the recording, values [M, D]; a row of NaN is a break.

    per: how many samples each pair of smallest and largest stands for; 1: all are drawn.
    """

    seconds: Array
    values: Array
    per: int

    @classmethod
    def of(cls, traces: Sequence[Trace], since: int, width: int, most: int = MOST) -> 'Lines':
        """Traces of `width` columns; since: the recording's begin [ns]."""
        total = sum(len(trace.stamps) for trace in traces)
        per = 1 if total <= most else -(-2 * total // most)
        gap = np.full((1, width), np.nan)
        times, rows = [np.zeros(0)], [np.zeros((0, width))]
        for trace in traces:
            seconds, values = _envelope((trace.stamps - since) / SECOND, trace.values, per)
            times += [seconds, seconds[-1:]]
            rows += [values, gap[: len(seconds)]]
        return cls(np.concatenate(times), np.concatenate(rows), per)


def _envelope(seconds: Array, values: Array, per: int) -> tuple[Array, Array]:
    """Two rows for every `per` samples, at the times of the first and the last of them."""
    if per < 2 or not len(seconds):
        return seconds, values
    groups = -(-len(seconds) // per)
    at = np.minimum(np.arange(groups * per), len(seconds) - 1)
    cells = values[at].reshape(groups, per, -1)
    low, high = cells.min(axis=1), cells.max(axis=1)
    rises = cells.argmin(axis=1) <= cells.argmax(axis=1)
    pairs = np.stack([np.where(rises, low, high), np.where(rises, high, low)], axis=1)
    times = seconds[at].reshape(groups, per)[:, [0, -1]]
    return times.reshape(-1), pairs.reshape(2 * groups, -1)
