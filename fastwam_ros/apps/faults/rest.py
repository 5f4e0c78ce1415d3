"""When arms came to rest, and whether they stayed there: from their readings.

An arm is at rest from where none of its joints moves faster than 0.02 rad/s, measured over 50 ms,
for 0.2 s without a gap in the readings.
"""

from typing import NamedTuple

import numpy as np

from fastwam_ros.bag.streams import SECOND, Array, JointStream, Times

STILL = 0.02  # [rad/s]
_WINDOW = SECOND // 20  # [ns] over which a speed is taken
_CALM = SECOND // 5  # [ns] that it must be small
_GAP = SECOND // 25  # [ns] without a reading: what happened in it is not known
_NAN = float('nan')


class Rest(NamedTuple):
    """at: when an arm was at rest for the first time [ns], 0 for never; pose [6, rad] it had then.

    moved: by how much a joint left that pose later [rad], NaN for an arm that did not rest.
    """

    at: int
    pose: Array
    moved: float


def cut(stream: JointStream, since: int, until: int) -> JointStream:
    """The messages with a stamp in since..until [ns]."""
    there = (stream.stamps >= since) & (stream.stamps <= until)
    return JointStream(stream.received[there], stream.stamps[there], stream.position[there])


def speeds(stream: JointStream) -> Array:
    """Speed [N, rad/s] of the fastest joint over the 50 ms before each reading; NaN: not known."""
    stamps, found = stream.stamps, np.full(len(stream), _NAN)
    if not len(stamps):
        return found
    first = np.searchsorted(stamps, stamps - _WINDOW)
    gaps = np.concatenate(([0], np.cumsum(np.diff(stamps) > _GAP)))
    spans = stamps - stamps[first]
    known = (gaps == gaps[first]) & (spans > _WINDOW // 2)
    travel = np.abs(stream.position - stream.position[first]).max(axis=1)
    found[known] = travel[known] / (spans[known] / SECOND)
    return found


def speed_at(stream: JointStream, at: int) -> float:
    """Speed of the fastest joint at `at` [ns]; NaN where no reading tells."""
    near = cut(stream, at - 2 * _WINDOW, at)
    return float(speeds(near)[-1]) if len(near) else _NAN


def rest(stream: JointStream, since: int, until: int) -> Rest:
    """The first rest at or after `since`, and what the arm did from there to `until` [ns]."""
    near = cut(stream, since - _WINDOW, until)
    still = speeds(near) < STILL  # a NaN is not
    at = _first_calm(near.stamps, still, since)
    if at < 0:
        return Rest(0, np.full(near.position.shape[1], _NAN), _NAN)
    pose = near.position[at]
    moved = float(np.abs(near.position[at:] - pose).max())
    return Rest(int(near.stamps[at]), pose, moved)


def _first_calm(stamps: Times, still: np.ndarray, since: int) -> int:
    """Index of the first reading from which on all are still for long enough; -1: none."""
    moving = np.concatenate(([0], np.cumsum(~still)))
    after = np.searchsorted(stamps, stamps + _CALM)
    whole = after < len(stamps)
    calm = whole & (stamps >= since) & (moving[np.minimum(after + 1, len(stamps))] == moving[:-1])
    return int(np.argmax(calm)) if calm.any() else -1
