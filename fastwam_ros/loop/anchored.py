"""Chunks judged one by one from what was recorded: what would the executor make of each?

Every chunk meets an executor of its own, that moves as the arms did when the chunk came. So no
chunk is judged by what the ones before it would have done, and commands of two chunks do not
join: a plan per chunk is what there is. Time is an argument.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastwam_ros.loop.execution import LIMITS, UNWATCHED, Execution
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns, State
from fastwam_ros.motion.status import Verdict
from fastwam_ros.motion.viability import way
from fastwam_ros.robot.joints import ARM_PARTS, ARM_SIZE, ARMS, SIDES
from fastwam_ros.robot.units import opening

_SPAN = SECOND // 20  # of readings that a speed is taken over: differences of 5 ms are noise
_TICK = SECOND // 20  # between an image and its chunk: what the executor's own patience allows
# The arms are where they were recorded, not where this chunk would lead them.
_SETTINGS: dict[str, Any] = {
    'tracker': UNWATCHED,
    'dry_run': True,
    'judges_jumps': False,
    'pending_timeout': float('inf'),
}


@dataclass(frozen=True)
class Judged:
    """A chunk's verdict, and the executor that has its plan in force where it was accepted.

    beyond: the arms moved as they are never commanded to, and were met with less.
    """

    verdict: Verdict
    execution: Execution
    beyond: bool


class Recorded:
    """The newest readings of one robot, and how its arms move."""

    def __init__(self) -> None:
        self._arms: dict[str, deque[tuple[Ns, Array]]] = {side: deque() for side in SIDES}
        self._grips: dict[str, float] = {}

    def on_arm(self, now: Ns, side: str, position: Array) -> None:
        """One arm's positions [6 or 7, rad], received now; what is no reading is left out."""
        q = np.asarray(position, np.float64)[:ARM_SIZE]
        if len(q) < ARM_SIZE or not np.isfinite(q).all():
            return
        readings = self._arms[side]
        readings.append((now, q))
        while now - readings[0][0] > _SPAN:
            readings.popleft()

    def on_gripper(self, side: str, wire: float) -> None:
        """One gripper's opening in wire units."""
        if np.isfinite(wire):
            self._grips[side] = wire

    @property
    def complete(self) -> bool:
        """Whether both arms and grippers were heard."""
        return all(self._arms.values()) and len(self._grips) == len(SIDES)

    def grips(self) -> dict[str, float]:
        """Openings in wire units by side."""
        return dict(self._grips)

    def state(self) -> tuple[State, bool]:
        """The arms' motion as it may be commanded, and whether theirs was beyond that.

        Faster arms count as slower ones in their direction, and a joint that could not stop
        before its position limit as one that stands.
        """
        q, v = np.zeros(len(ARMS)), np.zeros(len(ARMS))
        for side, part in ARM_PARTS.items():
            q[part], v[part] = _motion(self._arms[side])
        q, none = LIMITS.clamp(q), np.zeros(len(ARMS))
        most = float((np.abs(v) / LIMITS.velocity).max())
        v /= max(most, 1.0)
        room = np.where(v > 0.0, LIMITS.upper - q, q - LIMITS.lower)
        stops = way(LIMITS, np.abs(v), none) <= room
        return State(q, np.where(stops, v, 0.0), none), most > 1.0 or not stops.all()


class Anchored:
    """The judge of a recording's chunks."""

    def __init__(self, rate: float) -> None:
        """rate [Hz] of commands."""
        self._rate = rate

    def judge(self, now: Ns, chunk: Chunk, recorded: Recorded, epoch: int) -> Judged:
        """A chunk that comes now. epoch: of the run that it is to belong to."""
        execution = Execution(self._rate, epoch - 1, **_SETTINGS)
        state, beyond = recorded.state()
        _stand(execution, min(chunk.stamp, now) - SECOND // 100, now, recorded, state)
        grips = recorded.grips()
        openings = np.array([opening(grips[side]) for side in SIDES])
        execution.executor.anchor(state, openings)
        verdict = execution.on_chunk(now, replace(chunk, epoch=epoch))
        return Judged(verdict, execution, beyond)


def _stand(execution: Execution, since: Ns, now: Ns, recorded: Recorded, state: State) -> None:
    """An executor that was told to run before the image was taken, and waited until now."""
    times = [*range(since, now, _TICK), now]
    for n, at in enumerate(times):
        for side, part in ARM_PARTS.items():
            execution.on_arm(at, side, state.q[part].tolist(), ())
            execution.on_gripper(at, side, [recorded.grips()[side]])
        execution.tick(at)
        if n == 0:
            execution.on_request(at, 'engage', 1, 'replay')
            execution.on_request(at, 'run', 2, 'replay')


def _motion(readings: deque[tuple[Ns, Array]]) -> tuple[Array, Array]:
    """Where an arm is [6, rad] and how it moves [6, rad/s]: a line through its last readings."""
    times = np.array([at for at, _ in readings], np.float64) / SECOND
    rows = np.array([q for _, q in readings])
    if len(times) < 3 or np.ptp(times) < 0.5 * _SPAN / SECOND:
        return rows[-1], np.zeros(ARM_SIZE)
    slope = np.polyfit(times - times[-1], rows, 1)[0]
    return rows[-1], slope
