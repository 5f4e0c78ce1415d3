"""A wire on a bad day: messages are lost, doubled, late, swapped, or not what they should be.

It passes on what it is given, at the time it is given, unless it was broken; then it follows a
seed. Knows nothing of what the messages mean; time is an argument, in seconds of any clock.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# What `amount` is: a share of the messages, seconds, or nothing.
KINDS = {
    'lose': 'share of the messages that never arrive',
    'double': 'share of the messages that arrive twice',
    'delay': 'seconds by which all arrive later',
    'swap': 'share of the messages that arrive after the one that follows them',
    'spoil': 'share of the messages in whose place a broken one arrives',
}


@dataclass(frozen=True)
class Break:
    """What is wrong with a wire, for so many seconds; amount: see KINDS. Raises ValueError."""

    kind: str
    seconds: float
    amount: float
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f'no fault {self.kind!r} of a wire: there are {", ".join(KINDS)}')
        if not (self.seconds > 0.0 and self.amount >= 0.0):
            raise ValueError(f'a wire broken for {self.seconds} s by {self.amount}: want above 0')


class Wire:
    """One topic's messages on their way. hit: how many the present break met.

    broken: what arrives in place of a spoilt message.
    """

    def __init__(self, broken: Any = None) -> None:
        self._broken = broken
        self._break: Break | None = None
        self._until = 0.0
        self._dice = random.Random()
        self._held: list[Any] = []  # the message that waits for the next one
        self._waiting: list[tuple[float, Any]] = []  # when it arrives, in the order of sending
        self.hit = 0

    def break_down(self, now: float, how: Break) -> None:
        """From now on, for its seconds; in place of what was wrong before."""
        self._break, self._until = how, now + how.seconds
        self._dice, self.hit = random.Random(how.seed), 0

    @property
    def waits(self) -> bool:
        """Whether something is on its way."""
        return bool(self._waiting or self._held)

    def send(self, now: float, message: Any) -> None:
        """A message comes in at this end."""
        how = self._break if now < self._until else None
        for arrives in self._fate(how, message):
            after = how.amount if how is not None and how.kind == 'delay' else 0.0
            self._waiting.append((now + after, arrives))

    def arrived(self, now: float) -> Iterator[Any]:
        """What comes out at the other end by now, and was not given out before."""
        if self._held and now >= self._until:
            self._waiting.append((now, self._held.pop()))
        due = [message for at, message in self._waiting if at <= now]
        self._waiting = [(at, message) for at, message in self._waiting if at > now]
        yield from due

    def _fate(self, how: Break | None, message: Any) -> list[Any]:
        if self._held:
            return [message, self._held.pop()]
        if how is None:
            return [message]
        if how.kind == 'delay':
            self.hit += 1
            return [message]
        if self._dice.random() >= how.amount:
            return [message]
        self.hit += 1
        if how.kind == 'swap':
            self._held.append(message)
            return []
        return {'lose': [], 'double': [message, message], 'spoil': [self._broken]}[how.kind]
