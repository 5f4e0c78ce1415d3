"""A robot as pinocchio and coal see it: joints, and primitives on the links that they move.

Built from given rows, whichever robot's: how links hang together, what solids are on them. Joints
that do not move are held at a posture. It also says how far each joint can carry each solid (its
levers). Which of the solids may meet is `clearance`'s business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import coal
import numpy as np
import pinocchio

from fastwam_ros.motion.limits import Array, Mask

Vector = tuple[float, float, float]


class Named(Protocol):
    """A link."""

    @property
    def name(self) -> str: ...


class Mount(Protocol):
    """What holds a link, as a robot description gives it: a joint of a URDF (m, rad)."""

    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def child(self) -> Named: ...
    @property
    def xyz(self) -> Vector: ...
    @property
    def rpy(self) -> Vector: ...
    @property
    def kind(self) -> str: ...
    @property
    def axis(self) -> Vector: ...


@dataclass(frozen=True)
class Solid:
    """One primitive in its link's frame [m].

    kind: box (half sizes, centred at `start`), capsule or cylinder (radius; `start` to `end`),
    point (no size, at `start`). name: what it is called where it comes near something.
    """

    link: str
    kind: str
    size: tuple[float, ...]
    start: Vector
    end: Vector | None = None
    name: str = ''

    def made(self) -> tuple[coal.CollisionGeometry, pinocchio.SE3]:
        """Its shape and where its centre is in the link's frame."""
        start = np.array(self.start)
        if self.kind == 'box':
            return coal.Box(*(2.0 * half for half in self.size)), _at(start)
        if self.kind == 'point':
            return coal.Sphere(0.0), _at(start)
        if self.kind not in ('capsule', 'cylinder') or self.end is None:
            raise ValueError(
                f'{self.link} has a {self.kind!r} with end {self.end}: '
                'a solid is a box, a point, or a capsule or cylinder with an end'
            )
        along = np.array(self.end) - start
        length = float(np.linalg.norm(along))
        turn = pinocchio.Quaternion.FromTwoVectors(np.array([0.0, 0.0, 1.0]), along / length)
        rod = coal.Capsule if self.kind == 'capsule' else coal.Cylinder
        return rod(self.size[0], length), pinocchio.SE3(turn.matrix(), start + along / 2.0)

    def hull(self) -> tuple[Array, float]:
        """Points [N, 3] in the link's frame and a radius: it lies inside their hull so widened."""
        start = np.array(self.start)
        if self.kind == 'box':
            signs = np.stack(np.meshgrid(*[(-1.0, 1.0)] * 3), axis=-1).reshape(-1, 3)
            return start + signs * np.array(self.size), 0.0
        ends = [start] if self.end is None else [start, np.array(self.end)]
        return np.array(ends), self.size[0] if self.size else 0.0


@dataclass(frozen=True)
class Plane:
    """A half-space that points stay in: normal . p >= offset [m], in the root link's frame."""

    name: str
    normal: Vector
    offset: float


def walls(lower: Vector, upper: Vector) -> tuple[Plane, ...]:
    """The six planes of a box that points stay in, between two of its corners [m]."""
    if any(low >= high for low, high in zip(lower, upper, strict=True)):
        raise ValueError(f'a box from {lower} to {upper} is empty: want lower < upper')
    out = []
    for i, axis in enumerate('xyz'):
        inward: Vector = (float(i == 0), float(i == 1), float(i == 2))
        outward: Vector = (-inward[0], -inward[1], -inward[2])
        out += [
            Plane(f'least {axis}', inward, lower[i]),
            Plane(f'most {axis}', outward, -upper[i]),
        ]
    return tuple(out)


