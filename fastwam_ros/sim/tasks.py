"""What the expert can do: fold a towel, lift a bar, put a block into the tray.

Each is a row of legs from where things are seen when a leg begins. Distances are in metres,
openings too; hands point down, their fingers open along a yaw about the vertical.
"""

import math
from collections.abc import Iterator
from functools import partial

import mujoco
import numpy as np

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.sim.expert import Leg, Plan, See
from fastwam_ros.sim.scene import Pose

BAR_GRIP = 0.15  # [m] from the bar's centre to either hand
LEAN = 0.45  # [rad] of a hand that reaches far: straight down an arm ends earlier


def fold(see: See) -> Iterator[Leg]:
    """Both near corners over to the far ones."""
    start = {side: see(f'towel_near_{side}').position + (0.0, 0.0, 0.008) for side in SIDES}
    end = {side: see(f'towel_far_{side}').position + (0.0, 0.0, 0.018) for side in SIDES}
    wide, narrow = _both(0.06), _both(0.016)
    yield Leg(2.0, _above(start, 0.10), wide)
    yield Leg(1.0, _above(start, 0.0))
    yield Leg(0.5, openings=narrow)
    yield Leg(3.0, _above(end, 0.0, lean=LEAN), arc=0.10)
    yield Leg(0.4, openings=wide)
    yield Leg(1.0, _above(end, 0.10, lean=LEAN))


def lift(see: See) -> Iterator[Leg]:
    """The bar straight up, and down again."""
    bar = see('bar')
    along, yaw = bar.matrix[:, 1], _yaw(bar) - math.pi / 2.0
    yaws = {'left': yaw, 'right': yaw + math.pi}
    ends = {'left': BAR_GRIP * along, 'right': -BAR_GRIP * along}
    grip = {side: bar.position + ends[side] for side in SIDES}
    wide, narrow = _both(0.09), _both(0.028)
    yield Leg(2.0, _above(grip, 0.13, yaws), wide)
    yield Leg(1.0, _above(grip, 0.0, yaws))
    yield Leg(0.5, openings=narrow)
    yield Leg(1.5, _above(grip, 0.14, yaws))
    yield Leg(0.5)


def pick(name: str, see: See) -> Iterator[Leg]:
    """One block into the tray with the nearer hand."""
    block, tray = see(name), see('tray').position
    side = 'left' if block.position[1] > tray[1] else 'right'
    yaw = {side: _square(_yaw(block))}
    grip, drop = {side: block.position}, {side: tray + (0.0, 0.0, 0.03)}
    wide, narrow = {side: 0.09}, {side: 0.024}
    yield Leg(2.0, _above(grip, 0.12, yaw), wide)
    yield Leg(1.0, _above(grip, 0.0, yaw))
    yield Leg(0.5, openings=narrow)
    yield Leg(1.0, _above(grip, 0.13, yaw))
    yield Leg(1.5, _above(drop, 0.11))
    yield Leg(1.0, _above(drop, 0.0))
    yield Leg(0.4, openings=wide)
    yield Leg(1.0, _above(drop, 0.15))


def task_named(words: str) -> Plan:
    """'fold', 'lift' or 'pick COLOUR'. Raises ValueError naming the valid ones."""
    verb, *rest = words.split() or ['']
    if verb in _ALONE and not rest:
        return _ALONE[verb]
    if verb == 'pick' and len(rest) == 1:
        return partial(pick, rest[0])
    raise ValueError(f'no task {words!r}: there are {", ".join((*_ALONE, "pick BLOCK"))}')


_ALONE: dict[str, Plan] = {'fold': fold, 'lift': lift}


def _both(opening: float) -> dict[str, float]:
    return dict.fromkeys(SIDES, opening)


def _above(
    points: dict[str, np.ndarray],
    height: float,
    yaws: dict[str, float] | None = None,
    lean: float = 0.0,
) -> dict[str, Pose]:
    """Hands some height over points [3], pointing down or leaning ahead by some rad."""
    turns = yaws or {}
    rise = np.array([0.0, 0.0, height])
    return {
        side: Pose(at + rise, _down(turns.get(side, 0.0), lean)) for side, at in points.items()
    }


def _down(yaw: float, lean: float) -> np.ndarray:
    """Orientation wxyz of a hand that points down, fingers opening along y turned by yaw."""
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
