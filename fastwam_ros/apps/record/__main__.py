#!/usr/bin/env python3
"""Records an episode: `fastwam-record OUTPUT`, or `python -m fastwam_ros.apps.record`.

A line of options for the recorder node. Ctrl-C ends it.
"""

import argparse
import json
import sys

from fastwam_ros.apps.becoming import become
from fastwam_ros.apps.command import Parser

PROGRAM = 'fastwam-record'
_TEXTS = {
    'instruction': 'what is to be done',
    'operator': 'who leads or watches',
    'bundle': 'what the policy was given',
    'note': 'anything else',
}
_EPILOG = 'What follows -- goes to ROS, e.g. -- -r __ns:=/one'


def main() -> None:
    """The command line."""
    own, ros = _parted(sys.argv[1:])
    ask = Parser(PROGRAM, description=__doc__.partition('\n')[0], epilog=_EPILOG)
    ask.add_argument('output', help='a file, or a folder: there the file is named by its time')
    for name, about in _TEXTS.items():
        ask.add_argument(f'--{name}', help=about)
    ask.add_argument(
        '--split-size', type=float, metavar='MB', help='then OUTPUT is a folder of files so large'
    )
    ask.add_argument(
        '--min-free', type=float, metavar='GB', help='kept free on the disk, 1 by default'
    )
    ask.add_argument(
        '--topics', nargs='+', action='extend', default=[], help='more than those of the robot'
    )
    ask.add_argument('--quiet', action='store_true', help='no line on how it goes')
    given = ask.parse_args(own)
    try:
        become(PROGRAM, 'recorder', parameters(given), ros)
    except OSError as error:
        sys.exit(f'{PROGRAM}: {error}')


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """Before and after the first '--', which argparse only knows among positional words."""
    at = words.index('--') if '--' in words else len(words)
    return words[:at], words[at + 1 :]


def parameters(given: argparse.Namespace) -> dict[str, str]:
    """Of the node, as YAML."""
    texts = {'output': given.output, 'topics': ' '.join(given.topics)}
    texts |= {name: getattr(given, name) for name in _TEXTS}
    numbers = {'split_size': given.split_size, 'min_free': given.min_free}
    told = {name: json.dumps(text, ensure_ascii=False) for name, text in texts.items() if text}
    told |= {name: str(number) for name, number in numbers.items() if number is not None}
    return told | ({} if given.quiet else {'status': 'true'})


if __name__ == '__main__':
    main()
