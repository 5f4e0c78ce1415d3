"""How smooth a movement is: log dimensionless jerk and the arc length of its speed's spectrum.

Both as in Balasubramanian et al., 'A robust and sensitive metric for quantifying movement
smoothness' (2012) and 'On the analysis of movement smoothness' (2015). They were made for single
movements: of a part of one only values over the same part compare.
"""

import numpy as np

from fastwam_ros.bag.streams import Array

_PAD = 4  # powers of two by which a spectrum is padded
_TOP = 10.0  # [Hz]
_THRESHOLD = 0.05  # of a normalised amplitude that still counts


def ldlj(commands: Array, tick: float) -> float:
    """Log dimensionless jerk of one movement [N, D]: -ln(T^3 / peak^2 * integral of |jerk|^2).

    peak: of the speed, which like the jerk is a norm over the joints. Nearer to 0 is smoother; a
    motion of least jerk has -5.32. NaN where nothing moves.
    """
    velocity, jerk = (np.diff(commands, n, axis=0) / tick**n for n in (1, 3))
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
