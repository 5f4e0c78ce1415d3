"""How near a robot comes to itself, and its tool points to the bounds of their workspace.

Distances between primitives (coal) at a configuration (pinocchio), over the pairs that can matter:

- not those on one link, or on two links that a single joint connects;
- not those that never are further than 12 cm from each other: neighbours that the limits of the
  joints between them keep apart;
- not those that never come nearer than the slow margin. This is looked for, not proved: in
  configurations drawn from a fixed seed, and from the two nearest of them in a descent, joint by
  joint. On the robot that this was written for 50 times the configurations and three times the
  descents found the same pairs.

A half-space takes points only, and keeps no margin: what is beyond it has a negative distance.
This module knows no plan; `lookahead` walks one.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pinocchio
from numpy.typing import NDArray

from fastwam_ros.motion.bodies import Bodies, Plane, Solid
from fastwam_ros.motion.limits import Array, Limits

Pair = tuple[int, int]
Rows = NDArray[np.intp]
_NEIGHBOURS = 0.12  # [m]
_SAMPLES, _SEED, _DESCENTS = 60, 0, 2
_STRIDE, _FINE = 0.8, 0.02  # [rad] first and last stride of a descent


@dataclass(frozen=True)
class Margins:
    """Distances [m]: nearer than `slow` motion should be slow, nearer than `stop` it must end."""

    slow: float = 0.04
    stop: float = 0.01

    def __post_init__(self) -> None:
        if not 0.0 <= self.stop <= self.slow:
            raise ValueError(f'margins slow {self.slow}, stop {self.stop}: want 0 <= stop <= slow')


@dataclass(frozen=True)
class Near:
    """Two things that are near each other.

    distance [m], negative by the depth where they overlap; what: 'this - that'; points [2, 3]:
    where they are nearest, in the root link's frame.
    """

    distance: float
    what: str
    points: Array


class Clearance:
    """Distances of a robot's pairs, and of its tool points to half-spaces, at configurations [D].

    names: 'this - that' of each row. levers [P, D]: a row's distance changes by at most
    levers @ |dq|. slow, stop [P]: its margins.
    """

    def __init__(
        self,
        bodies: Bodies,
        limits: Limits,
        solids: Iterable[Solid],
        margins: Margins | None = None,
        points: Sequence[Solid] = (),
        planes: Sequence[Plane] = (),
    ) -> None:
        """solids: what may not touch. points and planes: tool points, and where they must be.

        They are put on `bodies`, which belong to this clearance from then on.
        """
        margins = margins or Margins()
        self._bodies, self._data = bodies, bodies.model.createData()
        pairs = _meeting(bodies, limits, [bodies.put(s) for s in solids], margins.slow)
        tips = [bodies.put(point) for point in points]
        bounds = [bodies.bound(plane) for plane in planes]
        rows = pairs + [(tip, bound) for tip in tips for bound in bounds]
        self._results = _watch(bodies, rows)
        ours, theirs = bodies.moved[np.array(rows, np.intp).reshape(-1, 2).T].astype(np.float64)
        self._carried = theirs - ours  # by which joints each solid is moved away from the other
        self.names = tuple(f'{bodies.names[a]} - {bodies.names[b]}' for a, b in rows)
        levers = np.zeros((0, bodies.model.nq))
        self.levers = np.vstack([levers, *(bodies.levers(a, b) for a, b in rows)])
        none = [0.0] * (len(rows) - len(pairs))
        self.slow = np.array([margins.slow] * len(pairs) + none)
        self.stop = np.array([margins.stop] * len(pairs) + none)

    def nearest(self, q: Array) -> Near:
        """The smallest distance at q. Raises ValueError where no pair is watched."""
        if not self.names:
            raise ValueError('nothing is near anything: no two of the solids given can meet')
        self._place(q)
        return self.near(pinocchio.computeDistances(self._bodies.geometry, self._results))

    def distances(self, q: Array) -> Array:
        """All distances [P] at q. Raises ValueError for a q that is no configuration."""
        self._place(q)
        pinocchio.computeDistances(self._bodies.geometry, self._results)
        return np.array([result.min_distance for result in self._results.distanceResults])

    def some(self, q: Array, rows: Rows) -> Array:
        """The distances of some rows [N] at q."""
        if 2 * len(rows) > len(self.names):
            return self.distances(q)[rows]
        self._place(q)
        measure, geometry, results = (
            pinocchio.computeDistance,
            self._bodies.geometry,
            self._results,
        )
        return np.array([measure(geometry, results, row).min_distance for row in rows.tolist()])

    def slopes(self, rows: Rows) -> Array:
        """By how much distances change with each joint [N, D, m/rad], where they were asked last.

        A row is carried by its nearest points, which do not stay the same: these are derivatives,
        and no bounds. Where two touch in a face or an edge they may be any that is seen there.
        """
        results = self._results.distanceResults
        found = [results[row] for row in rows.tolist()]
        normals = np.array([each.normal for each in found]).reshape(-1, 3)
        points = np.array([each.getNearestPoint1() for each in found]).reshape(-1, 3)
        speeds, turns = np.split(pinocchio.computeJointJacobians(*self._posed), 2)
        # Both nearest points lie along the normal, so that one of them says it for both solids.
        carried = normals @ speeds + np.cross(points, normals) @ turns
        return np.asarray(self._carried[rows] * carried)

    def near(self, row: int) -> Near:
        """What the last question about this row found."""
        found = self._results.distanceResults[row]
        points = np.array([found.getNearestPoint1(), found.getNearestPoint2()])
        return Near(float(found.min_distance), self.names[row], points)

    def _place(self, q: Array) -> None:
        if q.shape != (self._bodies.model.nq,) or not np.isfinite(q).all():
            wanted = f'{self._bodies.model.nq} finite joint positions'
            raise ValueError(f'q {q} is no configuration: want {wanted}')
        b = self._bodies
        self._posed = b.model, self._data, q
        pinocchio.updateGeometryPlacements(b.model, self._data, b.geometry, self._results, q)


def _meeting(bodies: Bodies, limits: Limits, solids: Sequence[int], limit: float) -> list[Pair]:
    """The pairs that can come nearer than `limit` and are not neighbours."""
    pairs = [
        (a, b)
        for n, a in enumerate(solids)
        for b in solids[n + 1 :]
        if len(bodies.between(a, b)) > 1
    ]
    search = _Search(bodies, limits, pairs)
    return [pair for row, pair in enumerate(pairs) if search.meets(row, limit)]


class _Search:
    """Looks for the smallest and largest distances of pairs between the limits of their joints."""

    def __init__(self, bodies: Bodies, limits: Limits, pairs: Sequence[Pair]) -> None:
        self._bodies, self._limits, self._pairs = bodies, limits, pairs
        self._data, self._results = bodies.model.createData(), _watch(bodies, pairs)
        random = np.random.default_rng(_SEED)
        size = (_SAMPLES, len(limits.names))
        self._poses = random.uniform(limits.lower, limits.upper, size)
        self._found = np.array([self._all(q) for q in self._poses])

    def meets(self, row: int, limit: float) -> bool:
        """Whether a pair can come nearer than the limit, and is not always near."""
        found = self._found[:, row]
        if found.max() < _NEIGHBOURS:
            return False
        starts = found.argsort()[:_DESCENTS]
        return bool(found.min() < limit) or any(
            self._lowest(row, self._poses[i], found[i], limit) < limit for i in starts
        )

    def _lowest(self, row: int, q: Array, least: float, limit: float) -> float:
        """A distance that q's can be brought down to; the search ends below the limit."""
        stride = _STRIDE
        while stride > _FINE and least >= limit:
            before = least
            for joint in self._bodies.between(*self._pairs[row]):
                for change in (stride, -stride):
                    tried = q.copy()
                    tried[joint] += change
                    tried = self._limits.clamp(tried)
                    if (distance := self._one(row, tried)) < least:
                        q, least = tried, distance
            stride = stride if least < before else stride / 2.0
        return least

    def _all(self, q: Array) -> list[float]:
        b = self._bodies
        pinocchio.computeDistances(b.model, self._data, b.geometry, self._results, q)
        return [result.min_distance for result in self._results.distanceResults]

    def _one(self, row: int, q: Array) -> float:
        b = self._bodies
        pinocchio.updateGeometryPlacements(b.model, self._data, b.geometry, self._results, q)
        return float(pinocchio.computeDistance(b.geometry, self._results, row).min_distance)


def _watch(bodies: Bodies, pairs: Sequence[Pair]) -> pinocchio.GeometryData:
    """Make these the pairs that are measured: where the results will be.

    The solver begins anew each time. From its last result on, which is pinocchio's default, an
    answer depends on the question before it by a micrometre, and is none at all after a NaN.
    """
    bodies.geometry.removeAllCollisionPairs()
    for a, b in pairs:
        bodies.geometry.addCollisionPair(pinocchio.CollisionPair(a, b))
    results = bodies.geometry.createData()
    with warnings.catch_warnings():  # deprecated, but pinocchio sets it and coal follows it
        warnings.simplefilter('ignore', DeprecationWarning)
        for request in results.distanceRequests:
            request.enable_cached_gjk_guess = False
    return results
