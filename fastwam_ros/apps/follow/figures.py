"""What is commanded of a hand's stream, and its figures.

Lag is the delay at which commands are nearest to the hand, but for an offset; `push` the
acceleration that they have beyond the hand's own, that late.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.follow.hands import BEGIN, HOME, START, Motion, Sample, stream
from fastwam_ros.apps.splice.limited import TICK, Chase
from fastwam_ros.apps.splice.metrics import ticks
from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.limits import SECOND, Array, Ns, State
from fastwam_ros.motion.pursuit import Pursuit
from fastwam_ros.motion.stop import MARGIN

_LAGS = np.arange(0.0, 0.3, 0.002)  # [s]


class LastSample:
    """Chases the newest sample by the shortest motion to it, as if the hand stood there."""

    def __init__(self) -> None:
        self._chase = Chase(LIMITS.share(MARGIN), 0.0)
        self._chase.begin(0.0, HOME)
        self._newest = HOME

    def take(self, now: Ns, positions: Array) -> None:
        """See Pursuit.take."""
        self._newest = positions

    def step(self, now: Ns) -> State:
        """See Pursuit.step."""
        return State.rest(self._chase.follow(0.0, self._newest))


def pursuit() -> Pursuit:
    """What the executor does."""
    return Pursuit(LIMITS, TICK, State.rest(HOME), HOME)


WAYS: dict[str, Callable[[], LastSample | Pursuit]] = {
    'last sample': LastSample,
    'executor': pursuit,
}


def play(way: LastSample | Pursuit, samples: list[Sample], seconds: float) -> Array:
    """The commands [T, D], one per tick from START on."""
    rows, k = [], 0
    for now in range(START, START + round(seconds * SECOND), round(TICK * SECOND)):
        while k < len(samples) and samples[k][0] <= now:
            way.take(*samples[k])
            k += 1
        rows.append(way.step(now).q)
    return np.array(rows)


@dataclass(frozen=True)
class Figures:
    """lag [s], and rms of push [rad/s2] and jerk [rad/s3].

    push is NaN for a hand that no arm could follow: its own would be all there is. beyond [rad]:
    the farthest that a command was outside of where the hand was at any time.
    share: the worst of speed, acceleration and jerk of their limits.
    """

    lag: float
    beyond: float
    push: float
    jerk: float
    share: float


def figures(commands: Array, motion: Motion) -> Figures:
    """Of the median joint, from BEGIN on; `beyond` and `share` of the worst, from the start on."""
    times = ticks(0, len(commands), TICK)
    known = times >= BEGIN
    lags = [float(lag) for lag in _LAGS]
    misses = np.array([np.var((commands - motion(times - lag))[known], axis=0) for lag in lags])
    lag = float(np.median(_LAGS[misses.argmin(axis=0)]))
    hand = motion(times)
    beyond = np.maximum(commands - hand.max(axis=0), hand.min(axis=0) - commands)
    differences = [np.diff(commands, n, axis=0) / TICK**n for n in (1, 2, 3)]
    own = np.diff(motion(times - lag), 2, axis=0) / TICK**2
    sudden = np.abs(own).max() > 2.0 * LIMITS.acceleration.max()
    bounds = (LIMITS.velocity, LIMITS.acceleration, LIMITS.jerk)
    shares = [np.abs(d / bound).max() for d, bound in zip(differences, bounds, strict=True)]
    return Figures(
        lag,
        float(beyond.max()),
        np.nan if sudden else _rms((differences[1] - own)[known[2:]]),
        _rms(differences[2][known[3:]]),
        float(max(shares)),
    )


def measured(name: str, motion: Motion, rate: float, jitter: float, seconds: float) -> Figures:
    """The figures of a way by name. Deterministic."""
    return figures(play(WAYS[name](), stream(motion, seconds, rate, jitter), seconds), motion)


def _rms(values: Array) -> float:
    return float(np.median(np.sqrt(np.mean(values**2, axis=0))))
