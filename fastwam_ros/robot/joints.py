"""The R1 Lite's arm and gripper joints: names, position limits, and what we command within.

Positions, efforts and actuator speeds are the published URDF's; the commanded limits are ours.
This module does not know how a joint is driven (`tracker`) or spelled on the wire (`topics`).
"""

from dataclasses import dataclass

SIDES = ('left', 'right')
ROBOT = 'r1lite'  # the name a checkpoint bundle must carry to be run on this robot


@dataclass(frozen=True)
class Joint:
    """One arm joint.

    lower, upper: position [rad]; effort: [Nm]; actuator_speed: the URDF's velocity [rad/s], far
    above what an arm beside a person should do. velocity, acceleration, jerk: what we command
    within [rad/s, rad/s2, rad/s3].
    """

    name: str
    lower: float
    upper: float
    actuator_speed: float
    effort: float
    velocity: float
    acceleration: float
    jerk: float


# Left and right arm are identical copies, not mirrored (published R1 Lite URDF).
_ARM = (
    (-2.8798, 2.8798, 10.472, 27.0, 1.5, 6.0, 80.0),
    (0.0, 3.1416, 12.5664, 50.0, 1.5, 6.0, 80.0),
    (-3.3161, 0.0, 10.472, 27.0, 1.5, 6.0, 80.0),
    (-1.5708, 1.5708, 32.9867, 14.0, 2.5, 6.0, 120.0),
    (-1.5708, 1.5708, 32.9867, 14.0, 2.5, 6.0, 120.0),
    (-2.8798, 2.8798, 32.9867, 14.0, 2.5, 6.0, 120.0),
)
ARM_SIZE = len(_ARM)


def arm_joints(side: str) -> tuple[Joint, ...]:
    """Six joints of one arm, base to wrist. Raises ValueError for an unknown side."""
    if side not in SIDES:
        raise ValueError(f'no arm {side!r}: the R1 Lite has {" and ".join(SIDES)}')
    return tuple(Joint(f'{side}_arm_joint{i}', *row) for i, row in enumerate(_ARM, 1))


ARMS: tuple[Joint, ...] = tuple(joint for side in SIDES for joint in arm_joints(side))
# Where each arm's joints lie among those of both.
ARM_PARTS = {side: slice(n * ARM_SIZE, (n + 1) * ARM_SIZE) for n, side in enumerate(SIDES)}
# By side, as targets carry them: names, and the most that the robot's tracker may track with.
NAMES_OF = {side: [joint.name for joint in arm_joints(side)] for side in SIDES}
SPEEDS_OF = {side: [joint.velocity for joint in arm_joints(side)] for side in SIDES}
ARM_NAMES: tuple[str, ...] = tuple(joint.name for joint in ARMS)
GRIPPER_NAMES: tuple[str, ...] = tuple(f'{side}_gripper' for side in SIDES)
# The order that RoboTwin-style data uses: each arm followed by its gripper.
JOINT_NAMES: tuple[str, ...] = tuple(
    name for side in SIDES for name in (*(j.name for j in arm_joints(side)), f'{side}_gripper')
)
# The orders of columns that data are known in. What drives maps joints by name, so any will do.
ORDERS: dict[str, tuple[str, ...]] = {
    'by_side': JOINT_NAMES,
    'arms_first': (*ARM_NAMES, *GRIPPER_NAMES),
}

GRIPPER_OPENING = 0.100  # [m] stroke; one finger moves half of it
GRIPPER_SPEED = 0.5  # [m/s] of opening: what the URDF allows its two fingers together
ARM_REST = (0.0,) * ARM_SIZE  # folded, as the robot boots: on the limits of joints 2 and 3
