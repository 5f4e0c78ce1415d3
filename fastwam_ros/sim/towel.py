"""A towel: fold it in half with both hands.

Cloth as a flex: 12 x 12 vertices, each a body that slides in x, y and z, held together by its
edges. The flex itself touches nothing: its triangles would make a contact each, and catch on the
fingers. A small sphere at every vertex does, so the layers lie on each other. Friction alone holds
it; the two near corners carry stiff tabs, as a vertex has no orientation that fingers could hold.
"""

import mujoco
import numpy as np
from scipy.spatial import ConvexHull

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.sim.model import RUBBER_FRICTION, robot_spec
from fastwam_ros.sim.scene import Outcome, Placement, Pose
from fastwam_ros.sim.table import HIDDEN, TABLE_TOP, solid, table

TASK = 'fold the towel'
DEPTH, WIDTH = 0.20, 0.30  # [m] from near to far edge, from side to side
COUNT = 12  # vertices along either side; physics cost as their square, or more
TOWEL_MASS, BALL = 0.06, 0.004  # [kg], radius of a vertex' sphere [m]
TOWEL_X, TOWEL_SHIFT, TOWEL_YAW = 0.47, (0.015, 0.03), 0.12  # [m], [m], [rad]
TAB_HALF, TAB_RISE, TAB_MASS = (0.010, 0.010, 0.012), 0.008, 0.004  # [m], [m], [kg]
MATCHED, HULL, FLAT, MOVED = 0.05, 0.65, 0.05, 0.06  # [m], share of the area, [m], [m]
_COLOUR, _TAB_COLOUR = (0.25, 0.50, 0.78, 1.0), (0.95, 0.95, 0.95, 1.0)
_DAMPING = 0.003  # of the edges [N s/m]: chosen
_LAST = COUNT - 1
# Corners by name: where they are along the grid's x and y. The left is the robot's.
_CORNERS = {
    f'{row}_{side}': (i, j)
    for row, i in (('near', 0), ('far', _LAST))
    for side, j in (('left', _LAST), ('right', 0))
}
CORNERS = tuple(f'towel_{name}' for name in _CORNERS)


def _body(i: int, j: int) -> str:
    return f'towel_{i}_{j}'


