"""What the tests of following share: motions of a hand, and streams of them as they arrive."""

from collections.abc import Callable, Iterator

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.pursuit import Pursuit
from test.motion.robot import HOME, PERIOD, START

Motion = Callable[[float], Array]
Sample = tuple[Ns, Array]

# Towards where every joint has room for a radian from home.
ROOM = np.array([1.0, 1.0, 1.0, -1.0, 1.0, 1.0] * 2)


def wave(speed: float, frequency: float = 0.3) -> Motion:
    """All joints to and fro from home on, beginning at rest; speed: the highest [rad/s]."""
    turn = 2.0 * np.pi * frequency
    return lambda t: HOME + speed / turn * ROOM * (1.0 - np.cos(turn * t))


def ramp(speed: float, begin: float = 0.5, end: float = 1.2) -> Motion:
    """All joints at one speed from begin to end, which starts and stops dead."""
    return lambda t: HOME + speed * ROOM * (np.clip(t, begin, end) - begin)


def stream(motion: Motion, seconds: float, rate: float, jitter: float = 0.0) -> list[Sample]:
    """Samples [(arrival, positions)] of a motion, late by random times of mean `jitter` [s]."""
    rng = np.random.default_rng(round(rate))
    taken = np.arange(0.0, seconds, 1.0 / rate)
    arrived = np.maximum.accumulate(taken + rng.exponential(jitter, len(taken)))
    return [(START + round(at * SECOND), motion(t)) for at, t in zip(arrived, taken, strict=True)]


def ticks(samples: list[Sample], seconds: float) -> Iterator[tuple[Ns, list[Sample]]]:
    """Each tick with the samples that arrived since the one before it."""
    k = 0
    for now in range(START, START + round(seconds * SECOND), PERIOD):
        first = k
        while k < len(samples) and samples[k][0] <= now:
            k += 1
        yield now, samples[first:k]


def pursue(pursuit: Pursuit, samples: list[Sample], seconds: float) -> Array:
    """The commands [T, D] of a pursuit, one per tick."""
    rows = []
    for now, new in ticks(samples, seconds):
        for at, positions in new:
            pursuit.take(at, positions)
        rows.append(pursuit.step(now).q)
    return np.array(rows)


def lag(commands: Array, motion: Motion, begin: float) -> float:
    """Seconds by which commands follow a motion best, from `begin` [s] on, but for an offset."""
    t = np.arange(len(commands)) * PERIOD / SECOND
    late = np.arange(0.0, 0.25, 0.002)
    misses = [
        np.var(commands[t >= begin] - np.array([motion(u - x) for u in t[t >= begin]]), axis=0)
        for x in late
    ]
    return float(late[np.mean(misses, axis=1).argmin()])
