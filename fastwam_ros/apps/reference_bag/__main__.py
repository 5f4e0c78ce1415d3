"""A bag as a robot and a person at its leader arms leave it: `... reference_bag OUT.mcap`.

From the simulator, without ROS, faster than real time; the same seed gives the same messages.
"""

import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from fastwam_ros.apps.command import Parser
from fastwam_ros.apps.files import writing
from fastwam_ros.apps.reference_bag.session import SCENES, Session
from fastwam_ros.apps.reference_bag.words import Style, Words
from fastwam_ros.bag.writer import BagWriter

_RATE = 200.0  # [Hz] of commands and feedback


def parser() -> Parser:
    """What may be asked."""
    ask = Parser('python -m fastwam_ros.apps.reference_bag', description=__doc__.splitlines()[0])
    ask.add_argument('out', type=Path, help='the mcap to write, which is never overwritten')
    ask.add_argument('--task', choices=list(SCENES), default='fold')
    ask.add_argument('--seed', type=_count(0), default=0, help='of the scene and the person')
    ask.add_argument('--episodes', type=_count(1), help='how often; 1 without --seconds')
    ask.add_argument('--seconds', type=_number, default=float('inf'), help='at most so many')
    ask.add_argument('--camera-rate', type=_number, default=15.0, help='[Hz] of each camera')
    ask.add_argument('--vendor', action='store_true', help="the robot's own topics alone")
    ask.add_argument('--namespace', default='', help='of the robot, such as /robot1')
    return ask


def _count(least: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        if int(text) < least:
            raise ArgumentTypeError(f'{text} is below {least}')
        return int(text)

    return count


def _number(text: str) -> float:
    if not 0.0 < float(text) < float('inf'):
        raise ArgumentTypeError(f'{text} is not above zero')
    return float(text)


def main() -> None:
    """Make it; what cannot be written ends it with one line."""
    given = parser().parse_args()
    many = given.episodes or (1 if given.seconds == float('inf') else 10**9)
    begun = time.perf_counter()
    try:
        with writing(given.out), BagWriter(given.out) as bag:
            words = Words(
                bag, Style(not given.vendor, _absolute(given.namespace)), _RATE, given.task
            )
            session = Session(words, given.task, given.seed, given.camera_rate)
            session.run(many, given.seconds)
            session.close()
    except (OSError, RuntimeError) as error:
        sys.exit(f'reference_bag: {error}')
    took = time.perf_counter() - begun
    print(
        f'{given.out}: {session.seconds:.1f} s, {session.worked} of '
        f'{session.worked + session.failed} episodes done, {session.seconds / took:.1f} times as '
        'fast as it was'
    )


def _absolute(namespace: str) -> str:
    """'/robot1' from any way to write it, '' for none."""
    return f'/{namespace.strip("/")}'.rstrip('/')


if __name__ == '__main__':
    main()
