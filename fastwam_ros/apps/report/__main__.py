"""What a recorded run did, from its file alone: `python -m fastwam_ros.apps.report RUN.mcap`.

Prints one table; --picture draws the run, --html makes a page of it, --json writes the figures.
Formulas are in the docstrings of report_motion and report_events. It imports nothing of what
decided the run.
"""

import argparse
import json
import sys
from pathlib import Path

from fastwam_ros.apps.files import writing
from fastwam_ros.apps.report.figures import Figure, Section, number, over, plain, sections
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag, BagError

_LABEL, _NUMBER = 33, 11  # column widths


def table(run: Run) -> str:
    """The figures as text."""
    return '\n'.join(_lines(list(sections(run))))


def _lines(found: list[Section]) -> list[str]:
    head = f'{"":{_LABEL}}{"value":>{_NUMBER}}{"limit":>{_NUMBER}}'
    lines = [head]
    for title, figures in found:
        lines.append(f'--- {title} '.ljust(len(head), '-'))
        lines += [_line(figure) for figure in figures]
    return lines


def _line(figure: Figure) -> str:
    value, limit = number(figure.value), ''
    if isinstance(figure.value, str):
        return f'{figure.label:{_LABEL}}{figure.value}'
    if figure.limit is not None:
        limit = f'{figure.limit:g}'
        if over(figure):
            limit += ' !'
    note = f'  {figure.note}' if figure.note else ''
    unit = f'{value} {figure.unit}'.rstrip()
    return f'{figure.label:{_LABEL}}{unit:>{_NUMBER}}{limit:>{_NUMBER}}{note}'.rstrip()


def _progress(part: float) -> None:
    print(f'\rreading {part:4.0%}', end='' if part < 1.0 else '\n', file=sys.stderr, flush=True)


def read(path: Path) -> Run:
    """The run in a file, with a line of progress on a terminal. Raises BagError."""
    shown = sys.stderr.isatty()
    run = Run.read(Bag(path), _progress if shown else None)
    if shown:
        print('\r             \r', end='', file=sys.stderr)
    return run


def main() -> None:
    """Print, draw, write; a file that is no recorded run ends it with one line."""
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.report', description=__doc__.splitlines()[0]
    )
    ask.add_argument('recording', type=Path)
    ask.add_argument('--picture', type=Path, help='draw the run into this PNG')
    ask.add_argument('--html', type=Path, help='write the run as one page that opens offline')
    ask.add_argument('--json', type=Path, help='write the figures into this file')
    given = ask.parse_args()
    try:
        run = read(given.recording)
        found = list(sections(run))
        print(f'{given.recording}', *_lines(found), sep='\n')
        if given.json is not None:
            with writing(given.json):
                given.json.write_text(json.dumps(plain(found), indent=1) + '\n')
        if given.picture is not None:
            from fastwam_ros.apps.report.picture import draw

            with writing(given.picture):
                draw(run, given.picture)
        if given.html is not None:
            from fastwam_ros.apps.report.html import write

            with writing(given.html):
                write(run, given.html)
    except (BagError, OSError) as error:
        sys.exit(f'report: {error}')
    except ModuleNotFoundError as error:
        sys.exit(f"report: {error}: install this package with its extra, '.[bag]'")


if __name__ == '__main__':
    main()
