"""What a seed is made of: a robot, its limits, how its executor is set, and who acts on it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from fastwam_ros.apps.chaos.arms import Nature
from fastwam_ros.apps.chaos.people import Hand, Operator, Speed, Switch
from fastwam_ros.apps.chaos.stage import Actor
from fastwam_ros.apps.chaos.things import Clock, Feedback, Others, Policy
from fastwam_ros.loop.execution import settings
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.blend import BLENDS
from fastwam_ros.motion.clearance import Clearance
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.motion.status import BRIDGES, HANDS, Settings
from fastwam_ros.motion.tracking import Response
from fastwam_ros.motion.uncertainty import Thresholds
from fastwam_ros.robot.tracker import FAST

RATES = (200.0, 200.0, 200.0, 100.0, 500.0)  # ticks per second: what is used, and what may be
SHARES = (1.0, 0.6, 1.7)  # of the R1 Lite's speed, acceleration and jerk
START: Ns = 1_700_000_000 * SECOND
HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)


def limited(rate: float, share: float, **changes: Any) -> Settings:
    """An R1 Lite's executor with a share of its limits, and the response that goes with them."""
    made = settings(rate, **changes)
    limits = made.limits.share(share)
    return replace(made, limits=limits, response=Response.of(limits, FAST))


@lru_cache(maxsize=1)
def around() -> Clearance:
    """What the arms can run into: half a second of libraries, for few seeds."""
    return clearance()


@dataclass(frozen=True)
class Draw:
    """hostile: share of the time with another than a sensible policy; estop: there is a source."""

    seed: int
    share: float
    settings: Settings
    nature: Nature
    hostile: float
    estop: bool

    @classmethod
    def of(cls, seed: int) -> 'Draw':
        """Limits and bridges go round: six seeds that follow each other have all of them."""
        rng, share = np.random.default_rng([seed, 0]), SHARES[seed % 3]
        made = limited(
            float(rng.choice(RATES)),
            share,
            bridge=BRIDGES[seed // 3 % 2],
            blending=str(rng.choice(['newest', rng.choice(list(BLENDS))])),
            require_deadman=bool(rng.random() < 0.25),
            doubt=Thresholds(0.1, 0.2) if rng.random() < 0.25 else None,
            clearance=around() if rng.random() < 0.1 else None,
        )
        hostile = float(rng.choice([0.0, 0.4, 1.0], p=[0.2, 0.5, 0.3]))
        nature, estop = Nature.drawn(rng), bool(rng.random() < 0.5)
        made = replace(made, teleop=HANDS[int(rng.random() < 0.4)])
        return cls(seed, share, made, nature, hostile, estop)

    def __str__(self) -> str:
        made = self.settings
        what = f'{self.share} x limits, {made.bridge}, {made.blending}, {made.teleop} hand'
        rate = SECOND / self.settings.period
        near = ', clearances' if self.settings.clearance is not None else ''
        return f'{what}{near}, {rate:.0f} Hz, hostile {self.hostile}, lag {self.nature.lag:.3f} s'

    def actors(self) -> Iterator[Actor]:
        """Everybody and everything, each with random numbers of its own."""
        size, grippers = len(self.settings.limits.names), len(self.settings.grippers.names)
        rngs = (np.random.default_rng([self.seed, n]) for n in range(1, 20))
        yield Operator(next(rngs), START)
        yield Policy(next(rngs), START, self.hostile)
        yield Hand(next(rngs), START, size, grippers)
        yield Feedback(next(rngs), START)
        yield Others(next(rngs), START, size, grippers)
        yield Clock(next(rngs), START)
        yield Speed(next(rngs), START)
        if self.settings.require_deadman:
            yield Switch(next(rngs), START, 'deadman', True, 15.0, 20.0)
        if self.estop:
            yield Switch(next(rngs), START, 'estop', False, 30.0, 40.0)
