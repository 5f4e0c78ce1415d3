"""First contact with the joints: how many values come, whether they are numbers, and where."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np

from fastwam_ros.loop.contact import Finding, Heard, Joints, Severity
from fastwam_ros.loop.execution import LIMITS, possible
from fastwam_ros.motion.freeze import OUTSIDE
from fastwam_ros.motion.guard import BEYOND
from fastwam_ros.motion.limits import Array
from fastwam_ros.robot.joints import ARM_PARTS, ARM_SIZE
from fastwam_ros.robot.units import GRIPPER_FULL, GRIPPER_READING_MAX, GRIPPER_READING_MIN


def _rows(heard: Heard) -> Sequence[Joints]:
    """All of it, for nothing else comes on a topic of joints; not copied, it may be an hour's."""
    return cast(Sequence[Joints], heard.contents)


def arm(side: str, heard: Heard) -> Iterator[Finding]:
    """Findings on what one arm's feedback contains."""
    rows = _rows(heard)
    widths = Counter(len(row.position) for row in rows)
    wrong = sum(count for width, count in widths.items() if not _wide(width))
    unfit = sum(len(row.velocity) not in (0, len(row.position)) for row in rows)
    broken = sum(not all(map(math.isfinite, (*r.position, *r.velocity))) for r in rows)
    for count, what in (
        (wrong, f'have {" or ".join(map(str, sorted(widths)))} positions, want 6 or 7'),
        (unfit, 'have not as many velocities as positions'),
        (broken, 'are not finite'),
    ):
        if count:
            fact = f'{count} of {len(rows)} messages {what}'
            yield heard.finding(Severity.ERROR, fact, 'is this the feedback of an R1 Lite?')
    if not (wrong or unfit or broken):
        yield from _readings(side, heard, rows)


def _wide(width: int) -> bool:
    return width in (ARM_SIZE, ARM_SIZE + 1)


def _readings(side: str, heard: Heard, rows: Sequence[Joints]) -> Iterator[Finding]:
    more = any(len(row.position) > ARM_SIZE for row in rows)
    what = '7 values, of which the last, a gripper, is left out' if more else '6 values'
    yield heard.sound(what)
    if not all(row.velocity for row in rows):
        remedy = 'without them every reading counts as at rest: engage only when the arms stand'
        yield heard.finding(Severity.WARN, 'has no velocities', remedy)
    values = (value for row in rows for value in row.position[:ARM_SIZE])
    q = np.fromiter(values, float).reshape(-1, ARM_SIZE)
    part = ARM_PARTS[side]
    lower, upper, names = LIMITS.lower[part], LIMITS.upper[part], LIMITS.names[part]
    for joint, name in enumerate(names):
        low, high = float(q[:, joint].min()), float(q[:, joint].max())
        yield from _outside(heard, name, (low, high), (lower[joint], upper[joint]))
    yield from _leaps(side, heard, q)


def _outside(
    heard: Heard, name: str, read: tuple[float, float], limits: tuple[float, float]
) -> Iterator[Finding]:
    """A joint that reads beyond its limits; so little that it is the zero's error is none."""
    beyond = max(limits[0] - read[0], read[1] - limits[1])
    fact = (
        f'{name} reads {read[0]:.3f} to {read[1]:.3f}, limits {limits[0]:.3f} to {limits[1]:.3f}'
    )
    if beyond > OUTSIDE:
        remedy = 'no joint is there, such readings count as silence: check units and order'
        yield heard.finding(Severity.ERROR, fact, remedy)
    elif beyond > BEYOND:
        remedy = 'check the zero of that joint: commands stay inside its limits'
        yield heard.finding(Severity.WARN, fact, remedy)


def _leaps(side: str, heard: Heard, q: Array) -> Iterator[Finding]:
    """Readings that no joint can have got to from the one before; the executor drops such."""
    near = np.all(
        (LIMITS.lower[ARM_PARTS[side]] - OUTSIDE <= q)
        & (q <= LIMITS.upper[ARM_PARTS[side]] + OUTSIDE),
        axis=1,
    )
    judge, first, count = possible(side), '', 0
    for received, row, inside in zip(heard.received, q.tolist(), near, strict=True):
        why = judge.take(received, row) if inside else ''  # outside: it is said of the joint
        first, count = first or why, count + bool(why)
    if count:
        fact = f'{count} of {len(q)} readings would be dropped, the first: {first}'
        yield heard.finding(Severity.ERROR, fact, 'they count as silence: look at its driver')


def gripper(heard: Heard) -> Iterator[Finding]:
    """Findings on what one gripper's feedback contains."""
    rows = _rows(heard)
    odd = sum(len(row.position) != 1 for row in rows)
    if odd:
        fact = f'{odd} of {len(rows)} messages have not one position'
        yield heard.finding(Severity.ERROR, fact, 'is this the feedback of a gripper?')
        return
    read = np.fromiter((row.position[0] for row in rows), float)
    low, high = float(np.min(read)), float(np.max(read))  # NaN where one is
    if not (low >= GRIPPER_READING_MIN and high <= GRIPPER_READING_MAX):
        fact = f'reads {low:.2f} to {high:.2f}, want 0 to {GRIPPER_FULL:g}'
        yield heard.finding(Severity.ERROR, fact, 'check its unit: percent of the stroke')
        return
    yield heard.sound(f'reads {low:.2f} to {high:.2f} of {GRIPPER_FULL:g}')
    if 0.0 < high <= 1.0:
        fact = f'never reads above {high:.3f}'
        yield heard.finding(Severity.WARN, fact, 'closed, or in another unit? open it and look')
