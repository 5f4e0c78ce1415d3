"""Keeps plans clear of what the arms may run into: before they are in force, and ahead of it.

A plan is walked ahead of its execution, a few instants per tick. Where it would enter a stop
margin it comes to rest before that; inside a slow margin it is passed at half the rate. A plan
that leads into something so soon that it cannot be ended before is not begun: what was in force
goes on to its own rest, and counts as the plan of that chunk.
"""

from dataclasses import replace

from fastwam_ros.motion.brake import Brakes
from fastwam_ros.motion.drive import Drive
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.motion.lookahead import Finding, Lookahead
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.splice import Refusal, Splice
from fastwam_ros.motion.status import Settings

NEAR = 'clearance'  # the verdict on a chunk that leads into something
SLOWED = 0.5  # rate at which a plan is passed where it is near something
_AT_ONCE = 6  # steps of the walk before a plan is in force: a millisecond
_PER_TICK, _BEHIND = 2, 12  # steps per tick, and where the walk is not far enough ahead
_AHEAD = 0.7  # [s] that the walk shall be ahead: a stop on the path, and some
_AGAIN = 0.1  # [s] until a plan that could not be slowed is tried again: bridges are short


class Caution:
    """Walks the plans of one drive, where there is something to keep clear of."""

    def __init__(self, settings: Settings, drive: Drive) -> None:
        self._drive, self._near = drive, settings.clearance
        if settings.clearance is not None:
            self._brakes = Brakes(settings.limits, settings.clearance, drive.step)
            self._ahead = Lookahead(settings.clearance)
        self._walked: Plan | None = None
        self._cut: Plan | None = None  # rests where the walk found it clear: no need to walk it
        self._slow_at = 0.0  # [s after the start of what is walked] from when it may be slowed

    def judge(self, splice: Splice) -> Splice | Refusal:
        """A plan that is about to be in force: as it is, cut short, or not to be taken."""
        if self._near is None:
            return splice
        ahead, plan = Lookahead(self._near), splice.plan
        ahead.begin(plan)
        found = ahead.look(_AT_ONCE)
        if found is None:
            self._ahead, self._walked, self._slow_at = ahead, plan, 0.0
            return splice
        rests = self._rests(plan.start)
        cut = self._brakes.before(plan, plan.start, found, at_once=not rests)
        if cut is None and rests:
            cut = self._brakes.stay(self._drive.plan, plan.start)
        if cut is None:
            return Refusal(NEAR, _words(found))
        self._cut = cut
        return replace(splice, plan=cut, slowed_by=_words(found))

    def walk(self, stopping: bool = False) -> tuple[str, float]:
        """Some steps on along the plan in force: what was done about it, and its new rate.

        ('', 1) where nothing was; rate 0: it stops before what is in the way, or, where that is
        too late, it has to be stopped (rate below 0). stopping: it is a stop already, on the path
        of a plan that may not have been walked so far; it is not made longer.
        """
        if self._near is None or self._drive.plan is self._cut:
            return '', 1.0
        plan, ahead = self._drive.plan, self._ahead
        if plan is not self._walked:
            self._walked, self._slow_at = plan, 0.0
            ahead.begin(plan)
        first = max(self._drive.now, plan.start)
        begun = (first - plan.start) / SECOND
        found = ahead.look(_BEHIND if ahead.clear_until < begun + _AHEAD else _PER_TICK)
        if found is not None:
            cut = self._brakes.before(plan, first, found)
            if cut is None:
                return _words(found), -1.0
            self._cut = cut
            self._drive.retime(cut)
            return _words(found), 0.0
        return ('', 1.0) if stopping else self._slow(begun)

    def _slow(self, begun: float) -> tuple[str, float]:
        """Pass the plan at another rate where it comes near something soon."""
        ahead = self._ahead
        if begun < self._slow_at or ahead.slow_from > begun + _AHEAD:
            return '', 1.0
        self._slow_at, least = begun + _AGAIN, ahead.least
        if least is None or not self._drive.slow(SLOWED):
            return '', 1.0
        self._walked, self._slow_at = self._drive.plan, float('inf')  # it is the same path
        ahead.begin(self._drive.plan)
        return _words(least), SLOWED

    def _rests(self, now: Ns) -> bool:
        """Whether what is in force is clear up to its rest."""
        plan, walked = self._drive.plan, self._walked
        known = plan is walked and self._ahead.done and self._ahead.found is None
        return known or plan is self._cut or plan.left(now) == 0.0


def _words(found: Finding) -> str:
    return f'{found.near.what}: {found.near.distance * 1e3:.0f} mm'
