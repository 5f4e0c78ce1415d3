"""The inference side of the loop: encoded pictures and joint readings in, chunks out.

`pick` decides quickly whether there is something to infer; `run` decodes, tiles and asks the
model, which takes long and may happen on another thread. Neither reads a clock.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from fastwam_ros.loop.joints import JointHistory
from fastwam_ros.loop.synchroniser import Frame, FrameSet, Synchroniser
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.joints import JOINT_NAMES, ROBOT
from fastwam_ros.robot.units import data_unit

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
    def cameras(self) -> tuple[str, ...]: ...
    @property
    def step(self) -> float: ...
    @property
    def offset(self) -> float: ...
    @property
    def tasks(self) -> tuple[str, ...]: ...
    def infer(
        self, images: Mapping[str, NDArray[np.uint8]], state: ArrayLike, task: str
    ) -> Array: ...


@dataclass(frozen=True)
class Job:
    """One observation to infer from. state: joint name -> rad or m, at the set's stamp."""

    frames: FrameSet
    state: dict[str, float]
    task: str
    epoch: int
    sequence: int


class Inference:
    """Observations of one R1 Lite for one model."""

    def __init__(self, model: Model, max_skew: float, max_rate: float, task: str = '') -> None:
        """max_skew [s] within a set of pictures; max_rate [Hz] of chunks.

        Raises ValueError when the model is not made for this robot, or for a task it lacks.
        """
        check_model(model)
        self.model = model
        self.frames = Synchroniser(model.cameras, round(max_skew * SECOND))
        self.joints = JointHistory()
        self.task = ''
        self.mode, self.epoch = 'DISARMED', 0
        self._interval = round(SECOND / max_rate)
        self._picked: Ns = 0
        self._sequence = 0
        problem = self.set_task(task or model.tasks[0])
        if problem:
            raise ValueError(problem)

    def set_task(self, task: str) -> str:
        """Take an instruction; returns why it was refused, or ''."""
        if task not in self.model.tasks:
            known = ', '.join(map(repr, self.model.tasks))
            return f'task {task!r} is not in bundle {self.model.name}: it knows {known}'
        self.task = task
        return ''

    def set_authority(self, mode: str, epoch: int) -> None:
        """Take the executor's word: chunks carry the epoch that was read before inferring."""
        if epoch != self.epoch:
            self._sequence = 0
        self.mode, self.epoch = mode, epoch

    def add_image(self, camera: str, stamp: Ns, data: bytes) -> str:
        """Take an encoded picture; returns why it was dropped, or ''."""
        return self.frames.add(camera, Frame(stamp, data))

    def pick(self, now: Ns) -> Job | str | None:
        """The newest observation, None where there is nothing to do, or why it cannot be used.

        now [ns]: any clock that does not go back; only differences count.
        """
        if self.mode not in INFERRING or now - self._picked < self._interval:
            return None
        frames = self.frames.newest()
        if frames is None:
            return None
        state = self.joints.at(frames.stamp)
        if isinstance(state, str):
            return state
        self._picked, self._sequence = now, self._sequence + 1
        return Job(frames, state, self.task, self.epoch, self._sequence)

    def run(self, job: Job) -> Chunk:
        """Infer. Raises ValueError for pictures that are none and for a chunk that is not finite.

        The chunk's inference_time is left to the caller, who has a clock.
        """
        images = {name: decode(name, frame.data) for name, frame in job.frames.frames.items()}
        rows = self.model.infer(images, to_model(self.model, job.state), job.task)
        return Chunk(
            stamp=job.frames.stamp,
            step=self.model.step,
            offset=self.model.offset,
            names=self.model.joint_names,
            positions=from_model(self.model, rows),
            epoch=job.epoch,
            sequence=job.sequence,
            robot=self.model.robot,
            task=job.task,
            bundle=f'{self.model.name}@{self.model.digest}',
        )


def check_model(model: Model) -> None:
    """Raises ValueError unless the model is made for this robot and all of its joints."""
    if model.robot != ROBOT:
        raise ValueError(f'bundle {model.name} is made for {model.robot!r}, this is an {ROBOT!r}')
    if set(model.joint_names) != set(JOINT_NAMES):
        odd = sorted(set(model.joint_names) ^ set(JOINT_NAMES))
        raise ValueError(f'bundle {model.name} and this robot differ in joints {odd}')


def decode(camera: str, data: bytes) -> NDArray[np.uint8]:
    """A JPEG or PNG as RGB uint8 [h, w, 3]. Raises ValueError naming the camera."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return np.asarray(picture.convert('RGB'))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        what = f'{camera} camera sent {len(data)} bytes that are no picture'
        raise ValueError(f'{what}: {error}') from error


def to_model(model: Model, state: Mapping[str, float]) -> Array:
    """Joint values [joints] in the model's order and units from rad and m."""
    return np.array([state[name] for name in model.joint_names]) / _scales(model)


def from_model(model: Model, rows: Array) -> Array:
    """Rows [H, joints] in rad and m from the model's units."""
    return rows * _scales(model)


def _scales(model: Model) -> Array:
    return np.array([data_unit(unit) for unit in model.units])
