"""What the R1 Lite's arms can run into: themselves, each other, the body, bounds of a workspace.

Joins the robot's shapes to the clearances that the executor keeps. Both fingers of a hand count as
one box in which they stay at any opening, because a configuration here is of arm joints only.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from fastwam_ros.motion.bodies import Bodies, Plane, Solid
from fastwam_ros.motion.clearance import Clearance, Margins
from fastwam_ros.motion.limits import Limits
from fastwam_ros.robot.joints import ARM_NAMES, ARMS, SIDES
from fastwam_ros.robot.kinematics import CONNECTIONS
from fastwam_ros.robot.shapes import SHAPES, STANDING, Shape

_FINGER = '_gripper_finger_link'
_MOUNTS = {connection.child.name: connection for connection in CONNECTIONS}


def solids() -> tuple[Solid, ...]:
    """The robot's outer shapes, the fingers of each hand in one box."""
    own = [
        Solid(link, shape.kind, shape.size, shape.start, shape.end)
        for link, shapes in SHAPES.items()
        if _FINGER not in link
        for shape in shapes
        if shape.outer
    ]
    return (*own, *(_fingers(side) for side in SIDES))


def _fingers(side: str) -> Solid:
    """The box, in the gripper's frame, that both fingers stay in from closed to open."""
    corners = [
        corner
        for number in (1, 2)
        for shape in SHAPES[f'{side}{_FINGER}{number}']
        for corner in _swept(f'{side}{_FINGER}{number}', shape)
    ]
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    half, middle = (high - low) / 2.0, (high + low) / 2.0
    return Solid(
        f'{side}_gripper_link',
        'box',
        tuple(half.tolist()),
        tuple(middle.tolist()),
        name=f'{side}_gripper_fingers',
    )


def _swept(link: str, shape: Shape) -> list[np.ndarray]:
    """Opposite corners of a finger's box in the gripper's frame, at both ends of its stroke."""
    mount = _MOUNTS[link]
    origin, half = np.array(mount.xyz) + np.array(shape.start), np.array(shape.size)
    ends = [origin + at * np.array(mount.axis) for at in (mount.lower, mount.upper)]
    return [end + sign * half for end in ends for sign in (-1.0, 1.0)]


def tips() -> tuple[Solid, ...]:
    """Where each hand's fingers end, in the middle between them."""
    boxes = [_fingers(side) for side in SIDES]
    return tuple(
        Solid(box.link, 'point', (), (box.start[0] + box.size[0], 0.0, 0.0), name=f'{side}_tip')
        for side, box in zip(SIDES, boxes, strict=True)
    )


def clearance(
    torso: Mapping[str, float] = STANDING,
    margins: Margins | None = None,
    planes: Sequence[Plane] = (),
) -> Clearance:
    """What the executor keeps clear of, for configurations of ARM_NAMES [12, rad].

    torso: where its joints stand [rad]. planes: where the finger tips must be, in base_link's
    frame. Raises ValueError for an unknown torso joint.
    """
    bodies = Bodies(CONNECTIONS, ARM_NAMES, torso)
    return Clearance(bodies, Limits.of(ARMS), solids(), margins, tips(), planes)
