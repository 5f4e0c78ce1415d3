"""Joint readings over the last moments, so that a picture gets the state of its own instant.

The state at a stamp follows from the readings right before and right after it, never from what
happens to be the newest: the same streams give the same state, in whatever order they arrive.
"""

from bisect import bisect_left
from collections import deque

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.joints import ARM_SIZE, JOINT_NAMES, SIDES
from fastwam_ros.robot.units import opening

_KINDS = ('arm', 'gripper')
_KEPT = 200  # readings per stream: a second at 200 Hz, longer than any camera's way
_GAP = 100_000_000  # [ns] between two readings that is not bridged: the stream was silent


class JointHistory:
    """Recent stamped readings of both arms and grippers."""

    def __init__(self) -> None:
        self._streams: dict[str, deque[tuple[Ns, Array]]] = {
            f'{kind} {side}': deque(maxlen=_KEPT) for side in SIDES for kind in _KINDS
        }

    def add_arm(self, side: str, stamp: Ns, position: Array) -> str:
        """Keep positions [6 or 7 rad]; returns why they were dropped, or ''."""
        if len(position) not in (ARM_SIZE, ARM_SIZE + 1) or not np.isfinite(position).all():
            return f'{side} arm feedback is not six finite numbers: {position.tolist()}'
        return self._add(f'arm {side}', stamp, position[:ARM_SIZE])

    def add_gripper(self, side: str, stamp: Ns, wire: float) -> str:
        """Keep a gripper's wire value; returns why it was dropped, or ''."""
        if not np.isfinite(wire):
            return f'{side} gripper feedback is {wire}'
        return self._add(f'gripper {side}', stamp, np.array([opening(wire)]))

    def at(self, stamp: Ns) -> dict[str, float] | str | None:
        """Joint name -> rad or m of opening at a stamp, linear between the readings around it.

        None while a reading at or after the stamp is yet to come; in words why there is no state.
        """
        found = [self._at(f'{kind} {side}', stamp) for side in SIDES for kind in _KINDS]
        problems = [each for each in found if isinstance(each, str)]
        if problems:
            return problems[0]
        if any(each is None for each in found):
            return None
        values = np.concatenate([each for each in found if isinstance(each, np.ndarray)])
        return dict(zip(JOINT_NAMES, values.tolist(), strict=True))

    def clear(self) -> None:
        """Forget all readings."""
        for kept in self._streams.values():
            kept.clear()

    def _add(self, name: str, stamp: Ns, values: Array) -> str:
        kept = self._streams[name]
        if kept and stamp <= kept[-1][0]:
            if kept[-1][0] - stamp < SECOND:
                return f'{name} feedback goes back in time'
            kept.clear()  # a clock was set back, or a bag began anew
        kept.append((stamp, values))
        return ''

    def _at(self, name: str, stamp: Ns) -> Array | str | None:
        kept = self._streams[name]
        if not kept:
            return f'no {name} feedback yet'
        if stamp < kept[0][0]:
            early = (kept[0][0] - stamp) / SECOND
            return f'no {name} feedback as old as the picture: it begins {early:.3f} s later'
        after = bisect_left(kept, stamp, key=lambda reading: reading[0])
        if after == len(kept):
            late = stamp - kept[-1][0]
            why = f'no {name} feedback near the picture: its newest is {late / SECOND:.3f} s older'
            return why if late > _GAP else None
        return _between(name, kept[max(after - 1, 0)], kept[after], stamp)


def _between(
    name: str, before: tuple[Ns, Array], after: tuple[Ns, Array], stamp: Ns
) -> Array | str:
    """Linear between two readings, of which the second may lie on the stamp."""
    if after[0] == stamp:
        return after[1]
    gap = after[0] - before[0]
    if gap > _GAP:
        return f'{name} feedback has a gap of {gap / SECOND:.3f} s around the picture'
    return before[1] + (after[1] - before[1]) * ((stamp - before[0]) / gap)
