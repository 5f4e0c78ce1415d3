"""Gripper openings: a channel of their own, limited in speed only.

A gripper that snaps shut within one row must not slow the arms down, so it takes no part in a
plan's timing; and a stop leaves it as it is, because it may hold something.
"""

from dataclasses import dataclass

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns


@dataclass(frozen=True)
class Grippers:
    """Names, the widest opening [m] and the speed of opening [m/s] of all grippers."""

    names: tuple[str, ...]
    widest: float
    speed: float

    def towards(self, command: Array, target: Array, duration: float) -> Array:
        """Openings [G] after `duration` seconds of moving to target, within 0..widest."""
        reach = self.speed * duration
        step = np.minimum(np.maximum(target, 0.0), self.widest) - command
        return command + np.minimum(np.maximum(step, -reach), reach)  # half of np.clip's time


@dataclass(frozen=True)
class Openings:
    """A chunk's gripper columns [rows, G], passed as slowly as its arms.

    times [rows]: seconds of chunk time after `start` (plan time, ns); slow: the arms' time scale.
    """

    start: Ns
    times: Array
    slow: float
    rows: Array

    def at(self, t: Ns) -> Array:
        """Openings [G] at plan time t, linear between rows and held outside of them."""
        x = (t - self.start) / SECOND / self.slow
        step = self.times[1] - self.times[0]
        k = min(max((x - self.times[0]) / step, 0.0), len(self.rows) - 1.0)
        i = min(int(k), len(self.rows) - 2)
        return self.rows[i] + (k - i) * (self.rows[i + 1] - self.rows[i])
