"""The methods by name: rules that command at once, and this executor in its ways."""

from collections.abc import Callable

import numpy as np

from fastwam_ros.apps.splice.limited import Chase, Clamp, Hermite, Residual
from fastwam_ros.apps.splice.rules import CrossFade, Grid, Mean, Newest, Rule, Told
from fastwam_ros.loop.execution import LIMITS as ROBOT_LIMITS
from fastwam_ros.motion.blend import BLENDS
from fastwam_ros.motion.limits import Limits, frozen
from fastwam_ros.motion.status import BRIDGES

# One set for all joints, so that a figure says something whichever joint it comes from: that of
# the robot's joints 1 to 3, the slowest.
VELOCITY, ACCELERATION, JERK = 1.5, 6.0, 80.0
_SIZE = len(ROBOT_LIMITS.names)
LIMITS = Limits(
    ROBOT_LIMITS.names,
    ROBOT_LIMITS.lower,
    ROBOT_LIMITS.upper,
    frozen([VELOCITY] * _SIZE),
    frozen([ACCELERATION] * _SIZE),
    frozen([JERK] * _SIZE),
)

RULES: dict[str, Callable[[], Rule]] = {
    'newest, held between rows': lambda: Newest(Told.row),
    'newest, straight between rows': lambda: Newest(Told.at),
    'newest, from its first row': lambda: Newest(Told.at, from_arrival=True),
    'temporal ensembling': lambda: Mean(40, lambda n: np.exp(-0.01 * np.arange(n))),
    'recency weighted': lambda: Mean(4, lambda n: np.power(0.5, np.arange(n, 0.0, -1.0))),
    'weighted hand-over': lambda: Grid(0.7),
    'cross-fade 200 ms': lambda: CrossFade(0.2),
    'cubic replacement': Hermite,
    'quintic residual': lambda: Residual(LIMITS),
    'clamp v, a, j': lambda: Clamp(LIMITS),
    'Ruckig chase': lambda: Chase(LIMITS, 0.0),
    'Ruckig chase, 100 ms ahead': lambda: Chase(LIMITS, 0.1),
}
EXECUTOR = 'executor'
# What of the executor's settings is changed: every bridge with the newest, the first with blends.
WAYS: dict[str, dict[str, str]] = {
    **{f'{EXECUTOR}, {bridge}': {'bridge': bridge} for bridge in BRIDGES},
    **{f'{EXECUTOR}, {name}': {'blending': name} for name in BLENDS if name != 'newest'},
}
