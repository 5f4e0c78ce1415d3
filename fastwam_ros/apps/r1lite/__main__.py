#!/usr/bin/env python3
"""First contact with a Galaxea R1 Lite, and figures taken from it.

`fastwam-r1lite check | limits`, or `python -m fastwam_ros.apps.r1lite`. Exit status 1 when
something will not work as it stands, 2 when the command is wrong.
"""

import argparse
import json
import sys
from pathlib import Path

from fastwam_ros.apps.becoming import become
from fastwam_ros.apps.command import Parser
from fastwam_ros.apps.files import writing

PROGRAM = 'fastwam-r1lite'


def main() -> None:
    """The command line."""
    ask = Parser(PROGRAM, description=__doc__.partition('\n')[0])
    verbs = ask.add_subparsers(required=True, metavar='check | limits')
    check = verbs.add_parser('check', help='listen to the robot, say what is wrong')
    check.add_argument('--seconds', type=float, default=5.0, help='for how long, 5 by default')
    check.add_argument('--json', type=Path, help='file for the findings')
    _moves(check)
    check.add_argument('ros', nargs='*', help='-- and what follows --ros-args, e.g. -r __ns:=/one')
    check.set_defaults(run=_check)
    limits = verbs.add_parser('limits', help='how fast people moved the arms in recordings')
    limits.add_argument('bags', nargs='+', type=Path, help='recordings, or folders of them')
    limits.add_argument('--quantile', type=_quantile, default=0.995, help='0.995 by default')
    limits.add_argument(
        '--source', choices=('commands', 'feedback'), default='', help='commands if there are any'
    )
    limits.add_argument('--namespace', default='', help='of the robot, where there are several')
    limits.add_argument('--output', type=Path, help="YAML for the executor's parameters")
    limits.set_defaults(run=_limits)
    given = ask.parse_args()
    try:
        sys.exit(given.run(given))
    except (OSError, ValueError) as error:
        sys.exit(f'{PROGRAM}: {error}')


def _quantile(text: str) -> float:
    value = float(text)
    if not 0.5 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f'{value:g}: 0.5 to 1')
    return value


def _limits(given: argparse.Namespace) -> int:
    # The robot's computer, which checks, need not be able to read bags.
    from fastwam_ros.apps.r1lite.limits import MARGIN, lines, shown, speed, write

    found = shown(given.bags, given.quantile, given.source, given.namespace)
    print('\n'.join(lines(found, given.quantile)))
    print(f'speed: {speed(found):.2f} lets all of it pass, with a margin of {MARGIN - 1.0:.0%}')
    if given.output is not None:
        with writing(given.output):
            write(given.output, found, given.quantile, given.bags)
    return 0


def _moves(check: argparse.ArgumentParser) -> None:
    check.add_argument('--move', action='store_true', help='then measure the engaged arms')
    check.add_argument('--arm', help='left, right or both (default)')
    check.add_argument('--joints', help='e.g. 123; all six by default')
    check.add_argument('--reach', type=float, help='[rad] half of a step, 0.15 by default')
    check.add_argument('--no-silence', action='store_true', help='do not disengage at the end')
    check.add_argument('--cut', action='store_true', help='end with an e-stop in motion')
    check.add_argument('--firmware', help='for the file')
    check.add_argument('--output', help='r1lite_measured.yaml by default')


def _check(given: argparse.Namespace) -> int:
    parameters = {'seconds': str(given.seconds)}
    for name in ('json', 'arm', 'joints', 'firmware', 'output'):
        if (text := getattr(given, name)) is not None:
            parameters[name] = json.dumps(str(text))
    if given.reach is not None:
        parameters['reach'] = str(given.reach)
    for name, told in (('move', given.move), ('cut', given.cut)):
        parameters |= {name: 'true'} if told else {}
    parameters |= {'silence': 'false'} if given.no_silence else {}
    return become(PROGRAM, 'check', parameters, given.ros)


if __name__ == '__main__':
    main()
