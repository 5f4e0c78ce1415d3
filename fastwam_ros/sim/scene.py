"""What stands before the robot: a table with a tray and three coloured blocks.

A scene adds its bodies to the robot's spec and says where they start; it does not know cameras,
commands or time.
"""

from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from fastwam_ros.sim.model import EVERYTHING, RUBBER_FRICTION, THINGS, robot_spec

TABLE_TOP = 0.70  # [m] above the ground
TABLE_X, TABLE_Y = (0.25, 0.85), 0.60  # near and far edge, half width [m]
TRAY_AT, TRAY_HALF = (0.47, 0.0), 0.085
BLOCK_HALF, BLOCK_MASS = 0.02, 0.05
BLOCKS: dict[str, tuple[float, float, float, float]] = {
    'red': (0.90, 0.08, 0.06, 1.0),
    'green': (0.10, 0.65, 0.15, 1.0),
    'blue': (0.08, 0.25, 0.85, 1.0),
}
# Seen by the head camera and within reach of the nearer arm with the gripper pointing down.
BLOCK_X, BLOCK_Y = (0.42, 0.54), (0.17, 0.32)
BLOCK_GAP, BLOCK_YAW = 0.12, 0.7  # least distance of centres [m], largest turn [rad]
_WOOD, PLANKS = (0.80, 0.67, 0.50), 15
_HIDDEN = 4  # a geom group that is not drawn
_TRAY_COLOUR = (0.95, 0.80, 0.35, 1.0)
_LEG_COLOUR = (0.30, 0.30, 0.32, 1.0)


@dataclass(frozen=True)
class Placement:
    """Where a block starts: centre [m, robot's base frame] and turn about z [rad]."""

    position: tuple[float, float, float]
    yaw: float


class BlocksAndTray:
    """Three 4 cm blocks (50 g) of different colours and a tray that is fixed to the table."""

    things = tuple(BLOCKS)

    def build(self) -> mujoco.MjModel:
        """The robot in front of this scene, compiled."""
        spec = robot_spec()
        _table(spec)
        _tray(spec)
        for name, colour in BLOCKS.items():
            _block(spec, name, colour)
        return spec.compile()

    def place(self, rng: np.random.Generator) -> dict[str, Placement]:
        """Start of every block, drawn anew until no two are closer than the gap."""
        while True:
            drawn = {name: self._draw(rng) for name in BLOCKS}
            spots = np.array([placement.position for placement in drawn.values()])
            apart = np.linalg.norm(spots[:, None] - spots[None], axis=-1)
            if apart[np.triu_indices(len(spots), 1)].min() > BLOCK_GAP:
                return drawn

    def _draw(self, rng: np.random.Generator) -> Placement:
        y = rng.uniform(*BLOCK_Y) * rng.choice((-1.0, 1.0))
        position = (float(rng.uniform(*BLOCK_X)), float(y), TABLE_TOP + BLOCK_HALF)
        return Placement(position, float(rng.uniform(-BLOCK_YAW, BLOCK_YAW)))


def _solid(body: mujoco.MjsBody, **shape: Any) -> mujoco.MjsGeom:
    return body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, contype=THINGS, conaffinity=EVERYTHING, **shape
    )


def _table(spec: mujoco.MjSpec) -> None:
    near, far = TABLE_X
    table = spec.worldbody.add_body(name='table', pos=[(near + far) / 2.0, 0.0, 0.0])
    half = (far - near) / 2.0
    top = _solid(table, name='table', size=[half, TABLE_Y, 0.02], pos=[0.0, 0.0, TABLE_TOP - 0.02])
    top.friction, top.group = [0.8, 0.01, 0.001], _HIDDEN  # the planks are what one sees of it
    _planks(table, half)
    for x in (-half + 0.03, half - 0.03):
        for y in (-TABLE_Y + 0.03, TABLE_Y - 0.03):
            _solid(table, size=[0.025, 0.025, 0.33], pos=[x, y, 0.33], rgba=_LEG_COLOUR)


def _planks(table: mujoco.MjsBody, half: float) -> None:
    """The top as boards of uneven shade: on a CPU a wood texture costs more than all boxes."""
    shades = 1.0 + 0.06 * np.random.default_rng(7).uniform(-1.0, 1.0, PLANKS)
    width = TABLE_Y / PLANKS
    for number, shade in enumerate(shades):
        table.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[half, width - 0.0008, 0.02],
            pos=[0.0, (2 * number + 1) * width - TABLE_Y, TABLE_TOP - 0.02],
            rgba=[*(shade * np.array(_WOOD)), 1.0],
            mass=0.0,
            contype=0,
            conaffinity=0,
        )


def _tray(spec: mujoco.MjSpec) -> None:
    tray = spec.worldbody.add_body(name='tray', pos=[*TRAY_AT, TABLE_TOP])
    wall, rim, half = 0.004, 0.012, TRAY_HALF
    parts = [([half, half, 0.002], [0.0, 0.0, 0.002])]
    parts += [([wall, half, rim], [x, 0.0, rim]) for x in (-half, half)]
    parts += [([half, wall, rim], [0.0, y, rim]) for y in (-half, half)]
    for size, pos in parts:
        _solid(tray, size=size, pos=pos, rgba=_TRAY_COLOUR)


def _block(spec: mujoco.MjSpec, name: str, colour: tuple[float, ...]) -> None:
    body = spec.worldbody.add_body(name=name)
    body.add_freejoint(name=name)
    cube = _solid(body, name=name, size=[BLOCK_HALF] * 3, mass=BLOCK_MASS, rgba=colour)
    cube.friction, cube.condim = [1.0, RUBBER_FRICTION[1], RUBBER_FRICTION[2]], 4
