"""The arrows of the table of authority, and where they go on a page.

What leads where is read from the table; only the place of a state, and the way of an arrow around
others, is written here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import dist

from fastwam_ros.motion.authority import (
    DISARMED,
    ESTOP,
    FAULT,
    HOLD,
    POLICY,
    TABLE,
    TELEOP,
    TO_DISARMED,
    TO_HOLD,
    Event,
    Standing,
)

Point = tuple[float, float]

# The table has run lead from HOLD to HOLD; from there leads on the first chunk of its epoch, which
# the executor brings.
AWAITED = HOLD, 'run, then\nits first chunk', POLICY
PLACES: dict[Standing, Point] = {
    DISARMED: (1.15, 3.2),
    HOLD: (3.9, 3.2),
    POLICY: (6.6, 4.75),
    TELEOP: (9.8, 3.2),
    TO_HOLD: (6.6, 3.2),
    TO_DISARMED: (6.6, 1.35),
    FAULT: (12.95, 4.2),
    ESTOP: (12.95, 1.9),
}
HALF = (0.88, 0.34)  # of a state's box
BOX: tuple[Point, Point] = (2.75, 0.62), (10.95, 5.5)  # around those that are commanded
# Corners of the ways of arrows, from border to border; all others are straight.
_WAYS: dict[tuple[Standing | None, Standing], Sequence[Point]] = {
    (HOLD, POLICY): ((3.9, 3.54), (3.9, 4.75), (5.72, 4.75)),
    (POLICY, TELEOP): ((7.48, 4.75), (9.8, 4.75), (9.8, 3.54)),
    (TELEOP, TO_HOLD): ((8.92, 3.4), (7.48, 3.4)),
    (TO_HOLD, TELEOP): ((7.48, 2.98), (8.92, 2.98)),
    (HOLD, TELEOP): ((4.2, 2.86), (4.2, 2.5), (9.5, 2.5), (9.5, 2.86)),
    (HOLD, TO_DISARMED): ((3.6, 2.86), (3.6, 1.2), (5.72, 1.2)),
    (POLICY, TO_DISARMED): ((5.95, 4.41), (5.95, 3.95), (5.2, 3.95), (5.2, 1.5), (5.72, 1.5)),
    (TELEOP, TO_DISARMED): ((10.1, 2.86), (10.1, 1.35), (7.48, 1.35)),
    (TO_DISARMED, DISARMED): ((6.6, 1.01), (6.6, 0.82), (1.5, 0.82), (1.5, 2.86)),
    (FAULT, DISARMED): ((12.95, 4.54), (12.95, 5.85), (1.15, 5.85), (1.15, 3.54)),
    (ESTOP, DISARMED): ((12.7, 1.56), (12.7, 0.35), (1.15, 0.35), (1.15, 2.86)),
    (DISARMED, ESTOP): ((0.8, 2.86), (0.8, 0.05), (13.2, 0.05), (13.2, 1.56)),
    (None, FAULT): ((10.95, 4.2), (12.07, 4.2)),
    (None, ESTOP): ((10.95, 1.9), (12.07, 1.9)),
}
# Where on its longest piece an arrow says what it stands for, if not in the middle.
_SAID = {(TO_HOLD, TO_DISARMED): 0.62, (HOLD, TELEOP): 0.75, (POLICY, TO_DISARMED): 0.84}


@dataclass(frozen=True)
class Arrow:
    """sources: states from which the events lead to the target; several are drawn as one."""

    sources: tuple[Standing, ...]
    events: tuple[Event, ...]
    target: Standing

    @property
    def source(self) -> Standing | None:
        """The one state that it comes from; None for all that are commanded."""
        return self.sources[0] if len(self.sources) == 1 else None


def armed() -> tuple[Standing, ...]:
    """The states in which the arms are commanded: those that a hard fault ends."""
    return tuple(standing for standing, cells in TABLE.items() if cells.get(Event.HARD_FAULT))


def arrows() -> list[Arrow]:
    """All of the table but what leads nowhere else; once where all armed states agree."""
    together = defaultdict(list)
    for standing, cells in TABLE.items():
        for event, target in cells.items():
            if target != standing:
                together[event, target].append(standing)
    whole, found = armed(), defaultdict(list)
    for (event, target), standings in together.items():
        common = set(whole) <= set(standings)
        alone = [one for one in standings if not (common and one in whole)]
        for sources in (*((one,) for one in alone), *([whole] if common else [])):
            found[sources, target].append(event)
    return [Arrow(sources, tuple(events), target) for (sources, target), events in found.items()]


def way(source: Standing | None, target: Standing) -> Sequence[Point]:
    """From border to border: the corners that are known for it, else a straight line.

    source: None for the box around all that are commanded.
    """
    if (source, target) in _WAYS:
        return _WAYS[source, target]
    (x0, y0), (x1, y1) = PLACES[source] if source else BOX[1], PLACES[target]
    if abs(x1 - x0) > abs(y1 - y0):
        by = HALF[0] if x1 > x0 else -HALF[0]
        return (x0 + by, y0), (x1 - by, y1)
    by = HALF[1] if y1 > y0 else -HALF[1]
    return (x0, y0 + by), (x1, y1 - by)


def said(source: Standing | None, target: Standing) -> Point:
    """Where an arrow says what it stands for: on its longest piece."""
    pieces = pairwise(way(source, target))
    (x0, y0), (x1, y1) = max(pieces, key=lambda two: dist(*two))
    part = _SAID.get((source, target), 0.5) if source else 0.5
    return x0 + part * (x1 - x0), y0 + part * (y1 - y0)
