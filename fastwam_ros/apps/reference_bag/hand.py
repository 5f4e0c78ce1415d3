"""A person's hands at two leader arms: what a wish becomes until it is a joint stream.

The scripted expert knows where the hands shall be; a person follows that with a delay and
smoothly, trembles, and the leader's encoders have steps. Hands that wander or hesitate for other
reasons are not modelled. Time is an argument; the same seed gives the same stream.
"""

import math

import numpy as np

from fastwam_ros.motion.limits import Array
from fastwam_ros.robot.joints import ARM_SIZE, SIDES

FOLLOWS = 1.8  # [Hz] of the critically damped way in which a hand comes after what is wanted
TREMOR = (8.0, 12.0)  # [Hz] of physiological tremor
SHAKE = 0.0006  # [rad] rms of it at each joint
ENCODER = 2.0 * math.pi / 4096  # [rad] of a servo with twelve bits, of which leader arms are made
_TONES = 6


class Hands:
    """Both hands, stepped with a period [s]. Positions: arms [6, rad] by side, openings [m]."""

    def __init__(self, seed: int, period: float) -> None:
        dice = np.random.default_rng((seed, 9))
        self._period = period
        self._hertz = dice.uniform(*TREMOR, (len(SIDES) * ARM_SIZE, _TONES))
        self._phases = dice.uniform(0.0, 2.0 * math.pi, self._hertz.shape)
        self._pull = 2.0 * math.pi * FOLLOWS * dice.uniform(0.85, 1.15)  # a person is this quick
        self._at = np.full(len(SIDES) * ARM_SIZE, np.nan)
        self._speed = np.zeros_like(self._at)
        self._wanted = self._at.copy()
        self._grips: dict[str, float] = {}

    def want(self, joints: dict[str, Array], openings: dict[str, float]) -> None:
        """Where the hands shall be."""
        for number, side in enumerate(SIDES):
            if side in joints:
                part = slice(number * ARM_SIZE, (number + 1) * ARM_SIZE)
                self._wanted[part] = joints[side]
        self._grips |= openings
        fresh = np.isnan(self._at)
        self._at[fresh] = self._wanted[fresh]

    @property
    def ready(self) -> bool:
        """Whether both hands were told where to be."""
        return bool(np.isfinite(self._at).all())

    def step(self, now: float) -> tuple[dict[str, Array], dict[str, float]]:
        """One period on, at `now` [s]: what the leader's encoders say, by side."""
        pull, dt = self._pull, self._period
        self._speed += dt * (pull**2 * (self._wanted - self._at) - 2.0 * pull * self._speed)
        self._at += dt * self._speed
        shaken = self._at + self._tremor(now)
        read = ENCODER * np.round(shaken / ENCODER)
        arms = {side: read[n * ARM_SIZE : (n + 1) * ARM_SIZE] for n, side in enumerate(SIDES)}
        return arms, dict(self._grips)

    def _tremor(self, now: float) -> Array:
        waves = np.sin(2.0 * math.pi * self._hertz * now + self._phases).sum(axis=1)
        return SHAKE * math.sqrt(2.0 / _TONES) * waves
