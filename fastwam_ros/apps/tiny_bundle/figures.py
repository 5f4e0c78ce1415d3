"""What a bundle that was taught the wave does: how exact, how smooth, how fast its chunks are.

Speaks to the bundle as the robot does, through Policy; compares with the motion it was taught.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.tiny_bundle.motion import STEP, TASKS, Array, Situations, chunks
from fastwam_ros.apps.tiny_bundle.pictures import dimmed
from fastwam_ros.wam.mosaic import Picture
from fastwam_ros.wam.policy import Policy


@dataclass(frozen=True)
class Figures:
    """Of N chunks, per joint [14] (rad or m): after [1 2 1]/4 along the rows unless said.

    residual: rms distance to the taught rows; noise: rms of what is white in it (from second
    differences before the filter); start: largest distance of row 0 to the state; speed,
    acceleration: largest first and second difference per step.
    """

    residual: Array
    noise: Array
    start: Array
    speed: Array
    acceleration: Array


def ask(policy: Policy, situations: Situations, pictures: Sequence[Picture]) -> Array:
    """One chunk [N, 32, 14] per situation, seen in a picture of any pose in its light."""
    rows = zip(situations.states, situations.light, situations.tasks, strict=True)
    return np.stack(
        [
            policy.infer_mosaic(dimmed(pictures[n % len(pictures)], light), state, TASKS[task])
            for n, (state, light, task) in enumerate(rows)
        ]
    )


def measure(made: Array, situations: Situations) -> Figures:
    """Figures of chunks made [N, 32, 14]."""
    wanted = chunks(situations.states, situations.light, situations.tasks)
    error, smooth = made - wanted, filtered(made)
    return Figures(
        residual=np.sqrt(np.square(filtered(error)).mean((0, 1))),
        noise=np.sqrt(np.square(np.diff(error, 2, axis=1)).mean((0, 1)) / 6),
        start=np.abs(error[:, 0]).max(0),
        speed=np.abs(np.diff(smooth, axis=1)).max((0, 1)) / STEP,
        acceleration=np.abs(np.diff(smooth, 2, axis=1)).max((0, 1)) / STEP**2,
    )


def filtered(rows: Array) -> Array:
    """Rows [N, H, 14] through [1 2 1]/4; the ends stay."""
    smooth = rows.copy()
    smooth[:, 1:-1] = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return smooth
