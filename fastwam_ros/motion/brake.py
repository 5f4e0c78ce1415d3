"""How a plan is ended before something that it would run into.

On its path where the limits allow that. Else it is kept as long as there is time, and then comes
the shortest stop of every joint: it leaves the path by a little, so its way and its end are looked
at before it is taken. A bridge with no jerk to spare for a stop on the path has room for that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fastwam_ros.motion import pace
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns, State
from fastwam_ros.motion.lookahead import Finding, Lookahead
from fastwam_ros.motion.pace import Cruise
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.stop import quickest, way_of

if TYPE_CHECKING:
    from fastwam_ros.motion.clearance import Clearance

# [m] farther than the stop margin at which arms come to rest: who presses on against something
# does not creep into it chunk by chunk, by what rounding allows.
SPARE = 0.001
_GRID = 0.01  # [s] between the instants from which a shortest stop is thought of
_EARLIER = (0.0, 0.03, 0.08)  # [s] by which such a stop begins earlier where it was not clear
_STEPS = 40  # of the walk along one stop: more than any takes


class _Before(NamedTuple):
    """Where a plan may rest: u [s] after its start, at q [D]; slopes [D] of what is near there."""

    u: float
    q: Array
    slopes: Array


@dataclass(frozen=True)
class Brakes:
    """Ends plans of these limits, of arms that are to keep these clearances.

    step [s]: at most a period of the ticks.
    """

    limits: Limits
    clearance: Clearance
    step: float = pace.STEP

    def before(self, plan: Plan, now: Ns, found: Finding, at_once: bool = True) -> Plan | None:
        """The plan from `now` on, at rest before what was found on it; clear up to there.

        at_once: by a stop from `now` on, if need be. None where it is too late for that.
        """
        begin = (now - plan.start) / SECOND
        end = self._end(plan, begin, found)
        kept = pace.stop_before(self.limits, plan, now, end.u, self.step)
        if kept is not None:
            return kept
        return next(self._bent(plan, begin, end, at_once), None)

    def stay(self, plan: Plan, now: Ns) -> Plan:
        """What is left of a plan that is in force, as a plan of its own."""
        begin = (now - plan.start) / SECOND
        left = max(plan.duration - begin, 0.0)
        return Plan(now, (Cruise(plan, begin, 1.0, left), plan.segments[-1]))

    def _end(self, plan: Plan, begin: float, found: Finding) -> _Before:
        """The last instant before a finding at which what is near is SPARE from its margin.

        `begin` where it never is.
        """
        row = np.array([found.row])
        wanted = float(self.clearance.stop[found.row]) + SPARE
        us: Array = np.append(np.arange(found.u, begin, -_GRID), begin)
        for u in us.tolist():
            q = plan.after(u).q
            if self.clearance.some(q, row)[0] >= wanted:
                break
        return _Before(u, q, self.clearance.slopes(row)[0])

    def _bent(self, plan: Plan, begin: float, found: _Before, at_once: bool) -> Iterator[Plan]:
        """Plans that end in the shortest stop and are clear; the latest that may be first."""
        latest = self._latest(plan, begin, found)
        for early in _EARLIER:
            if latest - early > begin:
                yield from self._clear(plan, begin, latest - early)
        if at_once:
            yield from self._clear(plan, begin, begin)

    def _latest(self, plan: Plan, begin: float, found: _Before) -> float:
        """The last instant from which a shortest stop seems to rest no nearer than a plan at it.

        As far as the slopes there say; whether it is clear is looked at afterwards.
        """
        us: Array = np.arange(begin, max(found.u, begin) + _GRID, _GRID)
        nearer = (self._rests(plan.sample(us)) - found.q) @ found.slopes
        apart = np.flatnonzero(nearer >= 0.0)
        return float(us[apart[-1]]) if len(apart) else begin

    def _rests(self, states: State) -> Array:
        """About where the shortest stops from states [N, D] come to rest [N, D]."""
        q, v, a = states
        fades = np.abs(a) / self.limits.jerk  # [s] until there is no acceleration left
        q = q + fades * (v + fades * a / 3.0)
        v = v + 0.5 * fades * a
        return np.asarray(q + np.sign(v) * way_of(self.limits, np.abs(v)))

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
