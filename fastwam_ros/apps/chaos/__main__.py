"""`make chaos`: hours of robot time in which everything happens at random; do the bounds hold?

`python -m fastwam_ros.apps.chaos --hours 2` plays seeds of a minute each, faster than real time:
streams of chunks from sensible to impossible, hands, stops, faults, e-stops, late ticks, clocks
that are set, three sets of limits, both bridges. A seed gives the same on every run. Exit status 1
when a bound or a rule is broken, with the command that shows it again.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from fastwam_ros.apps.chaos.outcome import Outcome, counts, table
from fastwam_ros.apps.chaos.run import LENGTH


def outcomes(seeds: range, processes: int) -> Iterator[Outcome]:
    """The outcome of every seed, in their order."""
    if processes == 1:
        yield from map(Outcome.of, seeds)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(Outcome.of, seeds, chunksize=4)


def chosen(text: str, hours: float | None) -> range:
    """The seeds A:B, at most as many as fill the hours. Raises ValueError for none."""
    begin, _, end = text.partition(':')
    first = int(begin)
    most = round((hours if hours is not None else 1.0) * 3600.0 / LENGTH)
    last = int(end) if end else first + most
    found = range(first, last if hours is None else min(last, first + most))
    if first < 0 or not found:
        raise ValueError(f'{text} for {hours} hours are no seeds: want A:B with 0 <= A < B')
    return found


def main() -> None:
    """Play the seeds, print what they came to."""
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.chaos', description=__doc__.splitlines()[0]
    )
    ask.add_argument('--hours', type=float, help='of robot time, 60 seeds each (1)')
    ask.add_argument('--seeds', default='0:', help='A:B, from A to before B (0: as many as fill)')
    ask.add_argument('--processes', type=int, default=os.cpu_count() or 1, help='(all cores)')
    given = ask.parse_args()
    try:
        seeds = chosen(given.seeds, given.hours)
    except ValueError as error:
        ask.error(str(error))
    begun, found = time.monotonic(), []
    for outcome in outcomes(seeds, min(max(given.processes, 1), len(seeds))):
        found.append(outcome)
        print(*outcome.report(), sep='\n', end='\n' if outcome.wrong else '', flush=True)
        _progress(len(found), len(seeds), begun)
    print(f'seeds {seeds.start}:{seeds.stop}', *table(found), *counts(found), sep='\n')
    sys.exit(1 if any(outcome.wrong for outcome in found) else 0)


def _progress(done: int, count: int, begun: float) -> None:
    if sys.stderr.isatty():
        took = time.monotonic() - begun
        end = '\n' if done == count else ''
        print(f'\r{took:5.0f} s  {done}/{count}', end=end, file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
