"""Which chunks may become plans: the guard's checks, their order within an epoch, their lateness.

Remembers what it must of earlier chunks and of the request to run. Splicing is the drive's part,
and whether anybody wants a chunk now is the executor's.
"""

from collections import deque
from collections.abc import Callable

import numpy as np

from fastwam_ros.motion import guard
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.splice import UNUSED_ROWS, Refusal
from fastwam_ros.motion.status import Settings

OF_BEFORE = ('epoch', 'before_run')  # verdicts on chunks from before a request to run
SOFT = 0.7  # share of the hard age from which a plan is slowed down
_LATENCIES = 64
_RECENT = 10 * SECOND  # [ns] for which they count: those of a start say nothing of now
_SLOWEST = 60.0  # [s] from an image to its chunk; beyond it a clock is wrong, which the guard says


class Admission:
    """Judges the chunks of one executor."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._latencies: deque[tuple[Ns, float]] = deque(maxlen=_LATENCIES)
        self._hard_age = float('inf')
        self._sequence = 0
        self._run_at: Ns = 0
        self._set_at: Ns = 0
        self._newest: Ns = 0  # stamp of the last accepted chunk

    def begin(self, now: Ns) -> None:
        """Run was accepted: a new epoch, and only images taken from now on."""
        self._run_at, self._sequence, self._newest = now, 0, 0

    def waited(self, now: Ns) -> float:
        """Seconds since `begin`."""
        return (now - self._run_at) / SECOND

    def clock_step(self, now: Ns, step: Ns) -> None:
        """The clock of the stamps was set by `step` [ns] at `now`, which goes on without it.

        A stamp from before reads as if taken `step` earlier: such chunks are refused.
        """
        self._set_at, self._newest = now + max(-step, 0), 0

    def note(self, now: Ns, chunk: Chunk) -> None:
        """Take a chunk's latency and horizon, executed or not."""
        latency = (now - chunk.stamp) / SECOND
        if 0.0 < latency < _SLOWEST:
            self._latencies.append((now, latency))
        self._hard_age = hard_age(chunk, self._settings)

    def too_late(self, now: Ns) -> str:
        """Why chunks come too late to run on them, or ''; '' too when none was seen lately."""
        recent = [late for at, late in self._latencies if now - at <= _RECENT]
        late = float(np.quantile(recent, 0.95)) if recent else 0.0
        if 2.0 * late <= self._hard_age:
            return ''
        return f'chunks come {late:.2f} s after their images, limit {self._hard_age / 2:.2f} s'

    def refuse(
        self, now: Ns, chunk: Chunk, epoch: int, pending: bool, planned: Callable[[Ns], Array]
    ) -> Refusal | None:
        """The first reason against a chunk, or None. planned: what the plan in force commands."""
        checks = guard.CHECKS if self._settings.judges_jumps else guard.FROM_ANYWHERE
        refusal = guard.judge(chunk, self._expected(now, epoch, planned), checks)
        if refusal is None and pending and chunk.stamp <= self._run_at:
            return Refusal('before_run', 'its image was taken before run was requested')
        if refusal is None and chunk.stamp <= self._set_at:
            return Refusal('clock', 'its image was taken before the clock was set')
        return refusal

    def unsound(self, now: Ns, chunk: Chunk) -> Refusal | None:
        """What is wrong with the chunk by itself, whoever moves the arms."""
        expected = self._expected(now, chunk.epoch, lambda t: np.zeros(0))
        return guard.judge(chunk, expected, guard.OF_ITSELF)

    def accepted(self, chunk: Chunk) -> None:
        """The chunk became the plan: older ones are refused from now on."""
        self._sequence, self._newest = chunk.sequence, chunk.stamp

    def ages(self, chunk: Chunk) -> tuple[float, float]:
        """The ages [s] of a chunk from which its plan is slowed down, and stopped."""
        hard = hard_age(chunk, self._settings)
        return SOFT * hard, hard

    def _expected(self, now: Ns, epoch: int, planned: Callable[[Ns], Array]) -> guard.Expected:
        settings = self._settings
        return guard.Expected(
            settings.robot,
            settings.limits,
            settings.grippers.names,
            epoch,
            self._sequence,
            self._newest,
            now,
            planned,
            settings.trained,
        )


def hard_age(chunk: Chunk, settings: Settings) -> float:
    """The age [s] at which a chunk's plan must begin to stop: last usable row less stop time."""
    usable = (chunk.rows - 1 - UNUSED_ROWS + chunk.offset) * chunk.step
    return usable - settings.limits.stop_time
