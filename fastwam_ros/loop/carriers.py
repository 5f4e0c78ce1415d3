"""A person's ride on a carrier: the speed that is asked for in, the speed that is commanded out.

Only a person who holds the arms may drive, and only from zero: a stick that is pushed while it is
taken over, or when it comes back, moves nothing until it was in its middle. Every ride ends in
zeros, since a chassis never forgets. Time is an argument.
"""

from collections.abc import Mapping

import numpy as np

from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.carriers import Carrier

SILENT = SECOND * 3 // 10  # a person's speed is that old: they let go (as their joint targets)
ALONE = SECOND  # without a foreign command until the carrier counts as nobody's
TAIL = SECOND // 2  # of zeros after the last motion
RESTS, FOLLOWS = 'at rest', 'follows a person'
WAITS = 'waits for a speed of zero'


class Ride:
    """One carrier's commanded speed, tick by tick. speed: in the order of the carrier's axes."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier, self.why = carrier, RESTS
        self._most: Array = np.array([axis.speed for axis in carrier.axes])
        self._slopes: Array = np.array([axis.acceleration for axis in carrier.axes])
        self.speed: Array = np.zeros(len(carrier.axes))
        self._asked, self._asked_at = self.speed, -SILENT
        self._foreign_at: Ns | None = None
        self._from_zero = False
        self._moved: Ns | None = None  # when it last moved, until the zeros after it are told
        self._at: Ns | None = None

    def on_asked(self, now: Ns, twist: Mapping[str, float]) -> str:
        """A person's speed by field [m/s, rad/s]; returns why it was refused, or ''."""
        known, name = self.carrier.fields, self.carrier.name
        if wrong := {field: v for field, v in twist.items() if not np.isfinite(v)}:
            return f'speed of the {name} is not finite: {wrong}'
        if other := sorted(f for f, value in twist.items() if value and f not in known):
            return f'the {name} has no {", ".join(other)}: it moves along {", ".join(known)}'
        asked = np.array([twist.get(field, 0.0) for field in known])
        over = float(np.max(np.abs(asked) / self._most))
        self._asked, self._asked_at = asked / max(over, 1.0), now  # slower, in its direction
        return ''

    def on_foreign(self, now: Ns) -> None:
        """Somebody else commands the carrier."""
        self._foreign_at = now

    @property
    def over(self) -> bool:
        """Whether it has nothing to tell: it stands, and its zeros were told."""
        return self._moved is None

    def tick(self, now: Ns, mode: Mode, keeps: str = '') -> dict[str, float] | None:
        """The speed to command by field, or None where nothing is to be told.

        mode: the executor's; keeps: why the carrier must not move beside that. An e-stop is zero
        at once, anything else ends within the carrier's acceleration.
        """
        seconds = 0.0 if self._at is None else (now - self._at) / SECOND
        self._at = now
        self.why = self._obstacle(now, mode, keeps)
        wanted = np.zeros_like(self.speed) if self.why else self._asked
        if not self.why:
            self.why = FOLLOWS if wanted.any() else RESTS
        self.speed = wanted if mode is Mode.ESTOP else self._toward(wanted, seconds)
        if self.speed.any():
            self._moved = now
        if self._moved is None or now - self._moved > TAIL:
            self._moved = None
            return None
        return dict(zip(self.carrier.fields, self.speed.tolist(), strict=True))

    def _obstacle(self, now: Ns, mode: Mode, keeps: str) -> str:
        """Why no speed is followed now, or ''."""
        why = self._kept(now, mode, keeps)
        if why:
            self._from_zero = False
        elif not self._asked.any():
            self._from_zero = True
        return why or ('' if self._from_zero else WAITS)

    def _kept(self, now: Ns, mode: Mode, keeps: str) -> str:
        if mode is not Mode.TELEOP or now - self._asked_at > SILENT:
            return RESTS
        if self._foreign_at is not None and now - self._foreign_at < ALONE:
            return f'somebody else publishes on {self.carrier.target}'
        return keeps

    def _toward(self, wanted: Array, seconds: float) -> Array:
        """Nearer to a speed by what the slopes allow, on the straight line to it."""
        change = wanted - self.speed
        takes = float(np.max(np.abs(change) / self._slopes))  # [s]
        return wanted if takes <= seconds else self.speed + change * (seconds / takes)
