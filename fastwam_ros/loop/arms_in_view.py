"""Which places of the head camera's picture the arms cover, for joint positions.

Camera and arms are mounted on one link, so the torso's posture does not matter. The arms are the
robot's shapes, each as a rod with round ends that contains it. A place is a line of sight through
a point inside a shape: whatever part of the arms is in front there, the picture shows an arm,
unless a thing hides it. Where no rod comes near that line, the picture shows none.

This module knows nothing of things that are carried or stand about.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.kinematics import CONNECTIONS, Connection
from fastwam_ros.robot.shapes import SHAPES, Shape

Array = NDArray[np.float64]
State = Mapping[str, float]  # joint name -> rad, or m of opening
EDGE = 0.1  # of the picture's height: a real camera's ends elsewhere than the published one
CLEARANCE = 0.02  # [m] that a line of sight passes a rod at: shapes are known to a centimetre
_NEAR = 0.1  # [m] before the camera; what is closer is no place
_ALONG = (0.2, 0.5, 0.8)  # where on a rod its places are
_HEAD = CAMERAS['head']
_SIZE = np.array([_HEAD.width, _HEAD.height])


@dataclass(frozen=True)
class _Frame:
    """A link's pose: rotation [3, 3] and origin [3, m] in the frame of what carries the arms."""

    rotation: Array
    origin: Array


def _about(axis: Array, angle: float) -> Array:
    """The turn [3, 3] about a unit axis [3] (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: Array = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    return turn


class _Mount:
    """A joint, or what holds a link for good. link: the one it holds."""

    def __init__(self, row: Connection) -> None:
        x, y, z = np.eye(3)
        roll, pitch, yaw = row.rpy  # fixed axes, as in URDF
        self._turn = _about(z, yaw) @ _about(y, pitch) @ _about(x, roll)
        self._origin, self._axis = np.array(row.xyz), np.array(row.axis)
        self._name, self._kind = row.name, row.kind
        self._part = 0.5 * (row.mimic[1] if row.mimic else 1.0)  # of an opening, a finger's
        self.link, self.parent = row.child.name, row.parent

    def hang(self, parent: _Frame, state: State, opening: float) -> _Frame:
        """The frame of the link, from that of what it is mounted on."""
        origin = parent.origin + parent.rotation @ self._origin
        rotation = parent.rotation @ self._turn
        if self._kind == 'prismatic':
            return _Frame(rotation, origin + self._part * opening * (rotation @ self._axis))
        if self._kind == 'revolute':
            rotation = rotation @ _about(self._axis, state[self._name])
        return _Frame(rotation, origin)


_ROOT = _Frame(np.eye(3), np.zeros(3))
_MOUNT = next(row for row in CONNECTIONS if row.child.name == _HEAD.frame)
_CAMERA = _Mount(_MOUNT).hang(_ROOT, {}, 0.0)


def _rod(shape: Shape) -> tuple[Array, float]:
    """Ends [2, 3] and radius of the rod that contains a shape; a box's lies along its longest."""
    if shape.end is not None:
        return np.array([shape.start, shape.end]), shape.size[0]
    longest = int(np.argmax(shape.size))
    along = np.eye(3)[longest] * shape.size
    radius = float(np.linalg.norm(np.delete(shape.size, longest)))
    return np.array([shape.start - along, shape.start + along]), radius


class _Arm:
    """One arm with its hand: where its rods are."""

    def __init__(self, side: str) -> None:
        self._gripper = f'{side}_gripper'
        self._mounts = [_Mount(row) for row in CONNECTIONS if row.child.name.startswith(side)]
        shapes = [(m.link, shape) for m in self._mounts for shape in SHAPES.get(m.link, ())]
        self._links = [link for link, _ in shapes]
        self._ends = np.array([_rod(shape)[0] for _, shape in shapes])
        self.radii = np.array([_rod(shape)[1] for _, shape in shapes])

    def rods(self, state: State) -> Array:
        """Ends [rods, 2, 3, m] in the camera's frame."""
        frames, opening = {_MOUNT.parent: _ROOT}, state[self._gripper]
        for mount in self._mounts:
            frames[mount.link] = mount.hang(frames[mount.parent], state, opening)
        rotations = np.array([frames[link].rotation for link in self._links])
        origins = np.array([frames[link].origin for link in self._links])
        ends = self._ends @ rotations.transpose(0, 2, 1) + origins[:, None]
        found: Array = (ends - _CAMERA.origin) @ _CAMERA.rotation
        return found


_ARMS = {side: _Arm(side) for side in SIDES}
_RADII = np.concatenate([arm.radii for arm in _ARMS.values()])


@dataclass(frozen=True)
class ArmsInView:
    """The arms as the head camera has them before it. rods: ends [rods, 2, 3, m], in its frame."""

    rods: dict[str, Array]

    @classmethod
    def of(cls, state: State) -> 'ArmsInView':
        """For positions of all joints of both arms and grippers. Takes 0.4 ms."""
        return cls({side: arm.rods(state) for side, arm in _ARMS.items()})

    def alone(self, side: str, other: 'ArmsInView') -> Array:
        """Places (u, v) [N, 2] that an arm covers here, well inside the picture, and none there.

        other: the arms at another instant. Takes 0.4 ms.
        """
        start, end = self.rods[side][:, 0], self.rods[side][:, 1]
        points = np.concatenate([start + part * (end - start) for part in _ALONG])
        points = points[points[:, 2] > _NEAR]
        pixels = _SIZE / 2.0 + _HEAD.focal * points[:, :2] / points[:, 2:]
        edge = EDGE * _HEAD.height
        inside = ((pixels > edge) & (pixels < _SIZE - edge)).all(axis=1)
        points, pixels = points[inside], pixels[inside]
        return pixels[other._leaves_free(points)]

    def _leaves_free(self, points: Array) -> NDArray[np.bool_]:
        """Of which points [N, 3] the lines of sight pass all rods, on their whole length."""
        rods = np.concatenate(list(self.rods.values()))
        start, along = rods[:, 0], rods[:, 1] - rods[:, 0]
        sight = (points / np.linalg.norm(points, axis=1, keepdims=True))[:, None]
        start = start - (start * sight).sum(axis=-1, keepdims=True) * sight  # seen along the line
        along = along - (along * sight).sum(axis=-1, keepdims=True) * sight
        length = np.maximum(np.square(along).sum(axis=-1), 1e-12)
        part = np.clip(-(start * along).sum(axis=-1) / length, 0.0, 1.0)
        apart = np.linalg.norm(start + part[..., None] * along, axis=-1)
        free: NDArray[np.bool_] = (apart >= _RADII + CLEARANCE).all(axis=1)
        return free
