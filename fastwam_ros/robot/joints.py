"""The R1 Lite's arm and gripper joints: names, position limits, and the limits that we command within.

Positions, efforts and actuator speeds are the published URDF's; the commanded limits are ours. This
module does not know how a joint is driven (`tracker`) or how it is spelled on the wire (`topics`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDES = ('left', 'right')
ROBOT = 'r1lite'  # the name a checkpoint bundle must carry to be run on this robot


@dataclass(frozen=True)
class Joint:
    """One arm joint: rad, rad/s, Nm. `actuator_speed` is the URDF's and no limit to command within."""

    name: str
    lower: float
    upper: float
    actuator_speed: float
    effort: float


# Left and right arm are identical copies, not mirrored (published R1 Lite URDF).
_ARM = (
    (-2.8798, 2.8798, 10.472, 27.0),
    (0.0, 3.1416, 12.5664, 50.0),
    (-3.3161, 0.0, 10.472, 27.0),
    (-1.5708, 1.5708, 32.9867, 14.0),
    (-1.5708, 1.5708, 32.9867, 14.0),
    (-2.8798, 2.8798, 32.9867, 14.0),
)


def arm_joints(side: str) -> tuple[Joint, ...]:
    """Six joints of one arm, base to wrist. Raises ValueError for an unknown side."""
    if side not in SIDES:
        raise ValueError(f'no arm {side!r}: the R1 Lite has {" and ".join(SIDES)}')
    return tuple(Joint(f'{side}_arm_joint{i}', *row) for i, row in enumerate(_ARM, 1))


ARMS: tuple[Joint, ...] = tuple(joint for side in SIDES for joint in arm_joints(side))
ARM_NAMES: tuple[str, ...] = tuple(joint.name for joint in ARMS)
GRIPPER_NAMES: tuple[str, ...] = tuple(f'{side}_gripper' for side in SIDES)
# The order that RoboTwin-style data uses: each arm followed by its gripper.
JOINT_NAMES: tuple[str, ...] = tuple(
    name for side in SIDES for name in (*(j.name for j in arm_joints(side)), f'{side}_gripper')
)

GRIPPER_OPENING = 0.100  # [m] stroke; one finger moves half of it
ARM_REST = (
    0.0,
) * 6  # the folded pose the robot boots in: joint zero, on the limits of joints 2 and 3


def _row(values: tuple[float, ...]) -> NDArray[np.float64]:
    array = np.array(values * len(SIDES))
    array.flags.writeable = False
    return array


@dataclass(frozen=True)
class Limits:
    """What a command may reach, per joint, both arms: arrays [12] in rad, rad/s, rad/s2, rad/s3."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    velocity: NDArray[np.float64]
    acceleration: NDArray[np.float64]
    jerk: NDArray[np.float64]


ARM_LIMITS = Limits(
    lower=_row(tuple(row[0] for row in _ARM)),
    upper=_row(tuple(row[1] for row in _ARM)),
    velocity=_row((1.5, 1.5, 1.5, 2.5, 2.5, 2.5)),
    acceleration=_row((6.0,) * 6),
    jerk=_row((80.0, 80.0, 80.0, 120.0, 120.0, 120.0)),
)
GRIPPER_SPEED = 0.5  # [m/s] of opening; the URDF allows 0.25 m/s for each of the two fingers
