"""Everything that is watched, by what follows from it: a latched stop, a soft one, or a word.

Hard faults latch, soft ones lead to HOLD, and both keep the arms from being engaged. In a dry run
nothing of ours reaches the robot, so what others do to it, or what it does, only warns.
"""

import numpy as np

from fastwam_ros.motion.effort import Effort
from fastwam_ros.motion.freeze import Freeze, Repeats
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.status import Measured, Settings
from fastwam_ros.motion.tracking import Tracking
from fastwam_ros.motion.watch import Deadman, EStop, Others, Robot

_LATE = 0.5  # share of the feedback's time-out from which its age is worth a word


class Alarms:
    """What is wrong, in words; '' where nothing is."""

    def __init__(self, settings: Settings) -> None:
        self._dry, names = settings.dry_run, settings.limits.names
        self._late = _LATE * settings.feedback_timeout
        self.robot = Robot(settings)
        self.repeats = Repeats()
        self.deadman = Deadman(settings)
        self.estop = EStop(settings)
        self.others = Others()
        self._tracking = Tracking(settings.response) if settings.response is not None else None
        self._freeze = Freeze(names)
        self._effort = Effort(names, settings.rated) if settings.rated is not None else None
        self._commanding = False
        self._commanded = np.zeros(len(names))

    # What is commanded

    def begin(self, now: Ns, measured: Measured) -> None:
        """Arms that stand as measured are commanded from now on."""
        self._commanding, self._commanded = True, measured.q
        self._freeze.begin()
        if self._tracking is not None:
            self._tracking.begin(now, measured.q)
        if self._effort is not None:
            self._effort.begin()

    def command(self, now: Ns, q: Array) -> None:
        """q [D] is commanded now; the array must not be changed later."""
        self._commanded = q
        if self._tracking is not None:
            self._tracking.command(now, q)

    def end(self) -> None:
        """No command leaves any more: nothing is expected of the arms."""
        if self._commanding:
            self._commanding = False
            self._freeze.begin()
            if self._tracking is not None:
                self._tracking.end()

    def look(self, now: Ns) -> None:
        """Judge the newest reading."""
        measured = self.robot.measured
        if measured is None or measured.broken:
            return
        if self._tracking is not None:
            self._tracking.judge(now, measured.stamp, measured.q)
            if self._commanding:
                expected = self._tracking.modelled
                self._freeze.judge(measured.stamp, measured.q, expected, self._commanded)
        if self._effort is not None and measured.effort is not None:
            self._effort.take(measured.stamp, measured.effort)

    # What follows

    def hard(self, now: Ns) -> str:
        """Why the arms must stop and stay: the shortest stop, then FAULT."""
        return self.robot.broken() or ('' if self._dry else self._hard(now))

    def soft(self, now: Ns) -> str:
        """Why the arms must come to rest on their path."""
        silent = self.robot.silent(now) or self.deadman.lost(now) or self.repeats.soft
        return silent or ('' if self._dry else self._soft())

    def warning(self, now: Ns) -> str:
        """What is wrong without stopping anything."""
        dry = (self._hard(now) or self._soft()) if self._dry else ''
        return dry or self.repeats.warning or self._aged(now)

    def blocking(self, now: Ns) -> str:
        """Why the arms cannot be engaged."""
        moving = '' if self._dry else self.robot.moving()
        return self.robot.silent(now) or self.hard(now) or self.soft(now) or moving

    def released(self, now: Ns) -> str:
        """Why an e-stop cannot be reset: it is pressed or gone, or nothing is seen of the arms."""
        return self.estop.pressed(now) or self.robot.silent(now)

    def rested(self, now: Ns, commanded: bool) -> bool:
        """Whether the arms are at rest, given whether the command is."""
        blind = bool(self._freeze.soft or self.repeats.soft)
        rested = self.robot.rested(now, commanded, blind)
        return commanded if self._dry else rested

    def _hard(self, now: Ns) -> str:
        tracking = self._tracking.hard if self._tracking is not None else ''
        effort = self._effort.hard if self._effort is not None else ''
        return self.others.driving(now) or tracking or effort

    def _soft(self) -> str:
        tracking = self._tracking.soft if self._tracking is not None else ''
        return self._freeze.soft or tracking

    def _aged(self, now: Ns) -> str:
        measured = self.robot.measured
        if measured is None or (now - measured.stamp) / SECOND <= self._late:
            return ''
        return f'feedback is older than {self._late:g} s'
