"""What moves the joints: the plan in force on plan time, or a person's hand; one state per tick.

Plan time advances exactly one period per tick, so a late tick makes the plan late and never makes
it jump. Who decides which of the two moves, and when to stop, is the executor's part.
"""

from collections.abc import Sequence

import numpy as np

from fastwam_ros.motion import pace
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.gripper import Openings
from fastwam_ros.motion.limits import SECOND, Array, Ns, State
from fastwam_ros.motion.plan import Plan, Reel
from fastwam_ros.motion.pursuit import Pursuit
from fastwam_ros.motion.splice import Refusal, Splice, rendezvous
from fastwam_ros.motion.status import Settings
from fastwam_ros.motion.stop import quickest

_LOOK = 0.02  # [s] between the instants at which a plan's speed is looked at


class Drive:
    """The commanded motion of all joints and grippers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seconds = settings.period / SECOND
        self.step = min(pace.STEP, self._seconds)  # [s] on which changes of pace are checked
        self._share, self._limits = 1.0, settings.limits  # of new plans; others may be in force
        size = len(settings.limits.names)
        self.plan = self._before = Plan.hold(0, np.zeros(size))
        self._reel = Reel(settings.period)
        self.now: Ns = 0
        self.state = State.rest(np.zeros(size))
        self.openings = np.zeros(len(settings.grippers.names))
        self._track: Openings | None = None
        self.pursuit: Pursuit | None = None
        self._grip = self.openings.copy()

    def begin(self, q: Array, openings: Array) -> None:
        """Stand still at q with these openings."""
        self.state, self.openings = State.rest(q), openings
        self._put(Plan.hold(self.now, q))

    def moving(self, state: State, openings: Array) -> None:
        """Move as given, and come to rest from there. Raises ArithmeticError where none can."""
        self.state, self.openings = state, openings
        self._put(Plan(self.now, quickest(self._settings.limits, state)))

    def advance(self, now: Ns) -> tuple[State, Array]:
        """One period on, at the tick `now` (ROS time): the state and openings to command.

        Raises ArithmeticError when following a hand has no solution.
        """
        self.now += self._settings.period
        wanted: Sequence[float] | None
        if self.pursuit is not None:
            self.state, wanted = self.pursuit.step(now), self._grip.tolist()
        else:
            self.state = self._reel.at(self._plan_at(self.now), self.now)
            wanted = self._track.at(self.now) if self._track is not None else None
        if wanted is not None:
            grippers = self._settings.grippers
            self.openings = grippers.towards(self.openings, wanted, self._seconds)
        return self.state, self.openings

    def at(self, t: Ns) -> State:
        """The planned state at plan time t, not before the last tick."""
        return self._plan_at(t).at(t)

    def splice(
        self, chunk: Chunk, rows: Array, next_tick: Ns, at_least: float = 1.0
    ) -> Splice | Refusal:
        """Rows [H, D] at a chunk's times, on to what moves from the next tick (ROS time, ns) on.

        at_least: by how much they are slowed in any case. Nothing is in force yet.
        """
        start, times = self.now + self._settings.period, chunk.seconds(next_tick)
        plan, smooth = self._plan_at(start), self._settings.bridge == 'smooth'
        return rendezvous(self._limits, plan, start, times, rows, at_least, smooth)

    def take(self, splice: Splice, chunk: Chunk, next_tick: Ns) -> None:
        """Put a splice of this chunk in force."""
        self._put(splice.plan)
        grips = chunk.columns(self._settings.grippers.names)
        self._track = Openings(splice.plan.start, chunk.seconds(next_tick), splice.slow, grips)

    def stop(self, on_path: bool) -> None:
        """Come to rest: along the plan's path where that is asked for and possible."""
        found = None
        if on_path and self.pursuit is None:
            plan, now = self._plan_at(self.now), self.now
            found = pace.stop(self._settings.limits, plan, now, self.step)
        if found is None:
            found = Plan(self.now, quickest(self._settings.limits, self.state))
        self._put(found)

    def slow(self, rate: float) -> bool:
        """Pass what is left of the plan at a rate (0..1); False where the limits forbid it."""
        limits = self._settings.limits
        found = pace.slow(limits, self.plan, self._first, rate, self.step)
        if found is not None:
            self.retime(found)
        return found is not None

    def retime(self, plan: Plan) -> None:
        """Put another timing of the plan in force, from now on; grippers go on with their own."""
        self._before, self.plan = self._plan_at(self.now), plan

    def limit_speed(self, share: float) -> None:
        """Plan with a share (0..1) of the speed limits from now on; accelerations stay.

        What is in force keeps its path and is passed more slowly where it is too fast, in a ramp:
        no bound can be kept that lies below the speed that is there.
        """
        self._share = share
        self._limits = self._settings.limits.no_faster(share * self._settings.limits.velocity)
        if self.pursuit is not None:
            self.pursuit.speed = share
            return
        begin = (self._first - self.plan.start) / SECOND
        ahead = self.plan.sample(begin + np.arange(0.0, self.left() + _LOOK, _LOOK))
        most = float((np.abs(ahead.v) / self._limits.velocity).max())
        if most > 1.0:
            self.slow(1.0 / most)

    def freeze(self) -> None:
        """Command nothing any more: what was commanded last is what is commanded."""
        self._put(Plan.hold(self.now, self.state.q))

    def chase(self) -> None:
        """Follow a hand from the commanded state on; until it moves, come to rest."""
        limits = self._settings.limits
        end = limits.clamp(quickest(limits, self.state)[-1].at(0.0).q)
        self._put(Plan.hold(self.now, end))
        self._grip = self.openings.copy()
        asked = self._settings.teleop, self._settings.clearance
        self.pursuit = Pursuit(limits, self._seconds, self.state, end, *asked)
        self.pursuit.speed = self._share

    def hand(self, now: Ns, positions: Array, openings: Array) -> None:
        """Take a hand's positions [D] and openings [G] that arrived now (ROS time).

        NaN where it commands nothing.
        """
        if self.pursuit is not None:
            self.pursuit.take(now, positions)
            given = np.isfinite(openings)
            self._grip[given] = openings[given]

    def words(self) -> str:
        """What keeps the arms from where they are wanted, or ''."""
        return '' if self.pursuit is None else self.pursuit.words()

    def resting(self) -> bool:
        """Whether the commanded state stands still and will stay so."""
        if self.pursuit is not None:
            return not self.state.moving()
        return self.now >= self.plan.start and self.left() == 0.0

    def left(self) -> float:
        """Seconds of motion left in the plan."""
        return self.plan.left(self.now)

    @property
    def _first(self) -> Ns:
        """The first plan time at which the newest plan can be changed."""
        return max(self.now, self.plan.start)

    def _plan_at(self, t: Ns) -> Plan:
        return self.plan if t >= self.plan.start else self._before

    def _put(self, plan: Plan) -> None:
        self.retime(plan)
        self._track = self.pursuit = None
