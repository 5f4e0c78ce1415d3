"""What cameras see of arms before a wall of waves: the wrists pan over it, the head sees patches.

Waves are known between pixels, so that the smallest motion shows; the light flickers, and sensors
are noisy.
"""

import numpy as np

from fastwam_ros.loop.pictures import GLIMPSE
from fastwam_ros.robot.joints import ARM_PARTS
from fastwam_ros.robot.pictures import Picture

_WAVES, _PAN = 40, 22.0  # [pixels per rad]


class Wallpaper:
    """Small grey pictures of arms [12]. noise: standard deviation, of 255."""

    def __init__(self, seed: int, noise: float = 1.0) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self._waves = rng.normal(0.0, 0.35, (2, _WAVES))
        self._phases = rng.uniform(0.0, 2.0 * np.pi, _WAVES)
        self._turns = {side: rng.normal(0.0, _PAN, (2, 6)) for side in ARM_PARTS}
        self._noise = noise

    def __call__(self, camera: str, arms: np.ndarray) -> Picture:
        if camera == 'head':
            seen = self._wall(np.zeros(2))
            for n, side in enumerate(ARM_PARTS):
                patch = np.s_[4:14, 4 + 14 * n : 14 + 14 * n]
                seen[patch] = self._wall(self._shift(side, arms))[patch]
        else:
            seen = self._wall(self._shift(camera, arms))
        light = 1.0 + 0.1 * self._rng.standard_normal()
        noisy = light * seen + self._noise * self._rng.standard_normal(seen.shape)
        return np.clip(noisy, 0.0, 255.0).astype(np.uint8)

    def _shift(self, side: str, arms: np.ndarray) -> np.ndarray:
        return np.asarray(self._turns[side] @ arms[ARM_PARTS[side]])

    def _wall(self, shift: np.ndarray) -> np.ndarray:
        places = np.indices(GLIMPSE).reshape(2, -1) + shift[:, None]
        waves = np.cos(places.T @ self._waves + self._phases).sum(axis=1)
        return np.asarray(110.0 + 40.0 * waves.reshape(GLIMPSE) / np.sqrt(_WAVES / 2.0))
