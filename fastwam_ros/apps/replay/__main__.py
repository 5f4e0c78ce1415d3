"""What a checkpoint would have done in a recording: `fastwam-replay BAG --bundle B`.

In process, without ROS, on the recording's own clock: the policy infers from the recorded pictures
and joints, the executor judges what it gives, and a new recording says what came of it.
"""

import sys
from argparse import Namespace
from pathlib import Path

from fastwam_ros.apps.command import Parser
from fastwam_ros.apps.replay.build import Asked, replay
from fastwam_ros.apps.replay.judges import ANCHORED, MODES
from fastwam_ros.bag.reader import BagError


def parser() -> Parser:
    """What may be asked."""
    ask = Parser(prog='fastwam-replay', description=__doc__.splitlines()[0])
    ask.add_argument('bag', type=Path, help='mcap or sqlite3, a file or the folder of ros2 bag')
    ask.add_argument('--bundle', help='the checkpoint; without: the chunks that were recorded')
    ask.add_argument('--out', type=Path, default=Path('out/replay'), help='folder for the results')
    ask.add_argument('--mode', choices=MODES, default=ANCHORED, help='see docs/replay.md')
    ask.add_argument(
        '--latency', default='', help='190ms (with a bundle), measured, or a CSV file'
    )
    ask.add_argument('--task', default='', help="the instruction; '': the recording's")
    ask.add_argument('--max-rate', type=float, default=5.0, help='[Hz] of chunks at most')
    ask.add_argument('--namespace', default='', help='of the robot, where several are recorded')
    ask.add_argument('--start', type=float, default=0.0, help='[s] from the beginning')
    ask.add_argument('--duration', type=float, default=float('inf'), help='[s] of it')
    ask.add_argument('--threads', type=int, default=1, help='of torch on a CPU')
    ask.add_argument('--device', default='cpu', help="torch's name of it")
    return ask


def asked(given: Namespace) -> Asked:
    """The arguments as they are meant."""
    return Asked(**vars(given))


def main() -> None:
    """Replay; what is no recording or no bundle ends it with one line and status 2."""
    given = asked(parser().parse_args())
    try:
        found = replay(given, _bar if sys.stderr.isatty() else None)
    except (BagError, ValueError, OSError) as error:
        sys.exit(_wrong(str(error)))
    print(*found.lines(), sep='\n')


def _wrong(words: str) -> int:
    print(f'fastwam-replay: {words}', file=sys.stderr)
    return 2


def _bar(part: float) -> None:
    width = 40
    done = round(part * width)
    print(f'\r[{"#" * done}{"." * (width - done)}] {part:4.0%}', end='', file=sys.stderr)


if __name__ == '__main__':
    main()
