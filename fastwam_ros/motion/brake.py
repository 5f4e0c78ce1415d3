"""How a plan is ended before something that it would run into.

On its path where the limits allow that. Else it is kept as long as there is time, and then comes
the shortest stop of every joint: it leaves the path by a little, so its way and its end are looked
at before it is taken. A bridge with no jerk to spare for a stop on the path has room for that one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fastwam_ros.motion import pace
from fastwam_ros.motion.clearance import Clearance
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns
from fastwam_ros.motion.lookahead import Finding, Lookahead
from fastwam_ros.motion.pace import Cruise
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.stop import quickest

# [m] farther than the stop margin at which arms come to rest: who presses on against something
# does not creep into it chunk by chunk, by what rounding allows.
SPARE = 0.001
_GRID = 0.01  # [s] between the instants from which a shortest stop is thought of
_HALF = 0.55  # share of its duration that a shortest stop goes on for, at most, at full speed
_EARLIER = (0.0, 0.04, 0.1, 0.2)  # [s] by which such a stop begins earlier where it was not clear
_STEPS = 40  # of the walk along one stop: more than any takes


@dataclass(frozen=True)
class Brakes:
    """Ends plans of these limits, of arms that are to keep these clearances."""

    limits: Limits
    clearance: Clearance

    def before(self, plan: Plan, now: Ns, found: Finding) -> Plan | None:
        """The plan from `now` on, at rest before what was found on it; clear up to there.

        None where it is too late for that.
        """
        begin = (now - plan.start) / SECOND
        end = self._end(plan, begin, found)
        kept = pace.stop_before(self.limits, plan, now, end)
        if kept is not None:
            return kept
        return next(self._bent(plan, begin, end), None)

    def stay(self, plan: Plan, now: Ns) -> Plan:
        """What is left of a plan that is in force, as a plan of its own."""
        begin = (now - plan.start) / SECOND
        left = max(plan.duration - begin, 0.0)
        return Plan(now, (Cruise(plan, begin, 1.0, left), plan.segments[-1]))

    def _end(self, plan: Plan, begin: float, found: Finding) -> float:
        """The last instant before a finding at which what is near is SPARE from its margin.

        `begin` where it never is.
        """
        row = np.array([found.row])
        wanted = float(self.clearance.stop[found.row]) + SPARE
        us: Array = np.arange(found.u, begin, -_GRID)
        for u in us.tolist():
            if self.clearance.some(plan.after(u).q, row)[0] >= wanted:
                return float(u)
        return begin

    def _bent(self, plan: Plan, begin: float, end: float) -> Iterator[Plan]:
        """Plans that end in the shortest stop and are clear; the latest that may be first."""
        latest = self._latest(plan, begin, end)
        for early in _EARLIER:
            if latest - early > begin:
                yield from self._clear(plan, begin, latest - early)
        yield from self._clear(plan, begin, begin)

    def _latest(self, plan: Plan, begin: float, end: float) -> float:
        """The last instant from which a shortest stop may come to rest where the plan is at `end`.

        A joint that brakes is as far as it would be at its speed in half the time, or a little
        more.
        """
        us: Array = np.arange(begin, max(end, begin) + _GRID, _GRID)
        _, v, a = plan.sample(us)
        speed = np.abs(v + 0.5 * a * np.abs(a) / self.limits.jerk)
        times = speed / self.limits.acceleration + self.limits.acceleration / self.limits.jerk
        soon = us + _HALF * np.where(speed > 1e-3, times, 0.0).max(axis=1) <= end
        return float(us[soon][-1]) if soon.any() else begin

    def _clear(self, plan: Plan, begin: float, brake: float) -> Iterator[Plan]:
        """The plan from `begin` on with a shortest stop from `brake` on, if that is clear."""
        try:
            stop = quickest(self.limits, plan.after(brake))
        except ArithmeticError:
            return
        now = plan.start + round(begin * SECOND)
        ended = Plan(now, (Cruise(plan, begin, 1.0, brake - begin), *stop))
        ahead = Lookahead(self.clearance)
        ahead.begin(ended, brake - begin)
        if ahead.look(_STEPS) is None and ahead.done:
            yield ended
