"""What the expert can do: fold a towel, lift a bar, put a block into the tray.

Each is a row of legs from where things are seen when it begins. Distances are in metres,
openings too; hands point down, their fingers open along a yaw about the vertical.
"""

import math
from collections.abc import Iterator
from functools import partial

import mujoco
import numpy as np

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.sim.blocks import BLOCKS
from fastwam_ros.sim.expert import Leg, Plan, See
from fastwam_ros.sim.scene import Pose

BAR_GRIP = 0.15  # [m] from the bar's centre to either hand
# A hand that points straight down does not get as far as one that leans ahead: by distance from
# where the arm is mounted, seen from above [m].
SHOULDER = {'left': (0.127, 0.336), 'right': (0.127, -0.336)}
UPRIGHT_TO, LEANS_FROM, LEAN = 0.42, 0.50, 0.40  # [m], [m], [rad]


def fold(see: See) -> Iterator[Leg]:
    """Both near corners over to the far ones."""
    near = {side: see(f'towel_near_{side}').position for side in SIDES}
    far = {side: see(f'towel_far_{side}').position for side in SIDES}
    wide, narrow = _both(0.06), _both(0.016)
    lean = max(_lean(side, corner) for side, corner in far.items())
    yield Leg(2.0, _over(near, 0.11), wide)
    yield Leg(1.0, _over(near, 0.016))
    yield Leg(0.5, openings=narrow)
    yield Leg(3.0, _over(far, 0.028, lean=lean), arc=0.10)
    yield Leg(0.4, openings=wide)
    yield Leg(1.0, _over(far, 0.12, lean=lean))


def lift(see: See) -> Iterator[Leg]:
    """The bar straight up, held for a second, and down again."""
    bar = see('bar')
    along, yaw = bar.matrix[:, 1], _yaw(bar) - math.pi / 2.0
    yaws = {'left': yaw, 'right': yaw + math.pi}
    ends = {'left': BAR_GRIP * along, 'right': -BAR_GRIP * along}
    grip = {side: bar.position + ends[side] for side in SIDES}
    wide, narrow = _both(0.09), _both(0.028)
    yield Leg(2.0, _over(grip, 0.13, yaws), wide)
    yield Leg(1.0, _over(grip, 0.0, yaws))
    yield Leg(0.5, openings=narrow)
    yield Leg(1.5, _over(grip, 0.14, yaws))
    yield Leg(1.0)
    yield Leg(1.5, _over(grip, 0.0, yaws))
    yield Leg(0.4, openings=wide)
    yield Leg(1.0, _over(grip, 0.13, yaws))


def pick(name: str, see: See) -> Iterator[Leg]:
    """One block into the tray with the nearer hand."""
    block, tray = see(name), see('tray').position
    side = 'left' if block.position[1] > tray[1] else 'right'
    yaw, lean = {side: _square(_yaw(block))}, _lean(side, block.position)
    grip, drop, leant = {side: block.position}, {side: tray}, _lean(side, tray)
    wide, narrow = {side: 0.09}, {side: 0.024}
    yield Leg(2.0, _over(grip, 0.12, yaw, lean), wide)
    yield Leg(1.0, _over(grip, 0.0, yaw, lean))
    yield Leg(0.5, openings=narrow)
    yield Leg(1.0, _over(grip, 0.12, yaw, lean))
    yield Leg(1.5, _over(drop, 0.12, lean=leant))
    yield Leg(1.0, _over(drop, 0.034, lean=leant))
    yield Leg(0.4, openings=wide)
    yield Leg(1.0, _over(drop, 0.12, lean=leant))


_ALONE: dict[str, Plan] = {'fold': fold, 'lift': lift}
TASKS = (*_ALONE, *(f'pick {name}' for name in BLOCKS))


def task_named(name: str) -> Plan:
    """The plan of one of TASKS. Raises ValueError naming them."""
    if name not in TASKS:
        raise ValueError(f'no task {name!r}: there are {", ".join(TASKS)}')
    return _ALONE.get(name) or partial(pick, name.removeprefix('pick '))


def _both(opening: float) -> dict[str, float]:
    return dict.fromkeys(SIDES, opening)


def _over(
    points: dict[str, np.ndarray],
    height: float,
    yaws: dict[str, float] | None = None,
    lean: float = 0.0,
) -> dict[str, Pose]:
    """Hands some height over points [3], pointing down or leaning ahead by some rad."""
    turns, rise = yaws or {}, np.array([0.0, 0.0, height])
    return {
        side: Pose(at + rise, _down(turns.get(side, 0.0), lean)) for side, at in points.items()
    }


def _lean(side: str, point: np.ndarray) -> float:
    """How far a hand leans ahead to get to a point [rad]."""
    away = float(np.linalg.norm(point[:2] - SHOULDER[side]))
    return LEAN * float(np.interp(away, (UPRIGHT_TO, LEANS_FROM), (0.0, 1.0)))


def _down(yaw: float, lean: float) -> np.ndarray:
    """Orientation wxyz of such a hand, its fingers opening along y turned by yaw."""
    turn, down, out = np.empty(4), np.empty(4), np.empty(4)
    mujoco.mju_axisAngle2Quat(turn, np.array([0.0, 0.0, 1.0]), yaw)
    mujoco.mju_axisAngle2Quat(down, np.array([0.0, 1.0, 0.0]), math.pi / 2.0 - lean)
    mujoco.mju_mulQuat(out, turn, down)
    return out


def _yaw(pose: Pose) -> float:
    """Turn of a thing about the vertical [rad]."""
    return math.atan2(pose.matrix[1, 0], pose.matrix[0, 0])


def _square(yaw: float) -> float:
    """The same turn of a square, within 45 degrees."""
    quarter = math.pi / 2.0
    return (yaw + quarter / 2.0) % quarter - quarter / 2.0