class Bodies:
    """The tree of joints with everything that was put on it.

    model, geometry: pinocchio's, to be asked. names: of each solid.
    """

    def __init__(
        self, mounts: Sequence[Mount], moving: Sequence[str], held: Mapping[str, float]
    ) -> None:
        """moving: the joints of a configuration, in its order. held: positions of other joints.

        Raises ValueError for joints that are unknown, do not turn, or come in another order.
        """
        self.model, self.geometry = pinocchio.Model(), pinocchio.GeometryModel()
        self.names: list[str] = []
        self._chains: list[tuple[int, ...]] = []  # the joints that move a solid, root first
        self._levers: list[Array] = []
        self._axes: list[Array] = []
        known = {mount.name for mount in mounts}
        if strange := sorted({*moving, *held} - known):
            raise ValueError(
                f'no joint {", ".join(strange)}: there are {", ".join(sorted(known))}'
            )
        self._places = {mounts[0].parent: (0, pinocchio.SE3.Identity())}
        for mount in mounts:
            self._hang(mount, mount.name in moving, held.get(mount.name, 0.0))
        if tuple(self.model.names[1:]) != tuple(moving):
            raise ValueError(
                f'joints are wanted as {", ".join(moving)}, but the tree has them as '
                f'{", ".join(self.model.names[1:])}: list them parents first'
            )

    def between(self, a: int, b: int) -> tuple[int, ...]:
        """The joints [columns of a configuration] that move solids a and b against each other."""
        return tuple(sorted({*self._chains[a]} ^ {*self._chains[b]}))

    def levers(self, a: int, b: int) -> Array:
        """How many metres a's and b's distance changes per radian of each joint [D], at most.

        Upper bounds, whatever the other joints do; 0 for joints that move both as one.
        """
        out = np.zeros(self.model.nq)
        columns = list(self.between(a, b))
        out[columns] = (self._levers[a] + self._levers[b])[columns]
        return out

    @property
    def moved(self) -> Mask:
        """Which joints move which solid [N, D]."""
        out = np.zeros((len(self._chains), self.model.nq), np.bool_)
        for solid, chain in zip(out, self._chains, strict=True):
            solid[list(chain)] = True
        return out

    def put(self, solid: Solid) -> int:
        """Put a solid on its link: its index. Raises ValueError for an unknown link."""
        if solid.link not in self._places:
            raise ValueError(f'no link {solid.link!r}: there are {", ".join(self._places)}')
        joint, place = self._places[solid.link]
        shape, centre = solid.made()
        points, radius = solid.hull()
        points = points @ place.rotation.T + place.translation
        return self._add(solid.name or solid.link, joint, place * centre, shape, points, radius)

    def bound(self, plane: Plane) -> int:
        """Put a half-space into the root's frame: its index. Distances to it can be negative."""
        normal = np.array(plane.normal)
        length = float(np.linalg.norm(normal))
        shape = coal.Halfspace(normal / length, plane.offset / length)
        still = np.zeros((1, 3))
        return self._add(plane.name, 0, pinocchio.SE3.Identity(), shape, still, 0.0)

    def _add(
        self,
        name: str,
        joint: int,
        place: pinocchio.SE3,
        shape: coal.CollisionGeometry,
        points: Array,
        radius: float,
    ) -> int:
        chain = tuple(i - 1 for i in self.model.supports[joint] if i > 0)
        self.names.append(name)
        self._chains.append(chain)
        self._levers.append(self._lever(chain, points, radius))
        unique = f'{len(self.names)} {name}'
        return int(
            self.geometry.addGeometryObject(pinocchio.GeometryObject(unique, joint, place, shape))
        )

    def _hang(self, mount: Mount, moves: bool, position: float) -> None:
        joint, place = self._places[mount.parent]
        turn = pinocchio.rpy.rpyToMatrix(*mount.rpy)
        place = place * pinocchio.SE3(turn, np.array(mount.xyz))
        axis = np.array(mount.axis)
        if moves:
            if mount.kind not in ('revolute', 'continuous'):
                raise ValueError(f'{mount.name} is {mount.kind}: only joints that turn can move')
            revolute = pinocchio.JointModelRevoluteUnaligned(axis)
            joint = self.model.addJoint(joint, revolute, place, mount.name)
            self._axes.append(axis)
            place = pinocchio.SE3.Identity()
        elif mount.kind == 'prismatic':
            place = place * _at(position * axis)
        elif mount.kind != 'fixed':
            turned = pinocchio.AngleAxis(position, axis).toRotationMatrix()
            place = place * pinocchio.SE3(turned, np.zeros(3))
        self._places[mount.child.name] = (joint, place)

    def _lever(self, chain: tuple[int, ...], points: Array, radius: float) -> Array:
        """Levers [D] of points [N, 3] in the frame of a chain's last joint, widened by a radius.

        A point is as far from an axis as its own joint's origin is, at most, plus the distances
        of the origins in between, plus its own: triangle inequalities along the chain.
        """
        out = np.zeros(self.model.nq)
        reach = radius
        for i in reversed(chain):
            across = np.linalg.norm(np.cross(points, self._axes[i]), axis=1)
            out[i] = across.max() + reach
            reach += float(np.linalg.norm(points, axis=1).max())
            points = self.model.jointPlacements[i + 1].translation[None]
        return out


def _at(point: Array) -> pinocchio.SE3:
    return pinocchio.SE3(np.eye(3), point)
