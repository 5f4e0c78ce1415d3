"""Whether a trial went as it has to, and if not, in words.

What could not be seen is no finding: a trial in which the arms may have been at rest in time, but
there are no readings that show it, is void, and so is one after which the machine is too slow for
the policy to drive. What was seen is one, whatever was not.
"""

from collections.abc import Iterator
from math import isnan

from fastwam_ros.apps.faults.cases import POLICY, STRIKES, TELEOP, Break, Case, Kill
from fastwam_ros.apps.faults.figures import Figures
from fastwam_ros.apps.faults.trial import Marks
from fastwam_ros.bag.streams import SECOND

LIMIT = 1.0 + 1e-6  # share of a limit; rounding of third differences
MOVED = 0.01  # [rad] by which arms at rest may move when nobody asked
APART = 0.05  # [rad] between a pose that is streamed and where the arms rest
TOO_LATE = 'run is refused: chunks come'  # the executor's answer on a machine that is too slow
_MOVING = (POLICY, TELEOP)


def void(case: Case, marks: Marks, found: Figures | None) -> str:
    """Why a trial says nothing: its fault did not strike where it should have; or ''."""
    if found is None:
        return marks.trouble or 'the fault did not strike'
    if found.during not in STRIKES[case.mode]:
        return f'the fault struck in {found.during or "silence"}, not in {case.mode}'
    return 'the broken wire met no message' if marks.hit == 0 else ''


def unseen(case: Case, marks: Marks, found: Figures) -> str:
    """Why it is not known whether the arms were at rest in time, or drive again, or ''."""
    if _slow(case, marks):
        return marks.trouble
    limit = case.expected.rests
    if limit is None or found.rest <= limit or _last(case, found) > limit or _gone(case, found):
        return ''
    looked = ((marks.asked or marks.watched) - marks.fault) / SECOND
    return f'not seen at rest: readings are missing for {found.missing:.2f} of {looked:.2f} s'


def deviations(case: Case, marks: Marks, found: Figures) -> Iterator[str]:
    """What went otherwise than it has to."""
    if marks.trouble and not _slow(case, marks):
        yield marks.trouble
    yield from _end(case, found)
    yield from _rest(case, found)
    yield from beyond(found)


def beyond(found: Figures) -> Iterator[str]:
    """Limits that a command exceeded: whatever struck when, that must not be."""
    for name in ('velocity', 'acceleration', 'jerk'):
        share = getattr(found, name)
        if share > LIMIT:
            yield f'{name} {share:.4f} of the limit at {found.worst}'


def _end(case: Case, found: Figures) -> Iterator[str]:
    ends = case.expected.ends
    if found.ended not in ends:
        wanted = ' or '.join(mode or 'silence' for mode in ends)
        yield f'ended in {found.ended or "silence"}, not in {wanted}: {found.reason}'
    elif ends[found.ended] not in found.reason:
        word = ends[found.ended]
        yield f'ended in {found.ended} for another reason than {word!r}: {found.reason}'


def _rest(case: Case, found: Figures) -> Iterator[str]:
    limit = case.expected.rests
    if limit is not None and _last(case, found) > limit:
        when = f'at rest after {found.rest:.2f}'
        when = f'still moves after {_last(case, found):.2f}' if isnan(found.rest) else when
        yield f'{when} s, limit {limit:g} s'
    if found.ended in _MOVING:
        return
    if found.moved > MOVED:
        yield f'moved by {found.moved:.3f} rad when nobody asked'
    if found.ended and found.apart > APART:
        yield f'rests {found.apart:.3f} rad from its last command'


def _slow(case: Case, marks: Marks) -> bool:
    """Whether run is refused afterwards for chunks that no fault of this trial made late."""
    fault = case.fault
    policy = fault.wire == 'chunk' if isinstance(fault, Break) else fault.process == 'policy'
    return TOO_LATE in marks.trouble and not policy


def _last(case: Case, found: Figures) -> float:
    """When the arms still moved by what was seen of them [s]; NaN where nothing was.

    A world without readings may have stood still meanwhile. Of a robot that is gone there is none
    but its last command.
    """
    if isnan(found.rest) and _dies(case):
        return found.still
    return (found.moving if isnan(found.rest) else found.rest) - found.unread


def _gone(case: Case, found: Figures) -> bool:
    """A robot that is gone is not seen to rest: its last command must be."""
    return _dies(case) and found.still <= (case.expected.rests or 0.0)


def _dies(case: Case) -> bool:
    return isinstance(case.fault, Kill) and case.fault.process == 'sim'
