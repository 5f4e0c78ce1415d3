"""How chunks are joined into motion: this executor beside other methods, on the same chunks.

`python -m fastwam_ros.apps.splice`: eight scenarios, five seeds each, a few minutes on two cores.
Seed n is the same chunks on every machine; only what ticks and chunks take is not. Exit status 1
where a way of the executor leaves its limits.
"""

import argparse
import sys
from pathlib import Path

from fastwam_ros.apps.files import writing
from fastwam_ros.apps.splice.methods import WAYS
from fastwam_ros.apps.splice.page import MAIN, page, text, within
from fastwam_ros.apps.splice.picture import draw
from fastwam_ros.apps.splice.results import Splices, Table
from fastwam_ros.apps.splice.run import passage, runs
from fastwam_ros.apps.splice.scenarios import SCENARIOS

SHORTEST = 8.0  # [s] of a run, for two reaches to be in it


def measure(scenarios: list[str], seeds: int, seconds: float) -> dict[str, Table]:
    """The table of each scenario, printed as soon as it is known."""
    tables = {}
    for name, found in runs(scenarios, seeds, seconds):
        tables[name] = Splices.table(found)
        print(text(name, tables[name]), end='\n\n', flush=True)
    return tables


def write(found: Splices, out: Path) -> None:
    """The results as JSON, and the page and the picture of them."""
    found.write(out / 'splice.json')
    (out / 'splice.md').write_text(page(Splices.read(out / 'splice.json')))
    drawn = MAIN if MAIN in found.figures else next(iter(found.figures))
    draw(found, drawn, passage(drawn, found.seconds), out / 'splice.png')


def broken(tables: dict[str, Table]) -> list[str]:
    """In which scenarios which ways of the executor left their limits."""
    return [
        f'{method} leaves its limits in {scenario}'
        for scenario, methods in tables.items()
        for method in WAYS
        if not within(methods[method])
    ]


def main() -> None:
    """Run, print, write."""
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.splice', description=__doc__.splitlines()[0]
    )
    ask.add_argument('--seeds', type=int, default=5)
    ask.add_argument('--seconds', type=float, default=30.0, help='of motion per run')
    ask.add_argument('--scenario', choices=SCENARIOS, action='append', help='default: all of them')
    ask.add_argument('--out', type=Path, help='folder for splice.md, splice.png and splice.json')
    given = ask.parse_args()
    if given.seeds < 1 or not SHORTEST <= given.seconds <= 600.0:
        ask.error(f'at least 1 seed, and {SHORTEST:g} to 600 seconds')
    if given.out is not None:  # what is wrong with it is said before minutes of work
        with writing(given.out):
            given.out.mkdir(parents=True, exist_ok=True)
    tables = measure(given.scenario or list(SCENARIOS), given.seeds, given.seconds)
    if given.out is not None:
        with writing(given.out):
            write(Splices.here(given.seeds, given.seconds, tables), given.out)
    if wrong := broken(tables):
        sys.exit(f'splice: {"; ".join(wrong)}')


if __name__ == '__main__':
    main()
