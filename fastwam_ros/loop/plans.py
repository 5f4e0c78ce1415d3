"""The executor's plans as it tells them, each with the chunk that it came from.

A plan is told with its first command: sampled positions of the arms. Which chunk it came from, and
how far it has got, is told by the states that follow. Grippers have no part in a plan: theirs is
the chunk's. Facts: fastwam/trajectory, ExecutorState.msg.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Mask, Ns
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES, JOINT_NAMES

Stamps = NDArray[np.int64]
_ARMS = [JOINT_NAMES.index(name) for name in ARM_NAMES]
_GRIPPERS = [JOINT_NAMES.index(name) for name in GRIPPER_NAMES]


@dataclass(frozen=True)
class Said:
    """The executor's state. first_tick [ns] of its plan, 0 before it; left [s] of its motion.

    chunk: epoch and sequence that the plan came from, chunk_stamp [ns] its head stamp, 0 of none;
    slow: by how much it is slowed; judged: epoch and sequence of the last chunk; taken: whether
    that was accepted.
    """

    stamp: Ns
    mode: str
    epoch: int
    first_tick: Ns
    chunk: tuple[int, int]
    chunk_stamp: Ns
    slow: float
    left: float
    judged: tuple[int, int]
    taken: bool

    def names(self, chunk: Chunk) -> bool:
        """Whether this is the chunk that the plan in force came from."""
        return (chunk.epoch, chunk.sequence, chunk.stamp) == (*self.chunk, self.chunk_stamp)


@dataclass(frozen=True)
class Origin:
    """The chunk that plans came from, the first tick of the first of them, and its slowness."""

    chunk: Chunk
    begin: Ns
    slow: float

    @property
    def end(self) -> Ns:
        """When the last row is due."""
        chunk = self.chunk
        return chunk.stamp + round((chunk.rows - 1 + chunk.offset) * chunk.step * SECOND)

    def openings(self, due: Stamps) -> Array:
        """Of the grippers [N, G] in m, linear between rows and held outside of them."""
        seconds = (due - self.begin) / SECOND / self.slow
        times, rows = self.chunk.seconds(self.begin), self.chunk.columns(GRIPPER_NAMES)
        return np.stack([np.interp(seconds, times, column) for column in rows.T], 1)


@dataclass(frozen=True)
class HeardPlan:
    """positions [N, arm joints] at times [N] in ns after the first tick; late: (since, by) ns."""

    begin: Ns
    times: Stamps
    positions: Array
    origin: Origin | None = None
    told: Said | None = None  # the first state that spoke of it
    late: tuple[tuple[Ns, Ns], ...] = ((0, 0),)

    def after(self, due: Stamps) -> Stamps:
        """Plan time [N, ns]: a late tick makes the plan late from then on."""
        since, by = np.array(self.late, np.int64).T
        return due - self.begin - by[np.searchsorted(since, due, side='right') - 1]

    def covers(self, due: Stamps) -> Mask:
        """Which instants [N] it says something of, arms and grippers."""
        known = self.origin is not None
        return (due >= self.begin) & (self.after(due) <= self.times[-1]) & known

    def rows(self, due: Stamps) -> Array:
        """Rows [N, joints] at instants that it covers, linear between its points."""
        rows, at = np.zeros((len(due), len(JOINT_NAMES))), self.after(due)
        for joint, column in zip(_ARMS, self.positions.T, strict=True):
            rows[:, joint] = np.interp(at, self.times, column)
        if self.origin is not None:
            rows[:, _GRIPPERS] = self.origin.openings(due)
        return rows

    def hear(self, said: Said) -> 'HeardPlan':
        """With what a state says of how far it has got; one at rest tells nothing."""
        if self.told is None or said.left <= 0.0:
            return replace(self, told=self.told or said)
        passed = round((self.told.left - said.left) * SECOND)
        by = said.stamp - self.told.stamp - passed
        if by == self.late[-1][1]:
            return self
        return replace(self, late=(*self.late, (said.stamp, by)))
