"""Motions of a hand, and the streams in which they arrive.

All joints move alike from the home pose, each towards where it has room. Motions are functions of
times [N] in seconds and give positions [N, D].
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns

Motion: TypeAlias = Callable[[Array], Array]
Sample: TypeAlias = tuple[Ns, Array]

START: Ns = 1_700_000_000 * SECOND
HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)
ROOM = np.array([1.0, 1.0, 1.0, -1.0, 1.0, 1.0] * 2)  # where every joint has a radian from home
BEGIN = 6.0  # [s] at which reaches and dead stops begin: by then a hand is known


def wave(speed: float, frequency: float) -> Motion:
    """To and fro from rest at home. speed: the highest [rad/s]."""
    turn = 2.0 * np.pi * frequency
    return lambda t: _along(speed / turn * (1.0 - np.cos(turn * t)))


def reach(length: float, duration: float) -> Motion:
    """There in the minimum-jerk way at BEGIN, back 1.5 durations later; before it a small wave."""

    def way(t: Array) -> Array:
        x = np.clip((t - BEGIN) / duration, 0.0, 1.0)
        return length * x**3 * (10.0 - 15.0 * x + 6.0 * x**2)

    return lambda t: _along(_small(t) + way(t) - way(t - 1.5 * duration))


def ramp(speed: float, begin: float, seconds: float) -> Motion:
    """At one speed, from and to a dead stop: what the keyboard makes of a key that is held."""
    return lambda t: _along(speed * np.clip(t - begin, 0.0, seconds))


def stop(speed: float) -> Motion:
    """After a small wave: up to speed at 3 rad/s2, for 0.3 s more, and dead."""

    def way(t: Array) -> Array:
        up = speed / 3.0
        s = np.clip(t - BEGIN, 0.0, up + 0.3)
        return np.where(s < up, 1.5 * s**2, speed * (s - 0.5 * up))

    return lambda t: _along(_small(t) + way(t))


def stream(motion: Motion, seconds: float, rate: float, jitter: float = 0.0) -> list[Sample]:
    """Samples (arrival, positions [D]) that arrive late by random times of mean jitter [s]."""
    rng = np.random.default_rng(round(rate))
    taken = np.arange(0.0, seconds, 1.0 / rate)
    arrived = np.maximum.accumulate(taken + rng.exponential(jitter, len(taken)))
    stamps = [START + round(at * SECOND) for at in arrived]
    return list(zip(stamps, motion(taken), strict=True))


def _small(t: Array) -> Array:
    """Waves that end at rest at BEGIN."""
    return 0.02 * (1.0 - np.cos(np.pi * np.minimum(t, BEGIN)))


def _along(way: Array) -> Array:
    return HOME + way[:, None] * ROOM
