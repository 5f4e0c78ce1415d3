"""Keeps plans clear of what the arms may run into: before they are in force, and ahead of it.

A plan is walked ahead of its execution, a few instants per tick. Where it would enter a stop
margin it comes to rest on its path before that; inside a slow margin it is passed at half the
rate. A plan that cannot be stopped in time any more is not taken.
"""

from dataclasses import replace

from fastwam_ros.motion import pace
from fastwam_ros.motion.drive import Drive
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.lookahead import Finding, Lookahead
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.splice import Refusal, Splice
from fastwam_ros.motion.status import Settings

NEAR = 'clearance'  # the verdict on a chunk that leads into something
SLOWED = 0.5  # rate at which a plan is passed where it is near something
_AT_ONCE = 4  # steps of the walk before a plan is in force: half a millisecond
_PER_TICK, _BEHIND = 2, 12  # steps per tick, and where the walk is not far enough ahead
_AHEAD = 0.7  # [s] that the walk shall be ahead: a stop on the path, and some
_LAST = 0.5  # [s] before an entry: the shortest stop of all joints may take as long


class Caution:
    """Walks the plans of one drive, where there is something to keep clear of."""

    def __init__(self, settings: Settings, drive: Drive) -> None:
        self._limits, self._drive = settings.limits, drive
        self._ahead = Lookahead(settings.clearance) if settings.clearance is not None else None
        self._walked: Plan | None = None
        self._cut: Plan | None = None  # rests where the walk found it clear: no need to walk it
        self._slow = False

    def judge(self, splice: Splice) -> Splice | Refusal:
        """A plan that is about to be in force: as it is, cut short, or not to be taken."""
        if self._ahead is None:
            return splice
        self._begin(splice.plan)
        found = self._ahead.look(_AT_ONCE)
        if found is None:
            return splice
        plan = pace.stop_before(self._limits, splice.plan, splice.plan.start, found.u)
        if plan is None:
            return Refusal(NEAR, _words(found))
        self._cut = plan
        return replace(splice, plan=plan, slowed_by=_words(found))

    def walk(self) -> tuple[str, float]:
        """Some steps on along the plan in force: what was done about it, and its new rate.

        ('', 1) where nothing was; rate 0: it stops before what is in the way, or, where that is
        too late, it has to be stopped (rate below 0).
        """
        if self._ahead is None:
            return '', 1.0
        plan = self._drive.plan
        if plan is self._cut:
            return '', 1.0
        if plan is not self._walked:
            self._begin(plan)
        begun = max(self._drive.now - plan.start, 0) / SECOND
        behind = self._ahead.clear_until < begun + _AHEAD
        found = self._ahead.look(_BEHIND if behind else _PER_TICK)
        if found is not None:
            if self._drive.stop_before(found.u):
                self._cut = self._drive.plan
                return _words(found), 0.0
            # A bridge may leave no room for a stop; past it there is, where that is soon enough.
            return (_words(found), -1.0) if found.u - begun < _LAST else ('', 1.0)
        if not self._slow and self._ahead.slow_from < begun + _AHEAD:
            self._slow, least = True, self._ahead.least
            if least is not None and self._drive.slow(SLOWED):
                self._begin(self._drive.plan)
                self._slow = True  # once is enough: it is the same path
                return _words(least), SLOWED
        return '', 1.0

    def _begin(self, plan: Plan) -> None:
        assert self._ahead is not None
        self._walked, self._slow = plan, False
        self._ahead.begin(plan)


def _words(found: Finding) -> str:
    return f'{found.near.what}: {found.near.distance * 1e3:.0f} mm'
