"""What the robot says of itself beside its joints: battery, remote control, motors.

It tells why the arms should not be engaged, and shows what is known. A robot that says nothing of
it is not kept from anything; nor are arms that are engaged stopped: the arms' own feedback is
watched for that. Time is an argument.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fastwam_ros.motion.limits import SECOND, Ns

ANY, SOFTWARE = REMOTES = ('any', 'software')
# The mode byte of /controller as it was measured on an R1 Lite; a manual of before has 2 as `by
# remote control`. 3 is also what a remote control that is off leaves.
MODES = {2: 'brake', 3: 'manual, or off', 5: 'software', 255: 'invalid'}
_SOFTWARE_MODE = 5
_REMOTE_TIMEOUT = 1.0  # [s] of a stream at 50 Hz
NOT_HEARD = 'not heard'


@dataclass(frozen=True)
class MotorError:
    """One motor's error: its name, the vendor's code and words."""

    name: str
    code: int
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f'{self.name} has error {self.code}: {"; ".join(self.words) or "no description"}'


class Condition:
    """The newest words of one robot."""

    def __init__(self, battery_least: float = 0.0, remote: str = ANY) -> None:
        """battery_least: percent below which arms are not engaged, 0: whatever the battery says.

        remote: SOFTWARE to ask for the remote control's mode of that name, ANY to ask for none.
        """
        self._least, self._remote = battery_least, remote
        self._battery: tuple[float, float, float] | None = None
        self._mode: tuple[Ns, int] | None = None
        self._errors: dict[str, tuple[MotorError, ...]] = {}

    def on_battery(self, percent: float, voltage: float, current: float) -> None:
        """Take the battery's charge, about 0 to 105 percent, and its [V] and [A]."""
        self._battery = percent, voltage, current

    def on_remote(self, now: Ns, mode: int) -> None:
        """Take the remote control's mode byte."""
        self._mode = now, mode

    def on_motors(self, part: str, errors: Sequence[MotorError]) -> None:
        """Take all errors of a part's motors: they stand until its next word; code 0 is none."""
        self._errors[part] = tuple(error for error in errors if error.code)

    def blocking(self, now: Ns) -> str:
        """Why the arms should not be engaged, or ''."""
        return self._broken() or self._empty() or self._not_ours(now)

    def keeps_chassis(self, now: Ns) -> str:
        """Why the chassis would not hear us, or '': it obeys its remote control's mode."""
        if self._remote_is_old(now) or self._mode is None or self._mode[1] == _SOFTWARE_MODE:
            return ''
        return f'the remote control is in mode {_mode_words(self._mode[1])}: it has the chassis'

    def figures(self) -> dict[str, object]:
        """What is known, in words, for the health."""
        return {
            'battery': self._battery_words(),
            'remote control': NOT_HEARD if self._mode is None else _mode_words(self._mode[1]),
            'motor errors': self._broken() or ('none' if self._errors else NOT_HEARD),
        }

    def _broken(self) -> str:
        found = [f'{part}: {e}' for part, errors in self._errors.items() for e in errors]
        return ', '.join(found)

    def _empty(self) -> str:
        if self._battery is None or not self._least:
            return ''
        percent = self._battery[0]
        if percent >= self._least:
            return ''
        if math.isnan(percent):
            return 'the battery tells no charge (nan): is its management on?'
        return f'the battery is at {percent:.1f} %, battery_least is {self._least:g}: charge it'

    def _not_ours(self, now: Ns) -> str:
        if self._remote == ANY:
            return ''
        if self._mode is None or self._remote_is_old(now):
            return f'the remote control is {NOT_HEARD}, remote is {self._remote}: switch it on'
        if self._mode[1] == _SOFTWARE_MODE:
            return ''
        mode = _mode_words(self._mode[1])
        return f'the remote control is in mode {mode}, remote is {self._remote}: set its switches'

    def _remote_is_old(self, now: Ns) -> bool:
        return self._mode is not None and now - self._mode[0] > _REMOTE_TIMEOUT * SECOND

    def _battery_words(self) -> str:
        if self._battery is None:
            return NOT_HEARD
        percent, voltage, current = self._battery
        return f'{percent:.0f} %, {voltage:.1f} V, {current:.1f} A'


def _mode_words(mode: int) -> str:
    return f'{mode} ({MODES.get(mode, "unknown")})'
