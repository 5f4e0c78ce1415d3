"""Joint readings over the last moments, so that a picture gets the state of its own instant."""

from collections import deque

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.joints import ARM_SIZE, JOINT_NAMES, SIDES
from fastwam_ros.robot.units import opening

_KEPT = 200  # readings per stream: a second at 200 Hz, longer than any camera's way
_REACH = 50_000_000  # [ns] that a picture may be newer than the newest reading


class JointHistory:
    """Recent stamped readings of both arms and grippers."""

    def __init__(self) -> None:
        self._streams: dict[str, deque[tuple[Ns, Array]]] = {
            f'{kind} {side}': deque(maxlen=_KEPT) for side in SIDES for kind in ('arm', 'gripper')
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

    def at(self, stamp: Ns) -> dict[str, float] | str:
        """Joint name -> rad or m of opening at a stamp, linear between; or why there is none."""
        values: list[float] = []
        for side in SIDES:
            for kind in ('arm', 'gripper'):
                found = self._at(f'{kind} {side}', stamp)
                if isinstance(found, str):
                    return found
                values.extend(found)
        return dict(zip(JOINT_NAMES, values, strict=True))

    def _add(self, name: str, stamp: Ns, values: Array) -> str:
        kept = self._streams[name]
        if kept and stamp <= kept[-1][0]:
            if kept[-1][0] - stamp < SECOND:
                return f'{name} feedback goes back in time'
            kept.clear()  # a clock was set back, or a bag began anew
        kept.append((stamp, values))
        return ''

    def _at(self, name: str, stamp: Ns) -> list[float] | str:
        kept = self._streams[name]
        if not kept:
            return f'no {name} feedback yet'
        if stamp < kept[0][0]:
            early = (kept[0][0] - stamp) / SECOND
            return f'no {name} feedback as old as the picture: it begins {early:.3f} s later'
        if stamp > kept[-1][0] + _REACH:
            late = (stamp - kept[-1][0]) / SECOND
            return f'no {name} feedback near the picture: its newest is {late:.3f} s older'
        times = np.array([(t - stamp) / SECOND for t, _ in kept])
        rows = np.array([values for _, values in kept])
        return [float(np.interp(0.0, times, column)) for column in rows.T]
