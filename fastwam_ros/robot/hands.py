"""Where the R1 Lite's hands are for positions of their arms' joints.

A hand is the point between the fingers that closes on things, with the gripper's axes. Both arms
hang on one link, so the torso's posture does not matter.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from fastwam_ros.robot.joints import ARM_SIZE, arm_joints
from fastwam_ros.robot.kinematics import CONNECTIONS, TOOL, Connection

Array = NDArray[np.float64]
ROOT = 'torso_link3'  # the frame that poses are told in


class Poses(NamedTuple):
    """points [N, 3] m and turns (N rotations), of the hand in ROOT's frame."""

    points: Array
    turns: Rotation

    def apart(self, other: 'Poses') -> tuple[Array, Array]:
        """Distances [N] m and angles [N] rad to the same number of other poses."""
        lengths = np.linalg.norm(self.points - other.points, axis=1)
        return lengths, (self.turns.inv() * other.turns).magnitude()


def hand_poses(side: str, q: Array) -> Poses:
    """Of the hand for joint positions [N, 6] rad, base to wrist.

    Raises ValueError for an unknown side or another number of joints.
    """
    names = [joint.name for joint in arm_joints(side)]
    if q.ndim != 2 or q.shape[1] != ARM_SIZE:
        raise ValueError(f'positions have shape {list(q.shape)}, want [N, {ARM_SIZE}]')
    angles = dict(zip(names, q.T, strict=True))
    still = Poses(np.zeros((len(q), 3)), Rotation.identity(len(q)))
    hand = reduce(
        lambda at, link: _beyond(at, link, angles.get(link.name)),
        _chain(f'{side}_gripper_link'),
        still,
    )
    return Poses(hand.points + hand.turns.apply(TOOL), hand.turns)


def _chain(link: str) -> list[Connection]:
    """What leads from ROOT to a link."""
    by_child = {connection.child.name: connection for connection in CONNECTIONS}
    found: list[Connection] = []
    while link != ROOT:
        found.insert(0, by_child[link])
        link = found[0].parent
    return found


def _beyond(at: Poses, link: Connection, angles: Array | None) -> Poses:
    points = at.points + at.turns.apply(link.xyz)
    turns = at.turns * Rotation.from_euler('xyz', link.rpy)
    if angles is not None:
        turns = turns * Rotation.from_rotvec(angles[:, None] * np.array(link.axis))
    return Poses(points, turns)
