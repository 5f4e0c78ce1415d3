"""What a scene is: things before the robot, where they start, and when the task is done.

A scene adds its bodies to the robot's spec, puts them where a seed wants them, and tells from the
state alone whether its task is fulfilled now. It does not know cameras, commands or time.
"""

from dataclasses import dataclass, field
from typing import Protocol

import mujoco
import numpy as np


@dataclass(frozen=True)
class Placement:
    """Where a thing starts: centre [m, robot's base frame] and turn about z [rad]."""

    position: tuple[float, float, float]
    yaw: float = 0.0

    @property
    def quaternion(self) -> tuple[float, float, float, float]:
        """The turn as wxyz."""
        return float(np.cos(self.yaw / 2.0)), 0.0, 0.0, float(np.sin(self.yaw / 2.0))


@dataclass(frozen=True)
class Pose:
    """Where a thing is: centre [3, m, robot's base frame] and orientation wxyz [4]."""

    position: np.ndarray
    quaternion: np.ndarray

    @classmethod
    def of(cls, data: mujoco.MjData, body: str) -> 'Pose':
        """The pose of a body; after a step it is one step old, as MuJoCo's are."""
        return cls(data.body(body).xpos.copy(), data.body(body).xquat.copy())

    @property
    def matrix(self) -> np.ndarray:
        """The orientation as a rotation matrix [3, 3]."""
        out = np.empty(9)
        mujoco.mju_quat2Mat(out, self.quaternion)
        return out.reshape(3, 3)


@dataclass(frozen=True)
class Outcome:
    """Whether a task is fulfilled now; why or why not in words; the figures that decide."""

    task: str
    success: bool
    words: str
    figures: dict[str, str] = field(default_factory=dict)

    @classmethod
    def judged(
        cls, task: str, done: str, missing: dict[str, bool], figures: dict[str, str]
    ) -> 'Outcome':
        """A success, told as `done`, unless something is missing: words -> whether it is."""
        lacks = [words for words, is_missing in missing.items() if is_missing]
        return cls(task, not lacks, ', '.join(lacks) or done, figures)


class Scene(Protocol):
    """One kind of scene. Randomness comes from the generator given, nowhere else."""

    def build(self) -> mujoco.MjModel:
        """The robot in front of this scene, compiled."""
        ...

    def place(self, rng: np.random.Generator) -> dict[str, Placement]:
        """Where every thing starts, by name."""
        ...

    def put(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> None:
        """Put the things there, at rest, into a state that was just reset."""
        ...

    def things(self, data: mujoco.MjData) -> dict[str, Pose]:
        """Where what a person would look at is now, by name."""
        ...

    def outcome(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> Outcome:
        """How the task stands, for things that started as placed."""
        ...


def touching(model: mujoco.MjModel, data: mujoco.MjData, body: str) -> set[str]:
    """Names of the bodies in contact with a body."""
    number, owner = model.body(body).id, model.geom_bodyid
    pairs = owner[data.contact.geom[: data.ncon]]
    others = [pair[pair != number] for pair in pairs if number in pair]
    return {model.body(int(other[0])).name for other in others if len(other)}
