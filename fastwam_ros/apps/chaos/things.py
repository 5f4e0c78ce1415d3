"""What happens by itself: a policy's chunks, others on the topics, clocks, feedback that fails."""

from dataclasses import replace

import numpy as np

from fastwam_ros.apps.chaos.arms import FEEDBACK
from fastwam_ros.apps.chaos.spoil import spoilt
from fastwam_ros.apps.chaos.stage import Rng, Stage, moment, seconds
from fastwam_ros.apps.chaos.wants import MANNERS, Motion
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.status import ACCEPTED, SHADOW
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES, JOINT_NAMES, ROBOT

# Rows of chunks and seconds between them; the first is the sensible one.
_FORMS = ((32, 1 / 15), (32, 1 / 15), (32, 1 / 30), (16, 0.1), (64, 1 / 15), (200, 0.01), (8, 0.4))
_TAKEN = (ACCEPTED, SHADOW)
_SENSIBLE = 'steady'


def chunk_of(rows: Array, openings: Array, **fields: float | int | str) -> Chunk:
    """A chunk for this robot: rows [H, D] in rad, openings [H, G] in m."""
    columns = dict(zip(ARM_NAMES, rows.T, strict=True))
    columns |= dict(zip(GRIPPER_NAMES, openings.T, strict=True))
    positions = np.stack([columns[name] for name in JOINT_NAMES], axis=1)
    sound = Chunk(0, 1 / 15, 0.0, JOINT_NAMES, positions, robot=ROBOT)
    return replace(sound, **fields)  # type: ignore[arg-type]


class Policy:
    """Chunks in one manner for some seconds, then in another; some of them are spoilt.

    They come late: log-normal about 190 ms, with spikes; some are lost, some come as a flood.
    """

    def __init__(self, rng: Rng, now: Ns, hostile: float) -> None:
        """hostile: share of the time in which another manner than a sensible one is taken."""
        self._rng, self._hostile = rng, hostile
        self.due, self._until = now, now
        self._motion: Motion | None = None
        self._flood = 0
        self._sequence = 0

    def act(self, stage: Stage) -> None:
        rng = self._rng
        if self._motion is None or stage.now >= self._until:
            self._begin(stage)
        if rng.random() > 0.04:
            chunk = self._chunk(stage)
            chunk = spoilt(rng, chunk) if rng.random() < self._spoiling else chunk
            verdict = stage.offer(chunk)
            if verdict == 'jump' or (verdict not in _TAKEN and rng.random() < 0.3):
                self._motion = None  # it sees the arms elsewhere, or wants something else
        self.due = stage.now + self._pause()

    def _pause(self) -> Ns:
        """Until the next chunk [ns]."""
        rng = self._rng
        if self._flood:
            self._flood -= 1
            return seconds(0.001)
        self._flood = 40 if rng.random() < 0.002 else 0
        return seconds(3.0 if rng.random() < 0.01 else rng.uniform(0.2, 0.4))

    def _begin(self, stage: Stage) -> None:
        rng, sensible = self._rng, self._rng.random() > self._hostile
        self._manner = _SENSIBLE if sensible else str(rng.choice(list(MANNERS)))
        self._motion = MANNERS[self._manner](rng, stage.commanded(), stage.limits)
        self._begun, self._until = stage.now, stage.now + moment(rng, 5.0)
        self._form = _FORMS[0] if sensible else _FORMS[int(rng.integers(len(_FORMS)))]
        self._offset = 0.0 if sensible else float(rng.choice([0.0, 1.0, 0.5]))
        self._spoiling = 0.0 if sensible else float(rng.choice([0.0, 0.1, 0.5]))

    def _chunk(self, stage: Stage) -> Chunk:
        rng, (count, step) = self._rng, self._form
        late = 0.19 * float(np.exp(0.15 * rng.standard_normal()))
        late += rng.uniform(0.2, 0.9) if rng.random() < 0.02 else 0.0
        stamp = stage.now - seconds(late)
        stamp -= stage.set_by if stamp < stage.set_at else 0
        k = np.arange(count, dtype=np.float64)
        due: Array = (stamp - self._begun) / SECOND + (k + self._offset) * step
        assert self._motion is not None
        rows = self._motion(due, stage.commanded())
        rows += rng.normal(0.0, 0.003, rows.shape[1]) + rng.normal(0.0, 0.001, rows.shape)
        grips = np.clip(rng.uniform(-0.01, 0.11, len(GRIPPER_NAMES)) + 0.0 * due[:, None], 0, 0.1)
        self._sequence += 1
        epoch = stage.executor.status.epoch
        fields = {'stamp': stamp, 'step': step, 'offset': self._offset, 'epoch': epoch}
        doubt = float(rng.choice([np.nan, 0.01, 0.15, 0.3], p=[0.1, 0.7, 0.1, 0.1]))
        return chunk_of(rows, grips, sequence=self._sequence, disagreement=doubt, **fields)


class Feedback:
    """What goes wrong with the robot's readings, for a while."""

    def __init__(self, rng: Rng, now: Ns) -> None:
        self._rng, self.due = rng, now + moment(rng, 12.0)

    def act(self, stage: Stage) -> None:
        sound = stage.arms.feedback != FEEDBACK[0]
        kinds = ['silent', 'silent', 'frozen', 'stuck', 'torn', 'strained']
        stage.arms.feedback = FEEDBACK[0] if sound else str(self._rng.choice(kinds))
        brief = stage.arms.feedback == 'torn'
        mean = 12.0 if sound else 0.005 if brief else self._rng.choice([0.05, 0.3, 2.0])
        self.due = stage.now + moment(self._rng, mean)


class Others:
    """Somebody else commands the robot for a while."""

    def __init__(self, rng: Rng, now: Ns, size: int, grippers: int) -> None:
        self._rng, self.due = rng, now + moment(rng, 30.0)
        self._size, self._grippers, self._left = size, grippers, 0

    def act(self, stage: Stage) -> None:
        rng = self._rng
        if not self._left:
            self._left = int(rng.choice([1, 5, 60]))
            self._q = stage.arms.q + rng.normal(0.0, 0.03, self._size)
        self._left -= 1
        grips = np.full(self._grippers, np.nan)
        part = np.where(np.arange(self._size) < self._size // 2, self._q, np.nan)
        stage.executor.on_foreign(stage.now, 'target_joint_state_arm_left', part, grips)
        if stage.executor.silent:
            stage.arms.move(np.where(np.isnan(part), stage.arms.q, part), None)
        self.due = stage.now + (seconds(0.01) if self._left else moment(rng, 30.0))


class Clock:
    """The clock of the stamps is set: chunks on their way were stamped by the old one."""

    def __init__(self, rng: Rng, now: Ns) -> None:
        self._rng, self.due = rng, now + moment(rng, 25.0)

    def act(self, stage: Stage) -> None:
        step = seconds(self._rng.choice([-1.0, 1.0]) * 10.0 ** self._rng.uniform(-2.0, 0.5))
        stage.executor.on_clock_step(stage.now, step)
        stage.set_at, stage.set_by = stage.now, step
        self.due = stage.now + moment(self._rng, 25.0)
