#!/usr/bin/env python3
"""What a checkpoint would have done in a recording: `fastwam-replay BAG --bundle B`.

In process, without ROS, on the recording's own clock: the policy infers from the recorded pictures
and joints, the executor judges what it gives, and a new recording says what came of it. Exit
status 1 when a threshold was missed or a metric got worse, 2 for what cannot be replayed.
"""

import sys
from argparse import Namespace
from dataclasses import fields, replace
from pathlib import Path

from fastwam_ros.apps.command import Parser
from fastwam_ros.apps.replay.build import Asked, replay
from fastwam_ros.apps.replay.judges import ANCHORED, MODES
from fastwam_ros.apps.replay.measures.against import side_by_side
from fastwam_ros.apps.replay.results import Results, Wanted
from fastwam_ros.bag.reader import BagError

_OTHER = 'compared'  # folder of the second bundle's results


def parser() -> Parser:
    """What may be asked."""
    ask = Parser(prog='fastwam-replay', description=__doc__.splitlines()[0])
    ask.add_argument('bag', type=Path, help='mcap or sqlite3, a file or the folder of ros2 bag')
    ask.add_argument('--bundle', help='the checkpoint; without: the chunks that were recorded')
    ask.add_argument('--compare', metavar='BUNDLE', help='another checkpoint, side by side')
    ask.add_argument('--out', type=Path, default=Path('out/replay'), help='folder for the results')
    ask.add_argument('--mode', choices=MODES, default=ANCHORED, help='see docs/replay.md')
    ask.add_argument('--latency', default='', help='190ms (with a bundle), measured, a CSV file')
    ask.add_argument('--thresholds', type=Path, help='YAML of what metrics must reach')
    ask.add_argument('--against', type=Path, help='metrics.json of a replay not to be worse than')
    ask.add_argument('--task', default='', help="the instruction; '': the recording's")
    ask.add_argument('--max-rate', type=float, default=5.0, help='[Hz] of chunks at most')
    ask.add_argument('--namespace', default='', help='of the robot, where several are recorded')
    ask.add_argument('--start', type=float, default=0.0, help='[s] from the beginning')
    ask.add_argument('--duration', type=float, default=float('inf'), help='[s] of it')
    ask.add_argument('--threads', type=int, default=1, help='of torch on a CPU')
    ask.add_argument('--device', default='cpu', help="torch's name of it")
    return ask


def main() -> None:
    """Replay; what is no recording or no bundle ends it with one line."""
    given = parser().parse_args()
    try:
        good = run(given)
    except (BagError, ValueError, OSError) as error:
        _tell('')
        print(f'fastwam-replay: {error}', file=sys.stderr)
        sys.exit(2)
    sys.exit(0 if good else 1)


def run(given: Namespace) -> bool:
    """Replay with one bundle or two; whether the first was good enough."""
    wanted = Wanted.read(given.thresholds, given.against)
    names = [field.name for field in fields(Asked)]
    asked = Asked(**{name: getattr(given, name) for name in names})
    one = _results(asked, wanted)
    print(*one.lines(), sep='\n')
    if given.compare:
        second = replace(asked, bundle=given.compare, out=asked.out / _OTHER)
        other = _results(second, Wanted()).measures.numbers()
        print(side_by_side(one.measures.metrics(), other, (str(asked.bundle), given.compare)))
    return one.good


def _results(asked: Asked, wanted: Wanted) -> Results:
    found = replay(asked, _bar if sys.stderr.isatty() else None)
    _tell('measuring')
    results = Results.of(found.path, wanted)
    _tell('')
    print(*found.lines(), sep='\n')
    return results


def _bar(part: float) -> None:
    width = 40
    done = round(part * width)
    _tell(f'[{"#" * done}{"." * (width - done)}] {part:4.0%}')


def _tell(words: str) -> None:
    """One line that the next one takes the place of, where somebody looks."""
    if sys.stderr.isatty():
        print(f'\r\033[K{words}', end='', file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
