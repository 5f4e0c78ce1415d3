"""Arms that make of commands what they can, and readings of them: late, sagging, noisy, or none.

They stand for the robot as far as an executor sees it. What they do never enters a plan once one
is in force, which is a part of what the runs are there to show.
"""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.status import Measured

Rng = np.random.Generator
FEEDBACK = ('fresh', 'silent', 'frozen', 'stuck', 'torn', 'strained')
_STRAIN = 60.0  # [Nm] more than any joint is rated for


@dataclass(frozen=True)
class Nature:
    """lag, delay [s]; sag [rad] below commands; noise of readings [rad] and speeds [rad/s].

    No reading is exact: one that stays the same to the bit means an encoder that stands.
    """

    lag: float = 0.0
    delay: float = 0.0
    sag: float = 0.0
    noise: float = 1e-6
    shake: float = 1e-4

    @classmethod
    def drawn(cls, rng: Rng) -> 'Nature':
        """One in three follows at once and is read well."""
        if rng.random() < 1.0 / 3.0:
            return cls()
        lag, delay = rng.uniform(0.0, 0.12), rng.uniform(0.0, 0.03)
        noise, shake = 10.0 ** rng.uniform(-6.0, -3.0), 10.0 ** rng.uniform(-4.0, -2.3)
        return cls(lag, delay, rng.uniform(0.0, 0.04), noise, shake)


class Arms:
    """All joints and grippers of a robot.

    feedback: what becomes of readings: they are fresh, there are none (silent), the last one comes
    again with its stamp (frozen) or with a new one (stuck), they say that they are torn, or that
    the drives work too hard (strained).
    """

    def __init__(self, rng: Rng, nature: Nature, period: Ns, q: Array, grippers: int) -> None:
        self._rng, self._nature, self._seconds = rng, nature, period / SECOND
        self.q, self.v = q.copy(), np.zeros_like(q)
        self.openings = np.full(grippers, 0.05)
        self.feedback = FEEDBACK[0]
        late = round(nature.delay / self._seconds)
        self._on_their_way: deque[Array] = deque([q] * late, maxlen=late + 1)
        self._last: Measured | None = None

    def move(self, target: Array | None, openings: Array | None) -> None:
        """One period on, after a command, or without one: they stand where they are then."""
        before = self.q
        if target is not None:
            self._on_their_way.append(target)
            goal = self._on_their_way[0] - self._nature.sag
            self.q = before + (goal - before) * min(1.0, self._seconds / (self._nature.lag + 1e-9))
        self.v = (self.q - before) / self._seconds
        self.openings = self.openings if openings is None else openings

    def reading(self, now: Ns) -> Measured | None:
        """What is received now."""
        last = self._last
        if self.feedback == 'silent':
            return None
        if last is not None and self.feedback == 'frozen':
            return last
        if last is not None and self.feedback == 'stuck':
            return replace(last, stamp=now)
        torn = 'feedback_arm_left is not finite' if self.feedback == 'torn' else ''
        effort = np.full(len(self.q), _STRAIN if self.feedback == 'strained' else 1.0)
        self._last = Measured(now, *self._noisy(), self.openings, torn, effort)
        return self._last

    def _noisy(self) -> tuple[Array, Array]:
        nature, noise = self._nature, self._rng.standard_normal((2, len(self.q)))
        return self.q + nature.noise * noise[0], self.v + nature.shake * noise[1]
