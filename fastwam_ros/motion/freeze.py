"""Whether readings can be believed: they change where joints move, they are new, they can be.

A reading that is a number may still say nothing of the arm: a driver that repeats its last
message, an encoder that stands, a torn or wrapped value. None of it is worse than silence, so what
follows is what follows from silence: the arms come to rest and are not engaged. Silence itself,
and what is no number, are watched elsewhere.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns

MOVED = 0.05  # [rad] that a joint should have moved while its reading stayed the same to the bit
LOOK: Ns = 25_000_000  # [ns] from one look to the next
REPEATED = 0.1  # [s] of one and the same message: as long as silence may be
OUTSIDE = 0.2  # [rad] beyond a position limit where no joint is: the stops come before
JITTER = 0.01  # [s] by which a message may come later than the one before it
MEMORY = 0.05  # [s] after a reading beyond which a joint's way since then is not believed any more
ANEW = 0.5  # [s] of silence after which the next reading is the first of a driver that restarted


class Freeze:
    """Readings that stay the same to the bit although their joint should move.

    A real reading is noisy or at least finer than MOVED, so a joint that moved has another one.
    soft: what stands, in words, from then on until its reading changes; '' where nothing does.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self.begin()

    def begin(self) -> None:
        """Commands begin or end: nothing was expected of the joints yet."""
        self._last: Array | None = None
        self._at: Ns = 0
        self._joint = 0  # the one that the words are about
        self.soft = ''

    def judge(self, stamp: Ns, q: Array, expected: Array, commanded: Array) -> None:
        """Look, where a look is due: q [D] was received at stamp and should be expected [D].

        expected: by the model of the robot's tracker; a command is ahead of the arms, which would
        look as if they stood. commanded: where they are to go [D]: one that reads so already may
        rest there, however far behind its model still is.
        """
        if 0 <= stamp - self._at < LOOK and self._last is not None:
            return
        self._at = stamp
        if self._last is None:
            self._last, self._then = q, expected.copy()
            return
        same = q == self._last
        self._last = q
        self._then = np.where(same, self._then, expected)
        moved = np.where(np.abs(commanded - q) > MOVED, np.abs(expected - self._then), 0.0)
        if (moved > MOVED).any():
            self.soft = self.soft or self._words(int(moved.argmax()), moved)
        elif self.soft and not same[self._joint]:
            self.soft = ''

    def _words(self, joint: int, moved: Array) -> str:
        self._joint = joint
        return (
            f'{self._names[joint]} reads the same to the last bit although it should have moved '
            f'{moved[joint]:.3f} rad, limit {MOVED}: is its feedback frozen, or is it held?'
        )


class _Told(NamedTuple):
    """A stream's last message, since when it has that stamp, and since when those values."""

    stamp: Ns
    values: tuple[float, ...]
    stamped: Ns
    valued: Ns


class Repeats:
    """Messages whose own stamp stands although they arrive.

    soft: a stream that repeats one message, in words: nothing is known of its joints since then.
    warning: a stream whose values change under one stamp: they are new, only its clock stands. A
    stream that never stamps is not watched.
    """

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._soft: dict[str, str] = {}
        self._warning: dict[str, str] = {}

    @property
    def soft(self) -> str:
        """Which stream repeats itself, or ''."""
        return next(iter(self._soft.values()), '')

    @property
    def warning(self) -> str:
        """Which stream's clock stands, or ''."""
        return next(iter(self._warning.values()), '')

    def take(self, now: Ns, stream: str, stamp: Ns, values: Sequence[float]) -> None:
        """A message arrived now. stamp [ns] is the sender's, 0 where it gives none."""
        held, told = tuple(values), self._told.get(stream)
        if told is None or stamp != told.stamp or not stamp:
            self._told[stream] = _Told(stamp, held, now, now)
            if self._soft or self._warning:
                self._soft.pop(stream, None)
                self._warning.pop(stream, None)
        else:
            self._again(now, stream, held, told)

    def _again(self, now: Ns, stream: str, values: tuple[float, ...], told: _Told) -> None:
        if values != told.values:
            told = self._told[stream] = told._replace(values=values, valued=now)
            self._soft.pop(stream, None)
        if now - told.valued > REPEATED * SECOND:
            self._soft.setdefault(
                stream,
                f'{stream} repeats one message for {(now - told.valued) / SECOND:.3f} s, limit '
                f'{REPEATED}: does its driver still read the arm?',
            )
        elif now - told.stamped > REPEATED * SECOND:
            seconds = (now - told.stamped) / SECOND
            why = f'the stamp of {stream} stands for {seconds:.3f} s while its values change'
            self._warning.setdefault(stream, why)


class Possible:
    """Readings where no joint can be, or can have got to since the last: torn, wrapped, re-zeroed.

    They are to be dropped, as if they had not come: one changes nothing, more of them are silence.
    A reading that leapt is not believed however long it stays, for commands would begin there: it
    must come back, or the driver must restart. why: what the last message had, '' where nothing.
    """

    def __init__(self, limits: Limits, speed: Array) -> None:
        """limits: of this stream's joints [D]; speed [D]: what they can reach at all [rad/s]."""
        self._names, self._speed = limits.names, speed.tolist()
        self._lower = (limits.lower - OUTSIDE).tolist()
        self._upper = (limits.upper + OUTSIDE).tolist()
        self._last: tuple[float, ...] = ()
        self._at: Ns = 0
        self._heard: Ns = 0
        self.why = ''

    def take(self, now: Ns, q: Sequence[float]) -> str:
        """A reading q [D], finite, received now: why it is impossible, or ''."""
        silent = (now - self._heard) / SECOND
        self._heard = now
        if not 0.0 <= silent < ANEW:
            self._last = ()
        self.why = self._outside(q) or (self._leapt(now, q) if self._last else '')
        if not self.why:
            self._last, self._at = tuple(q), now
        return self.why

    def _outside(self, q: Sequence[float]) -> str:
        for name, x, low, high in zip(self._names, q, self._lower, self._upper, strict=True):
            if not low <= x <= high:
                bounds = f'{low + OUTSIDE:.3f} to {high - OUTSIDE:.3f}'
                turns = round((x - 0.5 * (low + high)) / math.tau)
                inside = low <= x - turns * math.tau <= high
                cause = f'wrapped by {2 * turns} pi?' if inside else 'has its encoder lost zero?'
                return f'{name} reads {x:.3f} rad, limits {bounds}: {cause}'
        return ''

    def _leapt(self, now: Ns, q: Sequence[float]) -> str:
        seconds = min((now - self._at) / SECOND, MEMORY) + JITTER
        for name, x, was, speed in zip(self._names, q, self._last, self._speed, strict=True):
            if abs(x - was) > speed * seconds:
                return (
                    f'{name} reads {x:.3f} rad after {was:.3f}: more than {speed:.1f} rad/s allow '
                    f'in {seconds:.3f} s. Torn, or zeroed anew? Restart its driver if it stays'
                )
        return ''