class Towel:
    """A towel of 20 x 30 cm and 60 g, flat on the table, its long side across."""

    def build(self) -> mujoco.MjModel:
        """The robot in front of this scene, compiled."""
        spec = robot_spec()
        table(spec)
        for i, j in np.ndindex(COUNT, COUNT):
            _vertex(spec, i, j)
        _cloth(spec)
        for side in SIDES:
            _tab(spec, _body(*_CORNERS[f'near_{side}']))
        return spec.compile()

    def place(self, rng: np.random.Generator) -> dict[str, Placement]:
        """The towel's centre, a few centimetres and degrees off."""
        dx, dy = (float(rng.uniform(-shift, shift)) for shift in TOWEL_SHIFT)
        yaw = float(rng.uniform(-TOWEL_YAW, TOWEL_YAW))
        return {'towel': Placement((TOWEL_X + dx, dy, TABLE_TOP + BALL), yaw)}

    def put(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> None:
        """Every vertex by its three slides."""
        for i, j in np.ndindex(COUNT, COUNT):
            away = _spot(i, j, placed['towel']) - _spot(i, j, _UNTURNED)
            for axis, distance in zip('xyz', away, strict=True):
                data.joint(f'{_body(i, j)}_{axis}').qpos = distance

    def things(self, data: mujoco.MjData) -> dict[str, Pose]:
        """The four corners, as towel_near_left and so on; left is the robot's left."""
        return {
            name: Pose.of(data, _body(*spot))
            for name, spot in zip(CORNERS, _CORNERS.values(), strict=True)
        }

    def outcome(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> Outcome:
        """Fulfilled while the near corners lie on the far ones, the far edge in its place."""
        at = {name: data.body(_body(*spot)).xpos for name, spot in _CORNERS.items()}
        began = {
            name: _spot(*_CORNERS[name], placed['towel']) for name in ('far_left', 'far_right')
        }
        match = max(_apart(at[f'near_{side}'], at[f'far_{side}']) for side in SIDES)
        moved = max(_apart(at[name], start) for name, start in began.items())
        cloth = data.flexvert_xpos
        area = float(ConvexHull(cloth[:, :2]).volume) / (DEPTH * WIDTH)
        height = float(cloth[:, 2].max()) - TABLE_TOP
        missing = {
            f'near corners are {100 * match:.0f} cm from the far ones': match >= MATCHED,
            f'it covers {100 * area:.0f} % of its area': area >= HULL,
            f'it stands {100 * height:.0f} cm high': height >= FLAT,
            f'its far edge moved by {100 * moved:.0f} cm': moved >= MOVED,
        }
        figures = {'corners': match, 'area': area, 'height': height, 'far_edge': moved}
        told = {name: f'{value:.3f}' for name, value in figures.items()}
        done = f'folded: corners within {100 * match:.1f} cm'
        return Outcome.judged(TASK, done, missing, told)


_UNTURNED = Placement((TOWEL_X, 0.0, TABLE_TOP + BALL))


def _spot(i: int, j: int, placed: Placement) -> np.ndarray:
    """Where vertex (i, j) of a flat towel lies [3, m]."""
    x, y = DEPTH * (i / _LAST - 0.5), WIDTH * (j / _LAST - 0.5)
    cos, sin = np.cos(placed.yaw), np.sin(placed.yaw)
    return np.array(placed.position) + np.array([cos * x - sin * y, sin * x + cos * y, 0.0])


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """Horizontal distance [m]."""
    return float(np.linalg.norm((a - b)[:2]))


def _vertex(spec: mujoco.MjSpec, i: int, j: int) -> None:
    body = spec.worldbody.add_body(name=_body(i, j), pos=_spot(i, j, _UNTURNED))
    for axis, name in zip(np.eye(3), 'xyz', strict=True):
        slide = mujoco.mjtJoint.mjJNT_SLIDE
        body.add_joint(name=f'{_body(i, j)}_{name}', type=slide, axis=axis)
    mass = TOWEL_MASS / COUNT**2
    sphere = mujoco.mjtGeom.mjGEOM_SPHERE
    ball = solid(body, type=sphere, size=[BALL, 0.0, 0.0], mass=mass, group=HIDDEN)
    ball.friction, ball.condim = [0.8, 0.01, 0.001], 3


def _cloth(spec: mujoco.MjSpec) -> None:
    """Two triangles per cell, over bodies in the order of (i, j)."""
    cells = np.array([COUNT * i + j for i in range(_LAST) for j in range(_LAST)])
    corners = np.array([[0, COUNT, COUNT + 1], [0, COUNT + 1, 1]])
    flex = spec.add_flex(name='towel', dim=2, radius=0.003, rgba=_COLOUR)
    flex.contype = flex.conaffinity = 0
    flex.selfcollide = mujoco.mjtFlexSelf.mjFLEXSELF_NONE
    flex.edgedamping = _DAMPING
    flex.vertbody = [_body(i, j) for i, j in np.ndindex(COUNT, COUNT)]
    flex.vert = [0.0] * (3 * COUNT**2)
    flex.elem = (cells[:, None, None] + corners).ravel().tolist()
    spec.add_equality(type=mujoco.mjtEq.mjEQ_FLEX, objtype=mujoco.mjtObj.mjOBJ_FLEX, name1='towel')


def _tab(spec: mujoco.MjSpec, name: str) -> None:
    body = spec.body(name)
    tab = solid(body, size=TAB_HALF, pos=[0.0, 0.0, TAB_RISE], mass=TAB_MASS, rgba=_TAB_COLOUR)
    tab.friction, tab.condim = RUBBER_FRICTION, 4
