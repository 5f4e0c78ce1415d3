"""The inference side of the loop: pictures and joint readings in, chunks out.

`pick` decides quickly whether there is something to infer; `run` decodes, tiles and asks the
model, which takes long and may happen on another thread. Neither reads a clock: which pictures,
which state and, for a model that keeps up, which head stamps follows from the streams' own stamps.
From a camera that sees nothing there is no chunk; `blind` tells which one.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from fastwam_ros.loop.committed import Committed
from fastwam_ros.loop.eyesight import Blindness, Eyesight, blindness
from fastwam_ros.loop.joints import JointHistory
from fastwam_ros.loop.model import Model, check_model, from_model, to_model, wanted_of
from fastwam_ros.loop.pictures import Formats, picture
from fastwam_ros.loop.synchroniser import Frame, FrameSet, Synchroniser
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.robot.joints import JOINT_NAMES
from fastwam_ros.robot.pictures import Convert, Layout
from fastwam_ros.wam.prefix import Wanted

INFERRING = ('HOLD', 'POLICY', 'TELEOP')  # outside POLICY the chunks are shadows


@dataclass(frozen=True)
class Job:
    """One observation to infer from. state: joint name -> rad or m, at the set's stamp.

    prefix: what the chunk is to begin with, in the model's order and units, or None.
    """

    frames: FrameSet
    state: dict[str, float]
    task: str
    epoch: int
    sequence: int
    prefix: Wanted | None = None

    @property
    def digest(self) -> str:
        """16 hex digits over the pictures' bytes and layouts, the state, the task and a prefix."""
        made = blake2b(self.task.encode(), digest_size=8)
        for frame in self.frames.frames.values():
            made.update(frame.data)
            if frame.layout is not None:
                made.update(repr(frame.layout).encode())
        made.update(np.array([self.state[name] for name in JOINT_NAMES]).tobytes())
        if self.prefix is not None:
            made.update(self.prefix.rows.tobytes() + self.prefix.weights.tobytes())
        return made.hexdigest()


