"""A smooth curve through a chunk's rows, inside the position limits between them too."""

from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline, PPoly

from fastwam_ros.motion.limits import Array, Limits

_PULLS = 6  # of the rows, away from a limit that the spline swings past
_ON_LIMIT = 1e-6  # [rad]
_FEW = 128  # rows up to which a basis is kept: a megabyte


def through(limits: Limits, times: Array, rows: Array) -> tuple[PPoly, bool]:
    """The C2 spline through rows [H, D] at even times [H] that stays inside the position limits.

    Between two rows on a limit a spline swings past it; the rows are pulled in by what it
    overshoots, which keeps the curve smooth where a clamp of the curve would not. Also whether
    that brought it inside.
    """
    lower, upper = limits.lower.copy(), limits.upper.copy()
    step = times[1] - times[0]
    for _ in range(_PULLS):
        inner = np.clip(rows, lower, upper)
        cubics = _cubics(inner, step)
        low, high = _extremes(cubics, step)
        below = np.maximum(limits.lower - low, 0.0)
        above = np.maximum(high - limits.upper, 0.0)
        if max(below.max(), above.max()) <= _ON_LIMIT:
            return PPoly.construct_fast(cubics, times), True
        lower, upper = lower + 1.2 * below, upper - 1.2 * above
    return PPoly.construct_fast(cubics, times), False


def _cubics(rows: Array, step: float) -> Array:
    """Coefficients [4, H - 1, D], highest power first, of the spline through rows [H, D].

    At both ends it is as fast as its first and last two rows say.
    """
    few = len(rows) <= _FEW
    per_step = np.tensordot(_basis(len(rows)), rows, 1) if few else _solved(rows)
    found: Array = per_step / step ** np.arange(3, -1, -1)[:, None, None]
    return found


def _solved(rows: Array) -> Array:
    ends = ((1, rows[1] - rows[0]), (1, rows[-1] - rows[-2]))
    cubics: Array = CubicSpline(np.arange(len(rows)), rows, bc_type=ends).c
    return cubics


@lru_cache(maxsize=8)
def _basis(count: int) -> Array:
    """Coefficients [4, H - 1, H] for steps of 1 s, of each row's share in them.

    A spline is linear in its rows: to solve for all of them once saves nine tenths of the time.
    """
    return _solved(np.eye(count))


def _extremes(c: Array, step: float) -> tuple[Array, Array]:
    """Lowest and highest value [D] of cubics with coefficients [4, N, D] on 0..step.

    Exact: at the ends and where the derivative, a parabola, is zero.
    """
    a, b, slope = 3.0 * c[0], c[1], c[2]
    root = np.sqrt(np.maximum(b * b - a * slope, 0.0))
    turn = np.where(b >= 0.0, -b - root, root - b)  # without cancellation: turn/a and slope/turn
    with np.errstate(divide='ignore', invalid='ignore'):
        turns = np.stack([turn / a, slope / turn])
    x = np.clip(np.nan_to_num(turns, nan=0.0, posinf=0.0, neginf=0.0), 0.0, step)
    values = ((c[0] * x + c[1]) * x + c[2]) * x + c[3]
    ends = np.concatenate([c[3], (((c[0] * step + c[1]) * step + c[2]) * step + c[3])[-1:]])
    low = np.minimum(values.min(axis=(0, 1)), ends.min(axis=0))
    return low, np.maximum(values.max(axis=(0, 1)), ends.max(axis=0))
