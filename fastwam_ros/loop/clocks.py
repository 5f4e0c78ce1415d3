"""By how much another machine's clock is behind this one's: what can be said without a common one.

A message is older than its stamp says by its way at the most, so its age on arrival bounds the
clocks from one side. From the other side only an answer does: the executor names requests that it
answered, and the arms move after they were commanded, in both cases not before. How long the way
takes stays unknown: it is what the two bounds leave.
"""

from collections.abc import Iterable
from dataclasses import dataclass

UNKNOWN = float('-inf')


@dataclass(frozen=True)
class Behind:
    """A clock is behind this machine's by this much [s], at least and at most; < 0: ahead."""

    least: float
    most: float

    def agrees(self, truth: float) -> bool:
        """Whether a true offset [s] is one that this allows."""
        return self.least <= truth <= self.most

    def __str__(self) -> str:
        most = f'{self.most * 1e3:.1f} ms'
        return f'at most {most}' if self.least == UNKNOWN else f'{self.least * 1e3:.1f} to {most}'


@dataclass(frozen=True)
class Echo:
    """A request and its answer [s]: when it was made and heard here, and what its stamp says.

    early: by how much a stamp may be before the moment that it stands for.
    """

    asked: float
    stamped: float
    heard: float
    early: float


def answered(echoes: Iterable[Echo]) -> Behind | None:
    """What answers to requests say of their sender's clock; None without any."""
    bounds = [
        (each.asked - each.stamped - each.early, each.heard - each.stamped) for each in echoes
    ]
    if not bounds:
        return None
    least, most = zip(*bounds, strict=True)
    return Behind(max(least), min(most))


def moved(age: float, delay: float, commands: float, sender: Behind | None) -> Behind:
    """What arms that moved say of their readings' clock.

    age [s]: least of the readings on arrival; delay [s]: the least from a command's arrival here
    to its effect in readings that arrived here; commands [s]: least age of the commands, which
    `sender` stamps. The way of the commands to here is what their age is beyond its clock.
    """
    if sender is None:
        return Behind(UNKNOWN, age)
    return Behind(age - delay - (commands - sender.least), age)
