"""Rules that every tick must keep, whatever happened since the one before.

Written from docs/executor.md, not from the executor: who may move the arms, what stands still,
and for how long a stop may go on.
"""

import numpy as np

from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.status import Setpoint

STOP = 2.5  # [s] in which a commanded motion has come to rest, on its path or not
_OWN = 'own command'  # a plan that was made to keep the bounds did not
_SOURCES = {Mode.POLICY: 'policy', Mode.TELEOP: 'teleop'}


class Rules:
    """Looks at the ticks of one executor. A broken rule is a sentence."""

    def __init__(self, executor: Executor) -> None:
        self._executor, self._settings = executor, executor.settings
        self._last: Setpoint | None = None
        self._mode = Mode.DISARMED
        self._since = 0  # ticks in this mode
        self._stopping = 0  # ticks in which the arms came to rest
        self._stream = 0

    def look(self, now: Ns, point: Setpoint | None, stream: int) -> list[str]:
        """What is wrong with a tick. stream: which engagement its command belongs to."""
        mode = self._executor.status.standing.mode
        self._since = self._since + 1 if mode is self._mode else 0
        stops = mode in (Mode.STOPPING, Mode.FAULT)
        self._stopping = self._stopping + 1 if stops else 0
        same = stream == self._stream and self._last is not None
        found = [*self._authority(mode, now, point), *self._grippers(point, same)]
        found += self._standing(mode, point) if same else []
        self._last, self._mode, self._stream = point, mode, stream
        return found

    def _authority(self, mode: Mode, now: Ns, point: Setpoint | None) -> list[str]:
        executor, found = self._executor, []
        if executor.source != _SOURCES.get(mode, 'none'):
            found.append(f'source {executor.source} in {mode.value}')
        if mode is Mode.DISARMED and point is not None:
            found.append('a command while DISARMED')
        if mode is Mode.ESTOP and point is not None and point.state is not None:
            found.append('the arms are commanded in ESTOP')
        if mode in (Mode.HOLD, Mode.POLICY, Mode.TELEOP, Mode.STOPPING) and point is None:
            found.append(f'silent in {mode.value}')
        if point is not None and point.now != now:
            found.append(f'a command of another time: {point.now - now} ns')
        if mode is Mode.POLICY and executor.age() > executor.status.in_force.hard_age:
            found.append(f'executes a chunk that is {executor.age():.3f} s old')
        if mode is Mode.POLICY and executor.status.in_force.epoch != executor.status.epoch:
            found.append('executes a chunk of another epoch')
        if mode is Mode.FAULT and not self._since and _OWN in executor.status.reason:
            found.append(executor.status.reason)
        return found

    def _standing(self, mode: Mode, point: Setpoint | None) -> list[str]:
        """Nobody moves the arms: they stand exactly, after a stop of bounded length."""
        last = self._last
        if point is None or last is None or point.state is None or last.state is None:
            return []
        moved = not np.array_equal(point.state.q, last.state.q)
        held = mode is Mode.HOLD and self._mode is Mode.HOLD
        if moved and held and not self._settings.dry_run:
            return ['the arms move in HOLD']
        if moved and self._stopping * self._settings.period > STOP * SECOND:
            return [f'the arms still move {STOP} s after a stop began']
        return []

    def _grippers(self, point: Setpoint | None, same: bool) -> list[str]:
        if point is None:
            return []
        grippers, found = self._settings.grippers, []
        inside = (point.openings >= 0.0) & (point.openings <= grippers.widest)
        if not inside.all():
            found.append(f'gripper openings {point.openings} outside of 0..{grippers.widest}')
        if same and self._last is not None:
            found += self._opened(point.openings - self._last.openings)
        return found

    def _opened(self, by: Array) -> list[str]:
        most = self._settings.grippers.speed * self._settings.period / SECOND
        return [] if np.abs(by).max() <= most + 1e-12 else [f'a gripper leaps by {by} m']
