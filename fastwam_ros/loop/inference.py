"""The inference side of the loop: encoded pictures and joint readings in, chunks out.

`pick` decides quickly whether there is something to infer; `run` decodes, tiles and asks the
model, which takes long and may happen on another thread. Neither reads a clock: which pictures,
which state and, for a model that keeps up, which head stamps follows from the streams' own stamps.
From a camera that sees nothing there is no chunk; `blind` tells which one.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from fastwam_ros.loop.eyesight import Blindness, Eyesight, blindness
from fastwam_ros.loop.joints import JointHistory
from fastwam_ros.loop.synchroniser import Frame, FrameSet, Synchroniser
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.joints import GRIPPER_NAMES, JOINT_NAMES, ROBOT
from fastwam_ros.robot.units import GRIPPER_UNITS, data_unit

# Rows that are positions when they leave the model; an end effector's are not.
DRIVEN = ('absolute', 'relative')
INFERRING = ('HOLD', 'POLICY', 'TELEOP')  # outside POLICY the chunks are shadows


class Model(Protocol):
    """What the loop asks of a policy; `wam.policy.Policy` is one."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def robot(self) -> str: ...
    @property
    def joint_names(self) -> tuple[str, ...]: ...
    @property
    def units(self) -> tuple[str, ...]: ...
    @property
    def state_names(self) -> tuple[str, ...]: ...
    @property
    def state_units(self) -> tuple[str, ...]: ...
    @property
    def representation(self) -> str: ...
    @property
    def cameras(self) -> tuple[str, ...]: ...
    @property
    def step(self) -> float: ...
    @property
    def offset(self) -> float: ...
    @property
    def tasks(self) -> tuple[str, ...]: ...
    def learn(self, task: str) -> None: ...
    def predict(
        self, images: Mapping[str, NDArray[np.uint8]], state: ArrayLike, task: str
    ) -> 'Predicted': ...


class Predicted(Protocol):
    """Rows in the model's units, and how far its samples lie apart: NaN where it drew one."""

    @property
    def rows(self) -> Array: ...
    @property
    def disagreement(self) -> float: ...


@dataclass(frozen=True)
class Job:
    """One observation to infer from. state: joint name -> rad or m, at the set's stamp."""

    frames: FrameSet
    state: dict[str, float]
    task: str
    epoch: int
    sequence: int

    @property
    def digest(self) -> str:
        """16 hex digits over the pictures' bytes, the state and the task."""
        made = blake2b(self.task.encode(), digest_size=8)
        for frame in self.frames.frames.values():
            made.update(frame.data)
        made.update(np.array([self.state[name] for name in JOINT_NAMES]).tobytes())
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
    ) -> None:
        """max_skew [s] within a set of pictures; max_rate [Hz] of chunks; always: in any mode.

        frame_interval: see Synchroniser. Raises ValueError when the model is not made for this
        robot, for a task it lacks, and for a rate that is not above zero.
        """
        check_model(model)
        if not max_rate > 0.0:
            raise ValueError(f'max_rate is {max_rate} Hz: it is above zero')
        self.model = model
        skew, interval = round(max_skew * SECOND), round(frame_interval * SECOND)
        self.frames = Synchroniser(model.cameras, skew, interval)
        self.eyes = Eyesight(model.cameras)
        self.joints = JointHistory()
        self.task = ''
        self.mode, self.epoch = 'DISARMED', 0
        self.waiting = False  # for a reading: a set of pictures is there
        self._always = always
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

    def add_image(self, camera: str, stamp: Ns, data: bytes) -> str:
        """Take an encoded picture; returns why it was dropped, or ''."""
        frame = Frame(stamp, data)
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
                    data = frames.frames[frozen.camera].data
                    self._blind = _of_frozen(frozen.camera, data) or frozen
                    return None
                self._picked, self._sequence = frames.stamp, self._sequence + 1
                return Job(frames, state, self.task, self.epoch, self._sequence)
            self.waiting |= state is None
            problem = problem or state
        return None if self.waiting else problem

    def _cell_end(self) -> Ns:
        """The last stamp of the cell that was picked from."""
        return (self._picked // self._cell + 1) * self._cell - 1 if self._picked else 0

    def run(self, job: Job) -> Chunk | None:
        """Infer; None from a camera that shows nothing: see `blind`.

        Raises ValueError for pictures that are none and for a chunk that is not finite. The
        chunk's inference_time is left to the caller, who has a clock.
        """
        images = {name: decode(name, frame.data) for name, frame in job.frames.frames.items()}
        found = (blindness(name, pixels) for name, pixels in images.items())
        self._blind = next(filter(None, found), None)
        if self._blind is not None:
            return None
        predicted = self.model.predict(images, to_model(self.model, job.state), job.task)
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


def check_model(model: Model) -> None:
    """Raises ValueError unless the model is made for this robot and all of its joints.

    Its rows must be joint positions in units that joints of their kind have.
    """
    if model.representation not in DRIVEN:
        raise ValueError(
            f'bundle {model.name} gives rows of {model.representation}, and joints are driven by '
            f"{' or '.join(DRIVEN)} positions only: it was trained on an end effector's motion, "
            "as LIBERO's are, and can be looked at without a robot"
        )
    if model.robot != ROBOT:
        raise ValueError(f'bundle {model.name} is made for {model.robot!r}, this is an {ROBOT!r}')
    if set(model.joint_names) != set(JOINT_NAMES):
        odd = sorted(set(model.joint_names) ^ set(JOINT_NAMES))
        raise ValueError(f'bundle {model.name} and this robot differ in joints {odd}')
    unknown = [name for name in model.state_names if name not in JOINT_NAMES]
    if unknown:
        raise ValueError(f'bundle {model.name} reads {unknown}, which this robot has no joints of')
    _check_units(model, model.joint_names, model.units)
    _check_units(model, model.state_names, model.state_units)


def _check_units(model: Model, names: tuple[str, ...], units: tuple[str, ...]) -> None:
    for name, unit in zip(names, units, strict=True):
        valid = GRIPPER_UNITS if name in GRIPPER_NAMES else ('rad',)
        if unit not in valid:
            raise ValueError(
                f'bundle {model.name} has {name} in {unit!r}, want {" or ".join(valid)}: '
                'units in another order than names?'
            )


def decode(camera: str, data: bytes) -> NDArray[np.uint8]:
    """A JPEG or PNG as RGB uint8 [h, w, 3]. Raises ValueError naming the camera."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return np.asarray(picture.convert('RGB'))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        what = f'{camera} camera sent {len(data)} bytes that are no picture'
        raise ValueError(f'{what}: {error}') from error


@lru_cache(maxsize=4)
def _of_frozen(camera: str, data: bytes) -> Blindness | None:
    """What is wrong with a frozen camera's picture by itself: the likelier cause, or None."""
    try:
        return blindness(camera, decode(camera, data))
    except ValueError as error:
        return Blindness(camera, 'no picture', str(error))


def to_model(model: Model, state: Mapping[str, float]) -> Array:
    """Joint values [state_names] in the model's order and units from rad and m."""
    return np.array([state[name] for name in model.state_names]) / _scales(model.state_units)


def from_model(model: Model, rows: Array) -> Array:
    """Rows [H, joints] in rad and m from the model's units."""
    return rows * _scales(model.units)


def _scales(units: tuple[str, ...]) -> Array:
    return np.array([data_unit(unit) for unit in units])
