"""What came of a seed: its commands as streams, its ticks by mode, what was said of its chunks."""

from collections import Counter
from dataclasses import dataclass, field

from fastwam_ros.apps.chaos.bounds import Stream, Worst, broken, together
from fastwam_ros.motion.limits import SECOND, Array
from fastwam_ros.motion.status import Settings

_MOVED = ('HOLD', 'POLICY', 'TELEOP')
_STOPPED = ('STOPPING', 'FAULT', 'ESTOP')


@dataclass
class Played:
    """modes: ticks in each; verdicts: chunks by what was said of them; rules: what was broken.

    stops: how often somebody or something brought the arms to rest.
    """

    settings: Settings
    streams: list[Stream] = field(default_factory=list)
    modes: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    rules: list[str] = field(default_factory=list)
    stops: int = 0
    _open: int = -1  # the engagement that the last stream belongs to; -1: it has ended
    _mode: str = ''

    def note(self, tick: int, engaged: int, q: Array | None, mode: str) -> None:
        """A tick: the command q [D] if there was one, and the engagement it belongs to."""
        if q is None:
            self._open = -1
        elif engaged != self._open:
            self.streams.append(Stream(tick))
            self._open = engaged
        if q is not None:
            self.streams[-1].rows.append(q)
        self.stops += self._mode in _MOVED and mode in _STOPPED
        self.modes[mode] += 1
        self._mode = mode

    def shares(self) -> dict[str, Worst]:
        """The worst share of each limit."""
        limits, period = self.settings.limits, self.settings.period / SECOND
        return together(stream.shares(limits, period) for stream in self.streams)

    def wrong(self) -> list[str]:
        """Everything that must not have been, in words."""
        worst = self.shares()
        return [f'{order} {worst[order]}' for order in broken(worst)] + self.rules
