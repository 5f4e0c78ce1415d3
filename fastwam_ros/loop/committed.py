"""What the arms will do whatever the next chunk says: the executor's plans as rows of that chunk.

What was commanded is each plan until the next one took over; what will be is the plan in force.
Time is an argument, and the same words in the same order give the same rows. Facts: real-time
chunking (arXiv 2506.07339).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.loop.plans import HeardPlan, Origin, Said, Stamps
from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Mask, Ns
from fastwam_ros.robot.joints import ARM_NAMES, JOINT_NAMES
from fastwam_ros.wam.prefix import prefix_weights

_KEPT = 10 * SECOND  # for which a plan is remembered after another took over: beyond any latency
_LATENCIES = 8  # newest ones, none of which the next is expected to exceed
_CHUNKS = 16  # newest own ones that a plan may turn out to come from


@dataclass(frozen=True)
class Commitment:
    """rows [H, joints] by JOINT_NAMES, rad and m; covered [H]: which of them are known at all.

    start: rows due before the new chunk can take over; end: rows due before the chunk in force
    ends, beyond which there is nothing but the plan's stop.
    """

    rows: Array
    covered: Mask
    start: int
    end: int

    @property
    def weights(self) -> Array:
        """How much each row binds [H], 0 where it is not known."""
        return prefix_weights(len(self.rows), self.start, self.end) * self.covered


class Committed:
    """The plans of the last moments, and the own chunks that they may have come from."""

    def __init__(self) -> None:
        self._plans: deque[HeardPlan] = deque()
        self._chunks: deque[Chunk] = deque(maxlen=_CHUNKS)
        self._latencies: deque[Ns] = deque(maxlen=_LATENCIES)
        self._said: Said | None = None

    def clear(self) -> None:
        """Forget everything: time went back."""
        for kept in (self._plans, self._chunks, self._latencies):
            kept.clear()
        self._said = None

    def add_chunk(self, chunk: Chunk) -> None:
        """Take a chunk of our own, before it is published."""
        self._chunks.append(chunk)

    def add_plan(
        self, begin: Ns, times: Sequence[Ns], names: Sequence[str], positions: Array
    ) -> str:
        """Take a plan; returns why it was dropped, or ''.

        begin: its first tick [ns]; times [N] in ns after it, rising from 0; positions
        [N, len(names)] in rad. It is what is commanded from then on, whatever was known before.
        """
        missing = sorted(set(ARM_NAMES) - set(names))
        if missing:
            return f'the plan in force lacks {", ".join(missing)}: not of this robot?'
        if not len(times) or not np.isfinite(positions).all():
            return 'the plan in force has no points, or one that is not finite'
        columns = [list(names).index(name) for name in ARM_NAMES]
        while self._plans and self._plans[-1].begin >= begin:
            self._plans.pop()
        plan = HeardPlan(begin, np.array(times, np.int64), positions[:, columns])
        self._plans.append(plan)
        while len(self._plans) > 1 and self._plans[1].begin < begin - _KEPT:
            self._plans.popleft()
        self._join()
        return ''

    def add_state(self, said: Said) -> None:
        """Take the executor's word."""
        self._said = said
        self._join()

    @property
    def latency(self) -> Ns:
        """The longest of late from a head stamp to the first command of its chunk; 0 of none."""
        return max(self._latencies, default=0)

    def answered(self, chunk: Chunk) -> bool:
        """Whether it is known what became of a chunk: of one that was taken, with its plan."""
        said = self._said
        if said is None or said.judged < (chunk.epoch, chunk.sequence):
            return False
        return not said.taken or self._in_force() is not None

    def ahead(
        self, stamp: Ns, step: float, offset: float, horizon: int, latency: Ns
    ) -> Commitment | None:
        """What a chunk of these rows from a head stamp [ns] is to begin with, or None.

        latency [ns]: from the head stamp until that chunk can take over. None unless the policy
        moves the arms, by a plan from an own chunk of the epoch in force, some row of which is
        ahead.
        """
        force = self._in_force()
        if force is None:
            return None
        due = stamp + np.rint((np.arange(horizon) + offset) * step * SECOND).astype(np.int64)
        end = int((due < force.end).sum())
        start = min(int((due < stamp + latency).sum()), end)
        found = Commitment(*self._rows(due), start, end)
        return found if found.weights.any() else None

    def _rows(self, due: Stamps) -> tuple[Array, Mask]:
        rows, covered = np.zeros((len(due), len(JOINT_NAMES))), np.zeros(len(due), np.bool_)
        later = np.full(len(due), True)
        for plan in reversed(self._plans):
            mine = later & plan.covers(due)
            rows[mine], covered[mine] = plan.rows(due[mine]), True
            later &= due < plan.begin
            if not later.any():
                break
        return rows, covered

    def _in_force(self) -> Origin | None:
        """Where the plan in force comes from, if the newest is that and it binds."""
        said = self._said
        if said is None or not self._plans or said.mode != Mode.POLICY.value:
            return None
        newest = self._plans[-1]
        if newest.begin != said.first_tick or newest.origin is None:
            return None
        return newest.origin if newest.origin.chunk.epoch == said.epoch else None

    def _join(self) -> None:
        """Bring together the newest plan and what the state says of it."""
        said = self._said
        if said is None or not self._plans or self._plans[-1].begin != said.first_tick:
            return
        plan = self._plans[-1]
        if plan.told is None:
            plan = replace(plan, origin=self._origin(plan, said))
        self._plans[-1] = plan.hear(said)

    def _origin(self, plan: HeardPlan, said: Said) -> Origin | None:
        """Another timing of a plan has its predecessor's; a new chunk has its own."""
        before = self._plans[-2].origin if len(self._plans) > 1 else None
        if before is not None and said.names(before.chunk):
            return before
        for chunk in self._chunks:
            if said.names(chunk):
                self._latencies.append(plan.begin - chunk.stamp)
                return Origin(chunk, plan.begin, said.slow)
        return None
