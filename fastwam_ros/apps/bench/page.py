"""The page and the picture of the benchmark, from the results of every machine in a folder."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from fastwam_ros.apps.bench.rows import Results, Row, number

_HEAD = '| what | median | p99 | worst | ratio to | |'
_INTRO = """# Benchmarks

Written by `make bench OUT=docs` from the results in docs/benchmarks/: to change a figure, measure.

Figures are medians unless a column says otherwise. Machines are noisy: compare within one table,
and ratios rather than times. A ratio's other side was measured in the same run, except where it is
a fact (the control period) or names where it comes from.
"""


def page(found: Sequence[Results], picture: str = '') -> str:
    """All tables as Markdown. picture: its path as the page shall name it."""
    parts = [_INTRO]
    if picture:
        parts.append(f'![the figures of one machine below]({picture})\n')
    parts += ['\n'.join(_machine(results)) for results in found]
    return '\n'.join(parts)


def _machine(results: Results) -> Iterator[str]:
    torch = f', torch {results.torch}' if results.torch else ''
    yield f'## {results.machine}, {results.cores} cores\n'
    yield f'Python {results.python}{torch}; {results.date}, revision {results.revision};'
    yield f'`{results.command}`\n'
    for part, rows in groupby(results.rows, lambda row: row.part):
        yield f'### {part[0].upper()}{part[1:]}\n'
        yield _HEAD
        yield '|---|---|---|---|---|---|'
        yield from map(_line, rows)
        yield ''


def _line(row: Row) -> str:
    ratio = '' if row.ratio is None else f'{row.ratio:.3g} x {row.beside_is}'
    tail, worst = ('' if v is None else number(v) for v in (row.p99, row.worst))
    median = f'{number(row.median)} {row.unit}'
    return f'| {row.name} | {median} | {tail} | {worst} | {ratio} | {row.note} |'


def read_folder(folder: Path) -> list[Results]:
    """The results of every machine in a folder, by file name. Raises ValueError for others."""
    return [Results.read(path) for path in sorted(folder.glob('*.json'))]


def draw(results: Results, path: Path) -> None:
    """Times on a log scale with their tails, and the ratios beside them, one bar per row."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib.figure import Figure

    rows = [row for row in results.rows if row.unit in _SECONDS]
    figure = Figure(figsize=(11, 0.32 * len(rows) + 1.6), layout='constrained')
    times, ratios = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    _times(times, rows)
    _ratios(ratios, rows)
    figure.suptitle(f'{results.machine}, {results.cores} cores, {results.date}', fontsize=10)
    figure.savefig(path, dpi=110)


_SECONDS = {'us': 1e-3, 'ms': 1.0, 's': 1e3}
_COLOURS = ('#31688e', '#35b779', '#e07b39')


def _times(axes: Any, rows: Sequence[Row]) -> None:
    parts = list(dict.fromkeys(row.part for row in rows))
    for at, row in enumerate(rows):
        scale = _SECONDS[row.unit]
        middle, colour = row.median * scale, _COLOURS[parts.index(row.part) % len(_COLOURS)]
        axes.plot(middle, at, 'o', color=colour, label=row.part if _first(rows, at) else None)
        if row.p99 is not None:
            axes.plot([middle, row.p99 * scale], [at, at], color=colour, linewidth=1.5)
    axes.set(xscale='log', xlabel='ms: median (dot) to p99 (line)', yticks=range(len(rows)))
    axes.set_yticklabels([row.name for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.grid(axis='x', alpha=0.3)
    axes.legend(fontsize=7, loc='best')


def _ratios(axes: Any, rows: Sequence[Row]) -> None:
    for at, row in enumerate(rows):
        if row.ratio is not None:
            axes.barh(at, row.ratio, color='#b0b7c0', height=0.6)
            axes.text(
                row.ratio, at, f' {row.ratio:.2g} x {row.beside_is}', va='center', fontsize=7
            )
    axes.axvline(1.0, color='#444444', linewidth=0.8)
    axes.set(xscale='log', xlabel='ratio to what is named')
    axes.margins(x=0.9)


def _first(rows: Sequence[Row], at: int) -> bool:
    return at == 0 or rows[at - 1].part != rows[at].part