class Inference:
    """Observations of one R1 Lite for one model."""

    def __init__(
        self,
        model: Model,
        max_skew: float,
        max_rate: float,
        task: str = '',
        always: bool = False,
        frame_interval: float = 0.0,
        committed: Committed | None = None,
        beyond: Convert | None = None,
    ) -> None:
        """max_skew [s] within a set of pictures; max_rate [Hz] of chunks; always: in any mode.

        frame_interval: see Synchroniser; committed: what chunks begin with, None: they are free to
        begin with anything; beyond: see `robot.pictures.pixels`. Raises ValueError when the model
        is not made for this robot, for a task it lacks, and for a rate that is not above zero.
        """
        check_model(model)
        if not max_rate > 0.0:
            raise ValueError(f'max_rate is {max_rate} Hz: it is above zero')
        self.model = model
        skew, interval = round(max_skew * SECOND), round(frame_interval * SECOND)
        self.frames = Synchroniser(model.cameras, skew, interval)
        self.eyes = Eyesight(model.cameras)
        self.joints = JointHistory()
        self.committed = committed
        self.task = ''
        self.mode, self.epoch = 'DISARMED', 0
        self.changed = ''  # which cameras sent another size or encoding, in the last set
        self.waiting = False  # for a reading: a set of pictures is there
        self._always, self._beyond, self._formats = always, beyond, Formats()
        self._cell = round(SECOND / max_rate)
        self._picked: Ns = 0
        self._sequence = 0
        self._blind: Blindness | None = None
        problem = self.set_task(task or model.tasks[0])
        if problem:
            raise ValueError(problem)

    @property
    def looks(self) -> bool:
        """Whether pictures are inferred from, in the mode that the executor is in."""
        return self._always or self.mode in INFERRING

    @property
    def blind(self) -> Blindness | None:
        """The camera that there are no chunks because of, in the newest set that was looked at."""
        return self.eyes.stuck or (self._blind if self.looks else None)

    def set_task(self, task: str) -> str:
        """Take an instruction; returns why it was refused, or ''.

        A new one is read first, while an inference may run: the chunk after it is of the new task.
        """
        try:
            self.model.learn(task)
        except ValueError as error:
            return f'bundle {self.model.name}: {error}'
        self.task = task
        return ''

    def set_authority(self, mode: str, epoch: int) -> None:
        """Take the executor's word: chunks carry the epoch that was read before inferring."""
        if epoch != self.epoch:
            self._sequence = 0
        self.mode, self.epoch = mode, epoch

    def add_image(self, camera: str, stamp: Ns, data: bytes, layout: Layout | None = None) -> str:
        """Take a picture, encoded or raw with its layout; returns why it was dropped, or ''."""
        frame = Frame(stamp, data, layout)
        if dropped := self.frames.add(camera, frame):
            self.eyes.repeats(camera, stamp)
            return dropped
        self.eyes.see(camera, frame, self.joints.at)
        return ''

    def clear(self) -> None:
        """Forget all pictures and readings: time went back."""
        self.frames.clear()
        self.eyes.clear()
        self.joints.clear()
        if self.committed is not None:
            self.committed.clear()
        self._picked = 0

    def pick(self) -> Job | str | None:
        """The newest observation, None where there is nothing to do, or why it cannot be used.

        None from a frozen camera as well: see `blind`. Head stamps fall into cells of
        1 / max_rate on the stamps' own axis, and a cell gives one observation: where inference
        keeps up it is the first of each cell, in every run.
        """
        self.waiting = False
        if not self.looks:
            return None
        problem: str | None = None
        for frames in self.frames.sets(after=self._cell_end()):
            state = self.joints.at(frames.stamp)
            if isinstance(state, dict):
                if frozen := self.eyes.frozen(frames, self.joints.at):
                    last = frames.frames[frozen.camera]
                    self._blind = _of_frozen(frozen.camera, last, self._beyond) or frozen
                    return None
                self._picked, self._sequence = frames.stamp, self._sequence + 1
                prefix = self._prefix(frames.stamp)
                return Job(frames, state, self.task, self.epoch, self._sequence, prefix)
            self.waiting |= state is None
            problem = problem or state
        return None if self.waiting else problem

    def _cell_end(self) -> Ns:
        """The last stamp of the cell that was picked from."""
        return (self._picked // self._cell + 1) * self._cell - 1 if self._picked else 0

    def _prefix(self, stamp: Ns) -> Wanted | None:
        """What the arms are committed to from a head stamp on, for the model."""
        if self.committed is None:
            return None
        model, latency = self.model, self.committed.latency
        found = self.committed.ahead(stamp, model.step, model.offset, model.horizon, latency)
        return None if found is None else wanted_of(model, found)

    def run(self, job: Job) -> Chunk | None:
        """Infer; None from a camera that shows nothing: see `blind`.

        Raises ValueError for pictures that are none and for a chunk that is not finite. The
        chunk's inference_time is left to the caller, who has a clock.
        """
        frames = job.frames.frames
        images = {name: picture(name, frame, self._beyond) for name, frame in frames.items()}
        self.changed = self._formats.changed(images, frames)
        found = (blindness(name, pixels) for name, pixels in images.items())
        self._blind = next(filter(None, found), None)
        if self._blind is not None:
            return None
        asked = {} if job.prefix is None else {'prefix': job.prefix}
        state = to_model(self.model, job.state)
        predicted = self.model.predict(images, state, job.task, **asked)
        return Chunk(
            stamp=job.frames.stamp,
            step=self.model.step,
            offset=self.model.offset,
            names=self.model.joint_names,
            positions=from_model(self.model, predicted.rows),
            epoch=job.epoch,
            sequence=job.sequence,
            robot=self.model.robot,
            task=job.task,
            disagreement=predicted.disagreement,
            bundle=f'{self.model.name}@{self.model.digest}',
            observation=job.digest,
        )


@lru_cache(maxsize=4)
def _of_frozen(camera: str, frame: Frame, beyond: Convert | None) -> Blindness | None:
    """What is wrong with a frozen camera's picture by itself: the likelier cause, or None."""
    try:
        return blindness(camera, picture(camera, frame, beyond))
    except ValueError as error:
        return Blindness(camera, 'no picture', str(error))
