"""First contact with a Galaxea R1 Lite.

`fastwam-r1lite check`, or `python -m fastwam_ros.apps.r1lite`. Exit status 1 when something will
not work as it stands, 2 when the command is wrong.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

PROGRAM = 'fastwam-r1lite'


class _Parser(argparse.ArgumentParser):
    """An error is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f'{PROGRAM}: {message}\n')


def main() -> None:
    """The command line."""
    ask = _Parser(PROGRAM, description=__doc__.partition('\n')[0])
    verbs = ask.add_subparsers(required=True, metavar='check')
    check = verbs.add_parser('check', help='listen to the robot, say what is wrong')
    check.add_argument('--seconds', type=float, default=5.0, help='for how long, 5 by default')
    check.add_argument('--json', type=Path, help='file for the findings')
    check.add_argument('ros', nargs='*', help='-- and what follows --ros-args, e.g. -r __ns:=/one')
    check.set_defaults(run=_check)
    given = ask.parse_args()
    sys.exit(given.run(given))


def _check(given: argparse.Namespace) -> int:
    parameters = {'seconds': str(given.seconds)}
    if given.json is not None:
        parameters['json'] = json.dumps(str(given.json))
    return _become('check', parameters, given.ros)


def _become(node: str, parameters: dict[str, str], ros: list[str]) -> int:
    """This process goes on as a node of ours: of ROS 2 where it is set up, else the stand-in's."""
    ros2 = shutil.which('ros2')
    run = [ros2] if ros2 else [sys.executable, '-m', 'rosless']
    words = [word for pair in parameters.items() for word in ('-p', ':='.join(pair))]
    command = [*run, 'run', 'fastwam_ros', node, '--ros-args', *words, *ros]
    sys.stdout.flush()
    os.execv(command[0], command)


if __name__ == '__main__':
    main()
