"""`make bench`: what each part of the loop costs on this machine: a table, a page and a picture.

Figures are medians over many calls; where a ratio says more than a time, both come from the same
run. Nothing is asserted: a figure that got worse is for a person to see.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fastwam_ros.apps.bench import page as pages
from fastwam_ros.apps.bench import parts, wam
from fastwam_ros.apps.bench import run as wire
from fastwam_ros.apps.bench.rows import ROOT, Results, Row, show
from fastwam_ros.apps.bench.variants import Place
from fastwam_ros.apps.files import writing
from fastwam_ros.wam.policy import Policy

BUNDLE = ROOT / 'bundles' / 'tiny_r1lite'
SECTIONS = ('parts', 'demo', 'stand-in', 'wam')


def measure(threads: int, sections: list[str]) -> Iterator[Row]:
    """Rows in the order of the page; demo is compared with parts, so it measures them first."""
    if 'parts' in sections or 'demo' in sections:
        rows = list(_parts(threads))
        yield from rows if 'parts' in sections else ()
        alone = {row.name: row.median for row in rows}
    if 'demo' in sections:
        yield from wire.demo(alone['inference'], alone['executor tick'])
    if 'stand-in' in sections:
        yield from wire.stand_in()
    if 'wam' in sections:
        for size in wam.SIZES:
            yield from wam.measure(size, Place('cpu', 'fp32', threads))


def _parts(threads: int) -> Iterator[Row]:
    policy = Policy.load(BUNDLE, threads=threads)
    yard = parts.yardstick()
    yield yard
    yield parts.camera_path(policy)
    yield parts.inference(policy, threads, yard)
    yield from parts.core()


def write(results: Results, out: Path) -> None:
    """The results as JSON beside those of other machines, and the page and picture of them all."""
    name = re.sub(r'\W+', '_', f'{results.machine}_{results.cores}_cores').strip('_').lower()
    results.write(out / 'benchmarks' / f'{name}.json')
    pages.draw(results, out / 'benchmarks.png')
    found = pages.read_folder(out / 'benchmarks')
    (out / 'benchmarks.md').write_text(pages.page(found, 'benchmarks.png'))


def main(arguments: Sequence[str]) -> None:
    """Measure, print, write."""
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.bench', description=__doc__.splitlines()[0]
    )
    ask.add_argument('--threads', type=int, default=1, help='of torch')
    ask.add_argument('--machine', default='', help="its name on the page; '' for the processor's")
    ask.add_argument('--only', choices=SECTIONS, action='append', help='default: all of them')
    ask.add_argument('--out', type=Path, help='folder for the page, the picture and the results')
    given = ask.parse_args(arguments)
    if given.threads < 1:
        ask.error(f'{given.threads} threads: at least 1')
    rows = []
    try:
        if given.out is not None:  # what is wrong with it is said before minutes of measuring
            with writing(given.out):
                (given.out / 'benchmarks').mkdir(parents=True, exist_ok=True)
        for row in measure(given.threads, given.only or list(SECTIONS)):
            show(row)
            rows.append(row)
        if given.out is not None:
            with writing(given.out):
                write(Results.here(given.machine, 'make bench', rows), given.out)
    except (OSError, ValueError, RuntimeError) as error:
        sys.exit(f'bench: {error}')
