"""What a stream of commands is worth: bounds, smoothness, how near and how late it is.

Derivatives are finite differences of what was commanded, a tick apart. Smoothness is that of
single reaches, see apps.smoothness.
"""

import numpy as np

from fastwam_ros.motion.limits import Array

_LAGS = np.arange(-0.2, 1.0001, 0.005)  # [s]


def differences(commands: Array, tick: float) -> tuple[Array, Array, Array]:
    """Velocity, acceleration and jerk of commands [N, D]: [N - 1, D], [N - 2, D], [N - 3, D]."""
    velocity, acceleration, jerk = (np.diff(commands, n, axis=0) / tick**n for n in (1, 2, 3))
    return velocity, acceleration, jerk


def jump(commands: Array, velocity: Array, tick: float) -> float:
    """By how much the largest step between two ticks exceeds what velocity [D] allows [rad]."""
    return float(np.maximum(np.abs(np.diff(commands, axis=0)) - velocity * tick, 0.0).max())


def tail(values: Array) -> tuple[float, float]:
    """The largest of |values| [N, D], and the 99.9th percentile of the largest per instant."""
    largest = np.abs(values).max(axis=1)
    return float(largest.max()), float(np.quantile(largest, 0.999))


def error(commands: Array, wanted: Array) -> float:
    """Root mean square of the distance of a joint from what is wanted [rad]; both [N, D]."""
    return float(np.sqrt(((commands - wanted) ** 2).mean()))


def lag(commands: Array, wanted: Array, tick: float) -> float:
    """By how much [s] commands [N, D] are later than what is wanted: where they match best."""
    steps = np.rint(_LAGS / tick).astype(int)
    most = int(np.abs(steps).max())
    inner = commands[most:-most]
    errors = [error(inner, wanted[most - s : len(wanted) - most - s]) for s in steps]
    return float(_LAGS[int(np.argmin(errors))])


def crossing(part: Array, tick: float, level: float = 0.5) -> float:
    """Seconds until part [N] first reaches the level, linear between ticks; inf if never."""
    above = np.flatnonzero(part >= level)
    if not len(above):
        return float('inf')
    k = int(above[0])
    return k * tick if k == 0 else (k - 1 + (level - part[k - 1]) / (part[k] - part[k - 1])) * tick


def ticks(first: int, count: int, tick: float) -> Array:
    """Times [count] of ticks, the first of which has the number `first`."""
    return tick * np.arange(first, first + count, dtype=np.float64)
