"""Watching the robot and people: fresh or silent, at rest or moving, held or released.

Small observers with time as an argument. What follows from what they see is the executor's part.
"""

import numpy as np

from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.motion.status import Measured, Settings

STILL = 0.02  # [rad/s] below which an arm is at rest
RESTING = 0.05  # [s] that it must be so
BLIND = 1.5  # [s] of commanded rest that stands for it when nothing is measured
ALONE = 0.5  # [s] without a foreign command after which nobody else drives: five of a slow stream


class Robot:
    """The robot's readings: whether they are there, sound and still."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.measured: Measured | None = None
        self._still_since: Ns | None = None
        self._commanded_rest: Ns | None = None

    def take(self, measured: Measured) -> None:
        """The newest reading."""
        self.measured = measured

    def silent(self, now: Ns) -> str:
        """Why readings are too old to act on, or ''."""
        if self.measured is None:
            return 'no feedback yet'
        age = (now - self.measured.stamp) / SECOND
        limit = self._settings.feedback_timeout
        return f'feedback silent for {age:.3f} s, limit {limit}' if age > limit else ''

    def broken(self) -> str:
        """What is wrong with the newest reading, or ''."""
        return self.measured.broken if self.measured is not None else ''

    def moving(self) -> str:
        """Which joint moves, or ''."""
        if self.measured is None:
            return ''
        speed = np.abs(self.measured.v)
        joint = int(speed.argmax())
        if speed[joint] <= STILL:
            return ''
        return f'{self._settings.limits.names[joint]} moves at {speed[joint]:.3f} rad/s'

    def rested(self, now: Ns, commanded: bool, blind: bool = False) -> bool:
        """Whether the arms are at rest, given whether the command is: seen or long enough so.

        blind: readings come, but they are not to be believed.
        """
        if not commanded:
            self._commanded_rest = self._still_since = None
            return False
        if self._commanded_rest is None:
            self._commanded_rest = now
        if blind or self.silent(now) or self.broken():
            return now - self._commanded_rest >= BLIND * SECOND
        if self.moving():
            self._still_since = None
            return False
        if self._still_since is None:
            self._still_since = now
        return now - self._still_since >= RESTING * SECOND


class Hand:
    """A person's switch and joint stream."""

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.teleop_timeout
        self._active = False  # as last told; only a change of it is an edge
        self._active_at: Ns = 0
        self._target_at: Ns = 0

    def switch(self, now: Ns, active: bool) -> bool:
        """Take the switch's state; True on its rising edge."""
        rising = active and not self._active
        self._active, self._active_at = active, now
        if rising:
            self._target_at = now  # the stream has its time-out from here on
        return rising

    def target(self, now: Ns) -> None:
        """A position of the stream arrived."""
        self._target_at = now

    def released(self, now: Ns) -> str:
        """Why the person no longer holds the arms, or ''."""
        for at, what in ((self._active_at, 'switch'), (self._target_at, 'joint stream')):
            age = (now - at) / SECOND
            if age > self._timeout:
                return f"the person's {what} is silent for {age:.2f} s, limit {self._timeout}"
        return '' if self._active else 'the person released'


class Deadman:
    """A switch that a person must keep pressed, where one is required or was ever seen."""

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.deadman_timeout
        self._counts = settings.require_deadman
        self._held, self._at = False, 0

    def take(self, now: Ns, held: bool) -> None:
        """What the switch says."""
        self._held, self._at, self._counts = held, now, True

    def lost(self, now: Ns) -> str:
        """Why it is not held, or ''; '' too where it does not count."""
        if not self._counts:
            return ''
        if not self._at:
            return 'the deadman is required and nobody holds it: fastwam/deadman is silent'
        age = (now - self._at) / SECOND
        if age > self._timeout:
            return f'the deadman is silent for {age:.2f} s, limit {self._timeout}'
        return '' if self._held else 'the deadman is not held'


class EStop:
    """An emergency-stop source: pressed, or silent once it was heard."""

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.estop_timeout
        self._pressed, self._at = False, 0

    def take(self, now: Ns, pressed: bool) -> None:
        """What the source says: true = stop."""
        self._pressed, self._at = pressed, now

    def pressed(self, now: Ns) -> str:
        """Why everything must stop now, or ''; a source that was never heard says nothing."""
        if not self._at:
            return ''
        age = (now - self._at) / SECOND
        if age > self._timeout:
            return f'the e-stop is silent for {age:.2f} s, limit {self._timeout}'
        return 'the e-stop is pressed' if self._pressed else ''


class Others:
    """Commands on the robot's topics that are not ours. Traffic counts, idle publishers do not."""

    def __init__(self) -> None:
        self._at: Ns = 0
        self._what = ''

    def take(self, now: Ns, what: str) -> None:
        """A foreign command on `what` was seen."""
        self._at, self._what = now, what

    def driving(self, now: Ns) -> str:
        """Who else drives, or ''."""
        if not self._at or (now - self._at) / SECOND > ALONE:
            return ''
        return f'somebody else publishes on {self._what}: end that stream (teleop of the vendor?)'
