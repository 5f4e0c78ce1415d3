"""A person's hand in force: what it says, where that goes, and the joints that follow.

Samples come when they come (`take`), a state is asked for once a tick (`step`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fastwam_ros.motion.follow import Follower, Goal
from fastwam_ros.motion.hand import Absolute, Clutch
from fastwam_ros.motion.heading import Heading
from fastwam_ros.motion.limits import Array, Limits, Ns, State
from fastwam_ros.motion.status import ABSOLUTE, RELATIVE

if TYPE_CHECKING:  # half a second of libraries, for who asks for clearances only
    from fastwam_ros.motion.clearance import Clearance
    from fastwam_ros.motion.vicinity import Vicinity


class Pursuit:
    """Follows a hand from a state on; until it says something, the joints come to rest at `end`.

    period [s] of a tick; end [D] inside the limits; hand: one of HANDS; clearance: what the arms
    are kept from running into, None for nothing. speed: the share of the
    speed limits at which it follows, at most; it may be changed at any time.
    """

    def __init__(
        self,
        limits: Limits,
        period: float,
        state: State,
        end: Array,
        hand: str = RELATIVE,
        clearance: Clearance | None = None,
    ) -> None:
        self.speed = 1.0
        self._limits = limits
        self._hand = Absolute(end, limits) if hand == ABSOLUTE else Clutch(end, limits)
        self._heading = Heading(limits, end)
        self._follower = Follower(limits, period, state)
        self._near = None if clearance is None else _vicinity(clearance, limits, state.q)

    def take(self, now: Ns, positions: Array) -> None:
        """Take a hand's positions [D] that arrived now; NaN where it commands nothing."""
        self._heading.take(now, self._hand.move(positions))

    def step(self, now: Ns) -> State:
        """The state to command at the tick `now`.

        Raises ArithmeticError when following has no solution.
        """
        share = self.speed * self._hand.share(self._follower.state.q)
        goals: Sequence[Goal] = self._heading.at(now)
        if self._near is not None:
            goals = self._near.keep_clear(self._follower.state, goals)
        return self._follower.step(goals, share)

    @property
    def approaching(self) -> bool:
        """Whether the arms are still on their way to a hand that tells where to be."""
        return self._hand.approaching

    @property
    def distance(self) -> Array:
        """[D] rad from the commanded position of each joint to its newest goal."""
        return self._hand.goal - self._follower.state.q

    def words(self) -> str:
        """What keeps the arms from where the hand is, or from following at full speed, or ''."""
        if self._near is not None and (near := self._near.words()):
            return near
        if not self.approaching:
            return ''
        joint = int(np.abs(self.distance).argmax())
        far = abs(self.distance[joint])
        return f'approaching the hand: {self._limits.names[joint]} is {far:.2f} rad from it'


def _vicinity(clearance: Clearance, limits: Limits, q: Array) -> Vicinity:
    from fastwam_ros.motion.vicinity import Vicinity

    return Vicinity(clearance, limits, q)
