"""The tiny bundle's training pictures: simulated scenes, through JPEG and mosaic to latents.

A picture of every pose at several brightnesses; which pose it shows is of no further interest.
"""

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from fastwam_ros.apps.tiny_bundle.motion import Situations
from fastwam_ros.robot.joints import ARM_SIZE
from fastwam_ros.sim.stills import Stills, jpeg
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS, Picture
from fastwam_ros.wam.vision import ImageEncoder, normalise_pixels

LIGHTS = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)  # brightness 1 is the simulator's own


@dataclass(frozen=True)
class Album:
    """Latents [N, lights, 48, 1, 24, 20] of N poses; column i is lit LIGHTS[i]."""

    latents: Tensor

    @property
    def poses(self) -> int:
        """How many poses were drawn."""
        return len(self.latents)


def mosaics(states: np.ndarray, scene: int) -> list[Picture]:
    """What the robot's cameras deliver of one scene at each state [N, 14], tiled."""
    stills = Stills(scene)
    try:
        return [HEAD_ABOVE_WRISTS.tile(_seen(stills, state)) for state in states]
    finally:
        stills.close()


def dimmed(mosaic: Picture, light: float) -> Picture:
    """The same picture, 0..1 times as bright."""
    return np.round(mosaic * light).astype(np.uint8)


@torch.inference_mode()
def album(encoder: ImageEncoder, poses: int, scenes: int, rng: np.random.Generator) -> Album:
    """Latents of `poses` random poses spread over `scenes` placements of the blocks."""
    latents = []
    for scene in range(scenes):
        states = Situations.draw(poses // scenes, rng).states
        latents += [_encoded(encoder, mosaic) for mosaic in mosaics(states, scene)]
    return Album(torch.stack(latents))


def _encoded(encoder: ImageEncoder, mosaic: Picture) -> Tensor:
    lit = np.stack([dimmed(mosaic, light) for light in LIGHTS])
    return encoder(normalise_pixels(torch.from_numpy(lit)))


def _seen(stills: Stills, state: np.ndarray) -> dict[str, Picture]:
    arm, gripper = ARM_SIZE, ARM_SIZE + 1
    left, right = state[:gripper].tolist(), state[gripper:].tolist()
    pictures = stills.at(left[:arm], right[:arm], (left[arm], right[arm]))
    return {camera: _decoded(jpeg(pixels)) for camera, pixels in pictures.items()}


def _decoded(data: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(data)).convert('RGB'))
