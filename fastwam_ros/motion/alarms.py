"""Everything that is watched, by what follows from it: a latched stop, a soft one, or a word.

Hard faults latch, soft ones lead to HOLD, and both keep the arms from being engaged. In a dry run
nothing of ours reaches the robot, so what others do to it, or what it does, only warns.
"""

from collections.abc import Iterator

from fastwam_ros.motion.limits import Ns
from fastwam_ros.motion.status import Settings
from fastwam_ros.motion.watch import Deadman, EStop, Others, Robot


class Alarms:
    """What is wrong, in words; '' where nothing is."""

    def __init__(self, settings: Settings) -> None:
        self._dry = settings.dry_run
        self.robot = Robot(settings)
        self.deadman = Deadman(settings)
        self.estop = EStop(settings)
        self.others = Others()

    def hard(self, now: Ns) -> str:
        """Why the arms must stop and stay: the shortest stop, then FAULT."""
        return self.robot.broken() or ('' if self._dry else self.others.driving(now))

    def soft(self, now: Ns) -> str:
        """Why the arms must come to rest on their path."""
        return self.robot.silent(now) or self.deadman.lost(now)

    def warning(self, now: Ns) -> str:
        """What is wrong without stopping anything."""
        return self.others.driving(now) if self._dry else ''

    def blocking(self, now: Ns) -> str:
        """Why the arms cannot be engaged."""
        return next((why for why in self._blocking(now) if why), '')

    def _blocking(self, now: Ns) -> Iterator[str]:
        yield self.robot.silent(now)
        yield self.hard(now)
        yield self.deadman.lost(now)
        yield '' if self._dry else self.robot.moving()

    def released(self, now: Ns) -> str:
        """Why an e-stop cannot be reset: it is pressed or gone, or nothing is seen of the arms."""
        return self.estop.pressed(now) or self.robot.silent(now)
