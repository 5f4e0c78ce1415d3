"""Pictures of the scene with the arms wherever one wants them: for training data and for tests.

Nothing moves here: positions are set in a scratch copy, without physics or time.
"""

import io
from collections.abc import Sequence

import mujoco
import numpy as np
from PIL import Image

from fastwam_ros.robot.joints import GRIPPER_OPENING
from fastwam_ros.robot.topics import CAMERAS
from fastwam_ros.sim.eyes import Eyes
from fastwam_ros.sim.scene import Scene
from fastwam_ros.sim.world import World

JPEG_QUALITY = 80


def jpeg(pixels: np.ndarray) -> bytes:
    """The robot's JPEG (quality 80) of an RGB uint8 picture [H, W, 3]."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, 'JPEG', quality=JPEG_QUALITY)
    return out.getvalue()


class Stills:
    """What the three cameras see of a seeded scene for given arm positions and openings.

    Things lie where World(seed, scene) puts them. Raises RenderError (when the first picture is
    asked for) where there is no OpenGL; ValueError for a wrong number of joints.
    """

    def __init__(self, seed: int, scene: Scene | None = None) -> None:
        self._world = World(seed, scene)
        self._scratch = mujoco.MjData(self._world.model)
        self._eyes: Eyes | None = None

    def at(
        self,
        left: Sequence[float],
        right: Sequence[float],
        openings: tuple[float, float] = (GRIPPER_OPENING, GRIPPER_OPENING),
    ) -> dict[str, np.ndarray]:
        """RGB uint8 pictures by camera: head [720, 1280, 3], left and right [360, 640, 3].

        left, right: six joint positions [rad]; openings: left and right gripper [m].
        """
        if self._eyes is None:
            self._eyes = Eyes(self._world.model)
        qpos = self._pose(left, right, openings)
        return {camera: self._eyes.see(camera, qpos) for camera in CAMERAS}

    def touching(
        self,
        left: Sequence[float],
        right: Sequence[float],
        openings: tuple[float, float] = (GRIPPER_OPENING, GRIPPER_OPENING),
    ) -> tuple[tuple[str, str], ...]:
        """Pairs of bodies that would be in contact there, those of things at rest left out."""
        self._scratch.qpos[:] = self._pose(left, right, openings)
        mujoco.mj_forward(self._world.model, self._scratch)
        return self._world.arm_contacts(self._scratch)

    def _pose(
        self, left: Sequence[float], right: Sequence[float], openings: tuple[float, float]
    ) -> np.ndarray:
        return self._world.pose({'left': left, 'right': right}, openings)

    def close(self) -> None:
        """Give the GL context back."""
        if self._eyes is not None:
            self._eyes.close()
            self._eyes = None
