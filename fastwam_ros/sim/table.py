"""The table that every scene stands on, and how solid things are made."""

from typing import Any

import mujoco
import numpy as np

from fastwam_ros.sim.model import EVERYTHING, THINGS

TABLE_TOP = 0.70  # [m] above the ground
TABLE_X, TABLE_Y = (0.25, 0.85), 0.60  # near and far edge, half width [m]
HIDDEN = 4  # a geom group that is not drawn
_WOOD, PLANKS = (0.80, 0.67, 0.50), 15
_LEG_COLOUR = (0.30, 0.30, 0.32, 1.0)


def solid(body: mujoco.MjsBody, **shape: Any) -> mujoco.MjsGeom:
    """A box, unless another type is given, that everything can touch."""
    shape.setdefault('type', mujoco.mjtGeom.mjGEOM_BOX)
    return body.add_geom(contype=THINGS, conaffinity=EVERYTHING, **shape)


def table(spec: mujoco.MjSpec) -> None:
    """Add the table to a spec."""
    near, far = TABLE_X
    body = spec.worldbody.add_body(name='table', pos=[(near + far) / 2.0, 0.0, 0.0])
    half = (far - near) / 2.0
    top = solid(body, name='table', size=[half, TABLE_Y, 0.02], pos=[0.0, 0.0, TABLE_TOP - 0.02])
    top.friction, top.group = [0.8, 0.01, 0.001], HIDDEN  # the planks are what one sees of it
    _planks(body, half)
    for x in (-half + 0.03, half - 0.03):
        for y in (-TABLE_Y + 0.03, TABLE_Y - 0.03):
            solid(body, size=[0.025, 0.025, 0.33], pos=[x, y, 0.33], rgba=_LEG_COLOUR)


def _planks(body: mujoco.MjsBody, half: float) -> None:
    """The top as boards of uneven shade: on a CPU a wood texture costs more than all boxes."""
    shades = 1.0 + 0.06 * np.random.default_rng(7).uniform(-1.0, 1.0, PLANKS)
    width = TABLE_Y / PLANKS
    for number, shade in enumerate(shades):
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[half, width - 0.0008, 0.02],
            pos=[0.0, (2 * number + 1) * width - TABLE_Y, TABLE_TOP - 0.02],
            rgba=[*(shade * np.array(_WOOD)), 1.0],
            mass=0.0,
            contype=0,
            conaffinity=0,
        )
