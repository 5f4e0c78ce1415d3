"""The trials as a table for a terminal, as a page, and as a picture."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fastwam_ros.apps.faults.judge import APART, MOVED
from fastwam_ros.apps.faults.rest import STILL
from fastwam_ros.apps.faults.results import (
    AS_EXPECTED,
    DEVIATES,
    VOID,
    Outcome,
    Row,
    rows,
    total,
)

_COLUMNS = {
    'fault': 46,
    'in': 10,
    'as expected': 13,
    'ended in': 20,
    'noticed': 9,
    'at rest': 9,
    'v': 6,
    'a': 6,
    'j': 6,
    'apart': 9,
    'again': 8,
}
_PAGE = f"""# Faults

Written by `make faults PAGE=docs`: to change a figure, measure. Every trial is in faults.json.

Simulator, executor, policy, a recorder and a person run as processes of their own on the
stand-in's wire. Each trial breaks one thing at a random moment of a mode: a process is killed
(SIGKILL) or stands still (SIGSTOP, SIGCONT), or messages are lost, doubled, late, swapped or not
a number on their way (the node `faults` stands in the wire). Then nobody intervenes until the
arms are at rest, or the fault has been over for a second; then what is gone is started again, and
an operator makes ordinary requests until the policy drives. Figures come from a recording, by
formulas that share nothing with the executor.

A trial is as expected if the executor ends in a mode, and for a reason, that
[executor.md](executor.md) has for the fault; the arms rest in time where they must (the end of
the line in the picture); no command of the trial exceeds a limit; arms at rest move by less than
{MOVED} rad before somebody asks, and rest within {APART} rad of a pose that is streamed; and the
policy drives again. A slow machine makes trials void: the mode was left before the fault struck,
or so many readings are missing that it is not known whether the arms were at rest in time, or
`run` is refused afterwards for late chunks, which the fault has nothing to do with. A limit that
is exceeded, or motion that is seen, is a finding all the same.
"""
_LEGEND = f"""
*noticed*: from the fault to the executor's first other mode, median. *at rest*: from the fault to
no joint of either arm faster than {STILL} rad/s, median; while executor or simulator stand still
it does not count; `-` where they need not rest, or where the robot is gone and its last command
is what was judged. *v, a, j*: the worst command of all
trials of the line, beginning and end included, as a share of the limit. *apart*: the largest
distance of a joint at rest from its last command. *again*: from the operator's first request to
a policy that drives, median; it includes the start of what was killed.
"""


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Lines for a terminal: a row per fault and mode, then what came of it all."""
    yield _padded(tuple(_COLUMNS))
    yield from (_padded(_cells(row)) for row in rows(outcomes))
    yield ''
    yield from summary(outcomes)


def _padded(cells: Sequence[str]) -> str:
    pairs = zip(cells, _COLUMNS.values(), strict=True)
    return ''.join(f'{cell:<{width}}' for cell, width in pairs).rstrip()


def page(outcomes: Sequence[Outcome], machine: str, picture: str) -> str:
    """The same as Markdown. picture: its path as the page shall name it."""
    lines = [_PAGE, f'![time to rest]({picture})\n', f'{machine}.\n']
    lines.append(f'| {" | ".join(_COLUMNS)} |\n{"|---" * len(_COLUMNS)}|')
    lines += [f'| {" | ".join(_cells(row))} |' for row in rows(outcomes)]
    lines.append(_LEGEND)
    lines += [f'{line}.\n' for line in summary(outcomes)]
    return '\n'.join(lines)


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What came of all of them, and the seeds to look at."""
    counts = [sum(o.verdict == v for o in outcomes) for v in (AS_EXPECTED, DEVIATES, VOID)]
    most = total(outcomes)
    yield (
        f'{len(outcomes)} trials: {counts[0]} as expected, {counts[1]} otherwise, '
        f'{counts[2]} void; worst shares of the limits {most["velocity"]:.3f} of speed, '
        f'{most["acceleration"]:.3f} of acceleration, {most["jerk"]:.3f} of jerk'
    )
    for outcome in outcomes:
        if outcome.verdict != AS_EXPECTED:
            words = '; '.join(outcome.words)
            yield f'{outcome.verdict}: seed {outcome.plan.seed}, {outcome.plan.case}: {words}'


def _cells(row: Row) -> tuple[str, ...]:
    rests = row.case.expected.rests is not None
    return (
        str(row.case.fault),
        row.case.mode,
        f'{row.good} of {len(row.outcomes)}',
        row.ends(),
        _seconds(row.middle('noticed')),
        _seconds(row.middle('rest') if rests else math.nan),
        *(_number(row.largest(name), '.2f') for name in ('velocity', 'acceleration', 'jerk')),
        _number(1e3 * row.largest('apart') if rests else math.nan, '.0f', ' mrad'),
        _seconds(row.middle('again')),
    )


def _seconds(value: float) -> str:
    return _number(value, '.2f', ' s')


def _number(value: float, form: str, unit: str = '') -> str:
    return '-' if math.isnan(value) else f'{value:{form}}{unit}'


def draw(outcomes: Sequence[Outcome], path: Path) -> None:
    """When it was noticed and when the arms were at rest, trial by trial, where they must rest."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib.figure import Figure

    shown = [row for row in rows(outcomes) if row.case.expected.rests is not None]
    figure = Figure(figsize=(10, 0.3 * len(shown) + 1.4), layout='constrained')
    axes = figure.subplots()
    for at, row in enumerate(shown):
        _dots(axes, at, row)
    axes.set(xlabel='seconds after the fault', yticks=range(len(shown)), ylim=(-0.7, None))
    axes.set_yticklabels([str(row.case) for row in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(left=0.0)
    axes.grid(axis='x', alpha=0.3)
    axes.legend(fontsize=8, loc='lower right')
    figure.savefig(path, dpi=110)


def _dots(axes: Any, at: int, row: Row) -> None:
    label = (lambda words: words) if at == 0 else (lambda words: None)
    axes.plot([0.0, row.case.expected.rests], [at, at], color='#d0d5da', linewidth=5, zorder=1)
    for name, mark, colour, words in (
        ('noticed', '|', '#e07b39', 'the executor changes its mode'),
        ('still', 'o', '#b0b7c0', 'the last command that moves'),
        ('rest', 'o', '#31688e', 'both arms at rest'),
    ):
        values = row.values(name)
        axes.plot(values, [at] * len(values), mark, color=colour, label=label(words), zorder=2)
