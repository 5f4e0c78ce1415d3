"""What a stream of commands is worth: bounds, smoothness, how near and how late it is.

Derivatives are finite differences of what was commanded, a tick apart. Smoothness is that of
single reaches, for which both measures were made: LDLJ and SPARC as in Balasubramanian et al.,
'On the analysis of movement smoothness' (2015).
"""

import numpy as np

from fastwam_ros.motion.limits import Array

_PAD = 4  # powers of two by which a spectrum is padded
_TOP = 10.0  # [Hz]
_THRESHOLD = 0.05  # of a normalised amplitude that still counts
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


def ldlj(commands: Array, tick: float) -> float:
    """Log dimensionless jerk of one movement [N, D]: -ln(T^3 / peak^2 * integral of |jerk|^2).

    peak: of the speed, which like the jerk is a norm over the joints. Nearer to 0 is smoother; a
    motion of least jerk has -5.32. NaN where nothing moves.
    """
    velocity, _, jerk = differences(commands, tick)
    peak = float(np.linalg.norm(velocity, axis=1).max())
    cost = float((jerk**2).sum() * tick)
    if peak == 0.0 or cost == 0.0:
        return float('nan')
    return float(-np.log((len(commands) - 1) ** 3 * tick**3 / peak**2 * cost))


def sparc(commands: Array, tick: float) -> float:
    """Spectral arc length of one movement's speed [N, D]. Nearer to 0 is smoother.

    The length of the normalised amplitude spectrum up to 10 Hz, or to where it stays below 0.05
    if that is less. NaN where nothing moves.
    """
    speed = np.linalg.norm(np.diff(commands, axis=0) / tick, axis=1)
    size = 2 ** (int(np.ceil(np.log2(len(speed)))) + _PAD)
    spectrum = np.abs(np.fft.rfft(speed, size))
    if spectrum[0] == 0.0:
        return float('nan')
    spectrum, hertz = spectrum / spectrum[0], np.fft.rfftfreq(size, tick)
    counts = np.flatnonzero((hertz <= _TOP) & (spectrum >= _THRESHOLD))
    spectrum, hertz = spectrum[: counts[-1] + 1], hertz[: counts[-1] + 1]
    across = np.diff(hertz) / (hertz[-1] - hertz[0])
    return float(-np.hypot(across, np.diff(spectrum)).sum())


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
