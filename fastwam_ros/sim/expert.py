"""A person who can do something with both hands: joint positions and openings, from what is seen.

Work is a row of legs; a leg leads the hands along a path and then waits until they stand still
there, as they follow later than they are led. It sees the joints' readings and where things are,
and nothing of how the arms are driven. Time is an argument.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import mujoco
import numpy as np

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.units import opening
from fastwam_ros.sim.reach import Reach
from fastwam_ros.sim.scene import Pose
from fastwam_ros.sim.simulator import Feedback
from fastwam_ros.sim.world import ARM_HOME

HOME_OPENING = 0.06  # [m]
STILL = 0.02  # [rad/s] below which the arms stand
SETTLED = 0.1  # [s] that they must
CLOSE = 0.02  # [rad] from where a joint was led
PATIENCE = 4.0  # [s] for the hands to arrive
_HURRY = 0.6  # [rad/s] of the fastest joint on the way home, on average
_OUT_OF_REACH = 0.01  # [m]


@dataclass(frozen=True)
class Sight:
    """What a person sees.

    joints: readings by side [6, rad]; speed: of the fastest joint [rad/s]; openings by side [m];
    things: where they are, by name.
    """

    joints: dict[str, np.ndarray]
    speed: float
    openings: dict[str, float]
    things: dict[str, Pose] = field(default_factory=dict)

    @classmethod
    def of(cls, feedback: Feedback, things: dict[str, Pose]) -> 'Sight':
        """What the robot reports, and where things are."""
        arms, grippers = feedback.arms, feedback.grippers
        return cls(
            {side: np.array(arms[side].position) for side in SIDES},
            max(float(np.abs(arms[side].velocity).max()) for side in SIDES),
            {side: opening(grippers[side].position) for side in SIDES},
            things,
        )


@dataclass(frozen=True)
class Wish:
    """Where the hands are led now: joints by side [6, rad], none yet at first; openings [m]."""

    joints: dict[str, np.ndarray]
    openings: dict[str, float]


@dataclass(frozen=True)
class Leg:
    """A stretch of work: hands that move to poses, over an arc of some height [m], and openings.

    A side that is not named stays. Both hands go home instead where `home` says so.
    """

    seconds: float
    hands: dict[str, Pose] = field(default_factory=dict)
    openings: dict[str, float] = field(default_factory=dict)
    arc: float = 0.0
    home: bool = False


See = Callable[[str], Pose]
Plan = Callable[[See], Iterator[Leg]]


class UnseenError(LookupError):
    """A thing that the work needs is not to be seen; the message says what is."""


class Expert:
    """Does one piece of work and goes home. `done`, or `failed` in words."""

    def __init__(self, plan: Plan, reach: Reach | None = None) -> None:
        self._reach = reach or Reach()
        self._legs = self._all(plan)
        self._things: dict[str, Pose] = {}
        self._path: _Path | None = None
        self._wish = Wish({}, {})
        self._still_since: float | None = None
        self._arrived: float | None = None  # when the path ended, before the hands are there
        self.done, self.failed = False, ''

    def tick(self, now: float, sight: Sight) -> Wish:
        """Where to lead the hands at `now` [s]."""
        self._things = sight.things
        if self.done or self.failed:
            return self._wish
        if self._path is None:
            self._begin(now, sight)
        elif self._path.over(now):
            self._arrive(now, sight)
        if self._path is not None and not self.failed:
            self._lead(now)
        return self._wish

    def _all(self, plan: Plan) -> Iterator[Leg]:
        yield Leg(1.0, home=True)
        yield from plan(self._see)
        yield Leg(1.0, home=True)

    def _see(self, name: str) -> Pose:
        if name not in self._things:
            seen = ', '.join(self._things) or 'nothing'
            raise UnseenError(f'it needs {name} and sees {seen}: is it the right scene?')
        return self._things[name]

    def _begin(self, now: float, sight: Sight) -> None:
        """Take hold; the first positions are the arms' own, once they stand."""
        self._wish = Wish({}, dict(sight.openings))
        if self._stands(now, sight):
            self._wish = Wish({s: sight.joints[s].copy() for s in SIDES}, self._wish.openings)
            self._next(now)

    def _next(self, now: float) -> None:
        self._arrived = None
        try:
            leg = next(self._legs, None)
        except UnseenError as unseen:
            self.failed = str(unseen)
            return
        self.done = leg is None
        if leg is not None:
            self._path = _Path(leg, now, self._wish, self._reach)

    def _lead(self, now: float) -> None:
        assert self._path is not None
        self._wish, off = self._path.at(now, self._wish)
        if off > _OUT_OF_REACH:
            self.failed = f'a hand would have to be {100 * off:.0f} cm further than it reaches'

    def _arrive(self, now: float, sight: Sight) -> None:
        self._arrived = now if self._arrived is None else self._arrived
        away = {s: np.abs(sight.joints[s] - self._wish.joints[s]) for s in SIDES}
        if self._stands(now, sight) and all(gap.max() < CLOSE for gap in away.values()):
            self._next(now)
        elif now - self._arrived > PATIENCE:
            side = max(SIDES, key=lambda s: away[s].max())
            joint = int(away[side].argmax())
            self.failed = (
                f'{side}_arm_joint{joint + 1} is {away[side][joint]:.3f} rad from where it was '
                f'led, {PATIENCE:g} s later: something is in its way'
            )

    def _stands(self, now: float, sight: Sight) -> bool:
        if sight.speed > STILL:
            self._still_since = None
            return False
        self._still_since = now if self._still_since is None else self._still_since
        return now - self._still_since >= SETTLED


