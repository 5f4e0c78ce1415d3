"""When arms came to rest, and whether they stayed there: from their readings.

An arm is at rest from where none of its joints moves faster than 0.02 rad/s, measured over 50 ms,
for 0.2 s without a gap in the readings. Gaps come of a recorder that falls behind, or of a
simulator that gets no processor time, whose world stands still meanwhile.
"""

from collections.abc import Mapping
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


class Settled(NamedTuple):
    """What readings show of several arms, each with its rest.

    at: when all were at rest [ns], 0 for never; moving: the last reading that shows one move,
    where they were not [ns], 0 for none. How long there were no readings of the worst arm [ns]:
    unread, until `at` or `moving`; missing, until the end.
    """

    arms: Mapping[str, Rest]
    at: int
    moving: int
    unread: int
    missing: int

    @classmethod
    def of(cls, streams: Mapping[str, JointStream], since: int, until: int) -> 'Settled':
        """From `since` to `until` [ns]."""
        arms = {name: rest(stream, since, until) for name, stream in streams.items()}
        rested = all(found.at for found in arms.values())
        at = max(found.at for found in arms.values()) if rested else 0
        last = [0 if rested else last_motion(each, since, until) for each in streams.values()]
        ends = (at or max(last) or until, until)
        gaps = (max(unread(each, since, end) for each in streams.values()) for end in ends)
        return cls(arms, at, max(last), *gaps)


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


def last_motion(stream: JointStream, since: int, until: int) -> int:
    """Stamp of the last reading that shows a joint move [ns], across gaps too; 0: none does."""
    near = cut(stream, since, until)
    if not len(near):
        return 0
    moving = speeds(near) >= STILL  # a NaN is not
    spans = np.diff(near.stamps)
    travel = np.abs(np.diff(near.position, axis=0)).max(axis=1)
    moving[1:] |= (spans > _GAP) & (travel >= STILL * spans / SECOND)
    return int(near.stamps[moving][-1]) if moving.any() else 0


def unread(stream: JointStream, since: int, until: int) -> int:
    """How much of since..until lies in gaps between readings [ns]."""
    steps = np.diff(np.concatenate(([since], cut(stream, since, until).stamps, [until])))
    return int(steps[steps > _GAP].sum())


def _first_calm(stamps: Times, still: np.ndarray, since: int) -> int:
    """Index of the first reading from which on all are still for long enough; -1: none."""
    moving = np.concatenate(([0], np.cumsum(~still)))
    after = np.searchsorted(stamps, stamps + _CALM)
    whole = after < len(stamps)
    calm = whole & (stamps >= since) & (moving[np.minimum(after + 1, len(stamps))] == moving[:-1])
    return int(np.argmax(calm)) if calm.any() else -1
