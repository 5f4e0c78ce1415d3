"""The tables on the terminal and on the page, both from the results alone."""

from collections.abc import Callable, Iterator

from fastwam_ros.apps.bench.page import number
from fastwam_ros.apps.splice.figures import FIGURES
from fastwam_ros.apps.splice.methods import ACCELERATION, EXECUTOR, JERK, VELOCITY
from fastwam_ros.apps.splice.results import TRUTH, Each, Splices, Table
from fastwam_ros.apps.splice.scenarios import SCENARIOS

Column = tuple[str, Callable[[Each], str]]

MAIN = 'S1'  # the scenario that is named and drawn where one must do
BOUNDS = {'v': VELOCITY, 'a': ACCELERATION, 'j': JERK}
_INTRO = f"""# Splicing chunks

Written by `python -m fastwam_ros.apps.splice --out docs` from the results in docs/splice.json: to
change a figure, run it.

A policy answers late, and its answers disagree. Compared here is what is commanded between them:
by {{rules}} usual methods, each in the manner of what it is named after and written anew for this,
and by the executor of this package with its bridges and blends. All of them get the same chunks at
the same times, in ticks of 5 ms: {{seeds}} seeds of {{seconds:g}} s per scenario. Limits of every
joint: {VELOCITY:g} rad/s, {ACCELERATION:g} rad/s2, {JERK:g} rad/s3.

![a reach by a few methods; largest acceleration and reaction of all](splice.png)
"""
_READING = """## How to read it

- **truth** is the wanted motion, as if it were known in time: slow sines of twelve joints, and
  reaches of one arm (0.3 rad of one joint in 0.8 s) that no chunk knows of before they begin.
  Chunks add bias, drift, noise and, at times, another mode (0.2 rad off after 0.6 s).
- **v, a, j**: the largest of all joints, ticks and seeds, and behind the stroke the 99.9th
  percentile of the largest per tick in the worst seed; finite differences of what was commanded.
  **step** is by how much a step between two ticks exceeds what the velocity limit allows.
  Bold: beyond the limit.
- **rms j**, **error** (root mean square against the truth, while the policy leads) and **lag** (at
  which the truth matches best) are medians over the seeds. **LDLJ** and **SPARC** are of single
  reaches; nearer to 0 is smoother.
- **reaction**: half of a reach done, less when the truth had done it; median seed, and behind the
  stroke the worst. Whoever swings about the goal crosses early: read it with the error.
- **floor**: the least reaction that the limits allow. From the executor's commands at the first
  tick after the first chunk that shows the reach has come, the joint is pushed as hard as the
  limits allow, towards and beyond the goal: nobody who keeps them crosses half of the reach
  before. **above** is what is lost to it, reach by reach.
- **stops** of the executor are those of the worst seed; **refused** is the share of chunks that it
  did not execute. Rules neither stop nor refuse.
- **tick** and **chunk** are the time that the method took of this machine: compare within a table.
"""


def page(found: Splices) -> str:
    """All tables as Markdown."""
    rules = _rules(found)
    intro = _INTRO.format(rules=len(rules), seeds=found.seeds, seconds=found.seconds)
    parts = [intro, '\n'.join(_summary(found)), _READING]
    for name, methods in found.figures.items():
        parts.append(f'## {name}: {SCENARIOS[name].words}\n')
        parts.append('\n'.join(_markdown(methods)) + '\n')
    parts.append(f'Measured: {found.made}; `{found.command}`')
    return '\n'.join(parts) + '\n'


def text(scenario: str, methods: Table) -> str:
    """One scenario's table for a terminal."""
    head = ['', *(title for title, _ in COLUMNS)]
    lines = [head, *([name, *_cells(each)] for name, each in methods.items())]
    widths = [max(len(line[i].replace('*', '')) for line in lines) for i in range(len(head))]
    told = [f'{scenario}: {SCENARIOS[scenario].words}']
    for first, *rest in lines:
        cells = [cell.replace('*', '').rjust(w) for cell, w in zip(rest, widths[1:], strict=True)]
        told.append('  '.join([first.ljust(widths[0]), *cells]).rstrip())
    return '\n'.join(told)


