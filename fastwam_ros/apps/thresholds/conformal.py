"""Thresholds that a run like the recorded ones exceeds with probability alpha at most.

A run's score is the largest disagreement in it. If n recorded runs and the next one could have
come in any order (they are exchangeable: the same policy, tasks, scenes and people), the next
score is above the k-th smallest of the n with probability (n + 1 - k) / (n + 1) at most, whatever
the distribution. A threshold is the smallest k that gives alpha: ceil((n + 1)(1 - alpha)). Because
the score is a maximum, that holds for all chunks of the run at once: a band around successes that
is constant in time, in the manner of the functional bands of FAIL-Detect (arXiv 2503.08558). It
says nothing of how many failures are found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.motion.uncertainty import GO, HOLD, Doubt, Thresholds


def rank(count: int, alpha: Fraction) -> int:
    """Which of so many scores is the threshold, 1 for the smallest.

    Raises ValueError where there are too few: it says how many it takes.
    """
    found = count + 1 - floor((count + 1) * alpha)
    if found <= count:
        return found
    raise ValueError(
        f'{count} runs are too few for alpha {plain(alpha)}: it takes {needed(alpha)}; '
        f'the smallest alpha of {count} runs is {smallest(count)} (--alpha SLOW HOLD)'
    )


def needed(alpha: Fraction) -> int:
    """How many runs an alpha takes."""
    return ceil(1 / alpha) - 1


def smallest(count: int) -> str:
    """The smallest alpha that so many runs allow, rounded up to what can be typed."""
    return plain(Fraction(ceil(Fraction(10_000, count + 1)), 10_000))


def plain(alpha: Fraction) -> str:
    """As a decimal number."""
    return f'{float(alpha):.4g}'


def thresholds(scores: Sequence[float], slow: Fraction, hold: Fraction) -> Thresholds:
    """From the scores of runs and two alphas. Raises ValueError for scores that give none."""
    rising = np.sort(np.asarray(scores, np.float64))
    found = [float(rising[rank(len(rising), alpha) - 1]) for alpha in (slow, hold)]
    return Thresholds(*found)


@dataclass(frozen=True)
class Alarms:
    """What thresholds did in runs.

    chunks: judged; slowed: how many of them; begun: times that slowing began; holds: times that
    the arms came to rest; seconds: under the policy.
    """

    chunks: int = 0
    slowed: int = 0
    begun: int = 0
    holds: int = 0
    seconds: float = 0.0

    def __add__(self, other: 'Alarms') -> 'Alarms':
        return Alarms(
            self.chunks + other.chunks,
            self.slowed + other.slowed,
            self.begun + other.begun,
            self.holds + other.holds,
            self.seconds + other.seconds,
        )

    def per_hour(self, count: int) -> float:
        """So many alarms as a rate [1/h]; NaN for no time."""
        return count * 3600.0 / self.seconds if self.seconds else float('nan')


def replay(given: Thresholds, epochs: Sequence[NDArray[np.float64]], seconds: float) -> Alarms:
    """What the executor would have done in a run; a person lets it go on after each hold."""
    doubt, found = Doubt(given), Alarms(seconds=seconds)
    for epoch in epochs:
        doubt.reset()
        before = GO
        for value in epoch.tolist():
            degree = doubt.judge(value).name
            slowed, held = degree != GO, degree == HOLD
            found += Alarms(1, slowed, slowed and before == GO, held)
            before = degree
            if held:
                doubt.reset()
                before = GO
    return found
