"""One joint's commands and readings, and likenesses of its tracker run on those commands.

A likeness heads for the newest command within a velocity, an acceleration and a jerk, as in
`motion.tracking`. Pure numbers: times [s], positions [rad].
"""

from dataclasses import dataclass

import numpy as np

from fastwam_ros.motion.chaser import Chaser
from fastwam_ros.motion.limits import Array

STEP = 0.005  # [s] of the common grid, and of the modelled tracker
_AT_ONCE = 32  # candidates: one that fails makes all of them be run again


@dataclass(frozen=True)
class Response:
    """One joint's commands and readings on a common grid [T] of STEP; cap: most it may track with.

    cap [rad/s] goes out with every command; begin [s]: when the grid does.
    """

    commanded: Array
    measured: Array
    cap: float
    begin: float = 0.0

    @classmethod
    def of(cls, sent: tuple[Array, Array], read: tuple[Array, Array], cap: float) -> 'Response':
        """From times [N, s] and positions [N, rad] of commands and readings, in order.

        Raises ValueError where they have less than a second in common.
        """
        first, last = max(sent[0][0], read[0][0]), min(sent[0][-1], read[0][-1])
        if last - first < 1.0:
            raise ValueError(f'commands and readings share {max(last - first, 0.0):.2f} s, want 1')
        # From a command on: its stamps are a grid, so none waits for its step.
        begin = sent[0][np.searchsorted(sent[0], first)]
        grid = begin + STEP * np.arange(int((last - begin) / STEP))
        newest = np.searchsorted(sent[0], grid + 0.2 * STEP, 'right') - 1
        return cls(sent[1][newest], np.interp(grid, *read), cap, float(begin))


def run(response: Response, candidates: Array) -> Array:
    """Where candidates [P, 3] are one step after each command [T, P]; NaN for one that fails."""
    targets, count = response.commanded.tolist(), -(-len(candidates) // _AT_ONCE)
    parts = np.array_split(candidates, count)
    return np.hstack([_all(targets, response.cap, part) for part in parts])


def silenced(response: Response, figures: Array, ends: int) -> Array:
    """Where one of figures [3] is [T] that brakes to rest from the step `ends` on."""
    return _all(response.commanded.tolist(), response.cap, figures[None], ends)[:, 0]


def _all(targets: list[float], cap: float, candidates: Array, ends: int | None = None) -> Array:
    """As run, in one go, or where one of them fails one by one."""
    found = _together(targets, cap, candidates, ends)
    if found is not None:
        return found
    if len(candidates) == 1:
        return np.full((len(targets), 1), np.nan)
    return np.hstack([_all(targets, cap, each[None], ends) for each in candidates])


def _together(
    targets: list[float], cap: float, candidates: Array, ends: int | None
) -> Array | None:
    speeds, accels, jerks = candidates.T
    chaser = Chaser(STEP, np.minimum(speeds, cap).tolist(), accels.tolist(), jerks.tolist())
    chaser.begin([targets[0]] * len(candidates))
    out, last = [], None
    for k, target in enumerate(targets):
        if k == ends:
            chaser.rest()
        elif target != last and (ends is None or k < ends):
            chaser.head_for([target] * len(candidates))
            last = target
        try:
            chaser.step()
        except ArithmeticError:
            return None
        out.append(chaser.position)
    return np.array(out)
