"""The trials as a table for a terminal, and as a page."""

import math
from collections.abc import Iterator, Sequence

from fastwam_ros.apps.two_hosts.figures import Seen
from fastwam_ros.apps.two_hosts.trial import Trial

COLUMNS = (
    'between the hosts',
    'modes',
    'noticed',
    'at rest',
    'v',
    'a',
    'j',
    'chunks',
    'refused',
    'goes on',
)
_PAGE = """# Two hosts

Written by `python -m fastwam_ros.apps.two_hosts --page docs/two_hosts.md`, as root: to change a
figure, measure.

The policy runs on one host; simulator, executor, a recorder and the operator on another. The
hosts are network namespaces of one machine, each with one card (a tap device) and the stand-in's
DDS on it, found by multicast. The command itself is the wire between them: it passes every frame
on, loses it or passes it on later. This machine's kernel has no netem; and it makes no difference
what drops a frame. A link that is down loses every frame of both ways; the cards do not notice
(a switch in between: no loss of carrier).

Cameras go from the robot to the policy as JPEGs, best effort: of a picture in 40 packets, one
that is lost costs the picture. Chunks and the executor's state are reliable, and asked for again.

**Clocks.** What the policy's process reads as the time of day is moved before anything is imported
(`apps/two_hosts/clock.py`), as on a host whose clock was set wrong before its start; its monotonic
clock, and the stamps that DDS itself gives its samples, are not. libfaketime 0.9.10 was tried and
left: with it, waits for a moment on the monotonic clock end at once or not in time, so that the
policy is slow for a reason that no clock has. A clock that is set while a node runs is another
thing: `test/nodes/test_timeline.py`.
"""
_LEGEND = """
*modes*: of the executor, from the fault to 3 s after it. *noticed*: from the fault to the first
other mode. *at rest*: from the fault until both arms are. *v, a, j*: the worst command as a share
of the limit, the way back included. *chunks*: accepted in that time; *refused*: with which
verdict. *goes on*: by itself where the executor is in POLICY at the end; else a person has to ask
for `run`, and this is how long it takes from the first request to a policy that drives. In no row
does the executor leave HOLD before somebody asks.
"""


def cells(trial: Trial, seen: Seen | None) -> tuple[str, ...]:
    """A row."""
    if seen is None:
        return (trial.case.name, trial.marks.trouble, *('-',) * (len(COLUMNS) - 2))
    figures = seen.figures
    refused = ', '.join(f'{verdict} {count}' for verdict, count in seen.refused.items())
    again = f'person, {figures.again:.1f} s' if seen.person else 'by itself'
    return (
        trial.case.name,
        ' > '.join(seen.modes),
        _seconds(figures.noticed),
        _seconds(figures.rest if seen.person else math.nan),
        *(f'{getattr(figures, n):.2f}' for n in ('velocity', 'acceleration', 'jerk')),
        str(seen.accepted),
        refused or '-',
        trial.marks.trouble or again,
    )


def page(rows: Sequence[tuple[str, ...]], machine: str) -> str:
    """All rows, as Markdown."""
    lines = [_PAGE, f'{machine}.\n', f'| {" | ".join(COLUMNS)} |\n{"|---" * len(COLUMNS)}|']
    return '\n'.join([*lines, *(f'| {" | ".join(row)} |' for row in rows), _LEGEND])


def table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """All rows, for a terminal."""
    for row in (COLUMNS, *rows):
        yield '  '.join(
            f'{cell:<{max(len(r[at]) for r in (COLUMNS, *rows))}}' for at, cell in enumerate(row)
        ).rstrip()


def _seconds(value: float) -> str:
    return '-' if math.isnan(value) else f'{value:.2f} s'
