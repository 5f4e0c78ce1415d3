"""Commands as they leave: where they begin, the next one, and the last look at it.

Knows the drive and what was commanded last; whether anything may be commanded is decided above.
"""

from dataclasses import replace

from fastwam_ros.motion.drive import Drive
from fastwam_ros.motion.entry import Entry
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.status import Measured, Setpoint, Settings
from fastwam_ros.motion.verify import Verify


class Output:
    """The setpoints of one executor."""

    def __init__(self, settings: Settings, drive: Drive) -> None:
        self._settings, self._drive = settings, drive
        self._entry = Entry(settings)
        self._verify = Verify(settings.limits, settings.period / SECOND)
        self.last: Setpoint | None = None

    def begin(self, now: Ns, measured: Measured) -> None:
        """Stand where the last command was, or else where the arms are."""
        self._note()
        self._stand(now, *self._entry.first(measured))

    def follow(self, now: Ns, measured: Measured) -> None:
        """Stand where the arms are, whatever was commanded."""
        self._stand(now, *Entry(self._settings).first(measured))

    def foreign(self, q: Array, openings: Array) -> None:
        """Somebody else's command: the last one seen, where it is not NaN."""
        self._note()
        self._entry.saw(q, openings)

    def advance(self, now: Ns, stopping: bool = False) -> str:
        """The next command becomes `last`; where it is wrong, in words why, nothing moves.

        stopping: nothing better is left than what comes.
        """
        drive = self._drive
        before, openings = drive.state, drive.openings
        try:
            wrong = self._verify.wrong(*drive.advance(now), stopping)
        except ArithmeticError as error:
            wrong = str(error)
        if wrong:
            drive.state, drive.openings = before, openings
        else:
            self.last = Setpoint(now, drive.state, drive.openings)
        return wrong

    def again(self, now: Ns, arms: bool) -> Setpoint | None:
        """The last command once more, of the grippers alone where `arms` is false."""
        if self.last is None:
            return None
        return replace(self.last, now=now, state=self.last.state if arms else None)

    def _stand(self, now: Ns, q: Array, openings: Array) -> None:
        self._drive.begin(q, openings)
        self._verify.begin(q)
        self.last = Setpoint(now, self._drive.state, self._drive.openings)

    def _note(self) -> None:
        """Our own last command is one of those that were seen."""
        if self.last is not None and self.last.state is not None:
            self._entry.saw(self.last.state.q, self.last.openings)