def within(each: Each) -> bool:
    """Whether the worst seed kept all limits, but for rounding."""
    return all(each[name][1] <= bound * (1.0 + 1e-6) for name, bound in BOUNDS.items())


def _summary(found: Splices) -> Iterator[str]:
    scenarios = list(found.figures.values())
    methods = [name for name in scenarios[0] if name != TRUTH]
    kept = [name for name in methods if all(within(each[name]) for each in scenarios)]
    yield '## What it shows\n'
    first = MAIN if MAIN in found.figures else next(iter(found.figures))
    yield f'Within all limits in every scenario and seed; error and rms jerk in {first}:\n'
    yield from ([_keeper(name, found.figures[first][name]) for name in kept] or ['- none'])
    yield '\nReaction in ms, and in brackets how far that is above the floor (below):\n'
    yield f'| | {" | ".join(found.figures)} |'
    yield '|---' * (len(scenarios) + 1) + '|'
    for name in methods:
        cells = [_followed(each[name]) for each in scenarios]
        yield f'| {name} | {" | ".join(cells)} |'
    yield ''


def _keeper(name: str, each: Each) -> str:
    error, jerk = (f'{short(each[k][0])} {FIGURES[k].unit}' for k in ('error', 'jrms'))
    return f'- {name}: {error}, {jerk}'


def _followed(each: Each) -> str:
    above = f' ({each["gap"][0]:.0f})' if 'gap' in each else ''
    return f'{each["reaction"][0]:.0f}{above}'


def _rules(found: Splices) -> list[str]:
    methods = next(iter(found.figures.values()))
    return [name for name in methods if name != TRUTH and not name.startswith(EXECUTOR)]


def _markdown(methods: Table) -> Iterator[str]:
    yield f'| method | {" | ".join(title for title, _ in COLUMNS)} |'
    yield '|---' * (len(COLUMNS) + 1) + '|'
    for name, each in methods.items():
        yield f'| {name} | {" | ".join(_cells(each))} |'


def _cells(each: Each) -> list[str]:
    return [cell(each) for _, cell in COLUMNS]


def short(value: float) -> str:
    """Three digits that count; thousands as k."""
    if abs(value) >= 1e4:
        return f'{value / 1e3:.0f}k'
    return number(value) if abs(value) >= 1e-3 else '0'


def _median(name: str) -> Column:
    unit = f' {FIGURES[name].unit}' if FIGURES[name].unit else ''
    return f'{_TITLES[name]}{unit}', lambda each: short(each[name][0]) if name in each else ''


def _worst(name: str) -> Column:
    title, _ = _median(name)
    return title, lambda each: short(each[name][1]) if name in each else ''


def _bound(name: str) -> Column:
    def cell(each: Each) -> str:
        worst, tail = each[name][1], each[f'{name}999'][1]
        most = short(worst) if worst <= BOUNDS[name] * (1.0 + 1e-6) else f'**{short(worst)}**'
        return f'{most} / {short(tail)}'

    return f'{_TITLES[name]} {FIGURES[name].unit}', cell


def _reaction(each: Each) -> str:
    median, worst = each['reaction']
    missed = each['missed'][1]
    return f'{median:.0f} / {worst:.0f}' + (f', {missed:.0f} missed' if missed else '')


_TITLES = {
    'jump': 'step', 'v': 'v', 'a': 'a', 'j': 'j', 'jrms': 'rms j', 'ldlj': 'LDLJ',
    'sparc': 'SPARC', 'error': 'error', 'lag': 'lag', 'floor': 'floor', 'gap': 'above',
    'stops': 'stops', 'refused': 'refused', 'tick': 'tick', 'chunk': 'chunk',
}  # fmt: skip
COLUMNS: tuple[Column, ...] = (
    _worst('jump'),
    _bound('v'),
    _bound('a'),
    _bound('j'),
    _median('jrms'),
    _median('ldlj'),
    _median('sparc'),
    _median('error'),
    _median('lag'),
    ('reaction ms', _reaction),
    _median('floor'),
    _median('gap'),
    _worst('stops'),
    _median('refused'),
    _median('tick'),
    _median('chunk'),
)