class _Path:
    """A leg that was begun: where both hands are led at an instant."""

    def __init__(self, leg: Leg, now: float, wish: Wish, reach: Reach) -> None:
        self._leg, self._begun, self._start, self._reach = leg, now, wish, reach
        self._from = {side: reach.hand(side, wish.joints[side]) for side in leg.hands}
        away = max(float(np.abs(wish.joints[side] - ARM_HOME).max()) for side in SIDES)
        self._seconds = max(leg.seconds, away / _HURRY if leg.home else 0.0)

    def over(self, now: float) -> bool:
        """Whether it leads no further."""
        return now - self._begun >= self._seconds

    def at(self, now: float, last: Wish) -> tuple[Wish, float]:
        """Where to at `now`, coming from `last`, and how far a hand cannot follow [m]."""
        part = min((now - self._begun) / self._seconds, 1.0)
        eased = part * part * (3.0 - 2.0 * part)
        joints, off = dict(last.joints), 0.0
        for side in SIDES:
            if self._leg.home:
                start = self._start.joints[side]
                joints[side] = start + eased * (np.array(ARM_HOME) - start)
            elif side in self._leg.hands:
                pose = _between(self._from[side], self._leg.hands[side], eased, self._leg.arc)
                joints[side], missed = self._reach.joints(side, pose, last.joints[side])
                off = max(off, missed)
        return Wish(joints, self._openings(eased)), off

    def _openings(self, part: float) -> dict[str, float]:
        home = dict.fromkeys(SIDES, HOME_OPENING) if self._leg.home else {}
        start, goal = self._start.openings, {**home, **self._leg.openings}
        return {s: start[s] + part * (goal.get(s, start[s]) - start[s]) for s in SIDES}


def _between(start: Pose, end: Pose, part: float, arc: float) -> Pose:
    """`part` 0..1 of the way, on a line or half an ellipse of some height [m]."""
    angle = math.pi * part
    along = 0.5 - 0.5 * math.cos(angle) if arc else part
    position = start.position + along * (end.position - start.position)
    position[2] += arc * math.sin(angle)
    turn, quaternion = np.empty(3), start.quaternion.copy()
    mujoco.mju_subQuat(turn, end.quaternion, start.quaternion)
    mujoco.mju_quatIntegrate(quaternion, turn, part)
    return Pose(position, quaternion)
