"""What the robot reports of its true state: calibration errors, noise, wire units.

Drawn from the seed, so that two runs read alike. This module does not know topics or clocks.
"""

from dataclasses import dataclass

import numpy as np

from fastwam_ros.robot.joints import ARM_SIZE, SIDES
from fastwam_ros.robot.units import wire_gripper
from fastwam_ros.sim.world import ArmState, GripperState

# Zero offsets of 1 to 3 mrad: the folded rest pose, which lies on the limits of joints 2 and 3,
# was measured slightly outside them on a real robot (-0.003).
_OFFSET = (0.001, 0.003)
_OUTWARD = {1: -1.0, 2: 1.0}  # joint index -> sign that leaves the limits at rest
POSITION_NOISE, VELOCITY_NOISE, EFFORT_NOISE = 2e-5, 2e-3, 0.02  # rad, rad/s, Nm; chosen
GRIPPER_GAIN, GRIPPER_NOISE = 1.02, 0.01  # a fully open gripper was measured at about 102


@dataclass(frozen=True)
class ArmReading:
    """One arm as reported: position [6, rad], velocity [6, rad/s], effort [6, Nm]."""

    position: tuple[float, ...]
    velocity: tuple[float, ...]
    effort: tuple[float, ...]


@dataclass(frozen=True)
class GripperReading:
    """One gripper as reported: stroke on the wire (0..102), its rate [1/s], force [N]."""

    position: float
    velocity: float
    effort: float


class Sensors:
    """Readings of both arms and grippers; the same seed and calls give the same readings."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng((seed, 1))  # another stream than the scene's
        self._offset = {side: self._draw_offset() for side in SIDES}

    def _draw_offset(self) -> np.ndarray:
        sign = self._rng.choice((-1.0, 1.0), ARM_SIZE)
        for joint, outward in _OUTWARD.items():
            sign[joint] = outward
        return sign * self._rng.uniform(*_OFFSET, ARM_SIZE)

    def arm(self, side: str, true: ArmState) -> ArmReading:
        """What the arm's encoders and drives say."""
        noise = self._rng.standard_normal((3, ARM_SIZE))
        return ArmReading(
            tuple((true.position + self._offset[side] + POSITION_NOISE * noise[0]).tolist()),
            tuple((true.velocity + VELOCITY_NOISE * noise[1]).tolist()),
            tuple((true.effort + EFFORT_NOISE * noise[2]).tolist()),
        )

    def gripper(self, true: GripperState) -> GripperReading:
        """What the gripper's drive says."""
        stroke = GRIPPER_GAIN * wire_gripper(true.opening)
        noisy = max(stroke + GRIPPER_NOISE * float(self._rng.standard_normal()), 0.0)
        rate = wire_gripper(abs(true.speed)) * float(np.sign(true.speed))
        return GripperReading(noisy, rate, true.force)
