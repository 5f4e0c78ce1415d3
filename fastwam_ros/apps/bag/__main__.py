#!/usr/bin/env python3
"""What is in a recording, what is wrong with it, parts of it, and learning data of it.

`fastwam-bag info | check | cut | rename-topics | export | lag`, or `python -m
fastwam_ros.apps.bag`. Reads what our recorder, `ros2 bag record` and the robot's own collector
write. Exit status 1 when something is wrong with the recording, 2 when the command is.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from fastwam_ros.apps.bag.doctor import examined
from fastwam_ros.apps.bag.overview import Overview
from fastwam_ros.apps.bag.rewrite import Part, Renaming, rewritten
from fastwam_ros.apps.command import Parser
from fastwam_ros.apps.learning.verbs import add_verbs
from fastwam_ros.bag.reader import Bag
from fastwam_ros.loop.contact_page import lines, sound, tree

PROGRAM = 'fastwam-bag'
_VERBS = 'info | check | cut | rename-topics | export | lag'
_ENDLESS = float('inf')


def main() -> None:
    """The command line."""
    ask = Parser(PROGRAM, description=__doc__.partition('\n')[0])
    verbs = ask.add_subparsers(required=True, metavar=_VERBS)
    info = verbs.add_parser('info', help='files, time, topics, rates')
    info.add_argument('bag', type=Path, help='mcap or sqlite3 file, or a folder of ros2 bag')
    info.add_argument('--json', type=Path, help='file for all of it; - for the terminal')
    info.set_defaults(run=_info)
    check = verbs.add_parser('check', help='what is wrong with it, as with a robot')
    check.add_argument('bag', type=Path)
    check.add_argument('--json', type=Path, help='file for the findings; - for the terminal')
    check.add_argument('--namespace', default='', help='of the robot, where there are several')
    check.set_defaults(run=_check)
    _cuts(verbs.add_parser('cut', help='a part of it, as a new mcap file'))
    rename = verbs.add_parser('rename-topics', help='the same with other names, in a new mcap')
    rename.add_argument('bag', type=Path)
    rename.add_argument('output', type=Path)
    rename.add_argument('names', nargs='*', type=_pair, metavar='OLD:=NEW')
    rename.add_argument(
        '--former-wrists', action='store_true', help="wrist cameras' image_rect_raw to image_raw"
    )
    rename.set_defaults(run=_rename)
    add_verbs(verbs)
    given = ask.parse_args()
    try:
        sys.exit(given.run(given))
    except (OSError, ValueError) as error:
        sys.exit(f'{PROGRAM}: {error}')


def _cuts(cut: argparse.ArgumentParser) -> None:
    cut.add_argument('bag', type=Path)
    cut.add_argument('output', type=Path)
    cut.add_argument('--start', type=_seconds, default=0.0, help='[s] from its first message')
    cut.add_argument('--duration', type=_seconds, default=_ENDLESS, help='[s]; to the end')
    cut.add_argument('--from', dest='since', type=_stamp, help='receive time [s], e.g. 1700.25')
    cut.add_argument('--to', dest='until', type=_stamp, help='receive time [s], within')
    cut.set_defaults(run=_cut)


def _info(given: argparse.Namespace) -> int:
    found = Overview.of(Bag(given.bag), _progress())
    if given.json is not None:
        _tell(given.json, found.tree())
    if given.json != Path('-'):
        print('\n'.join(found.lines()))
    return 0


def _check(given: argparse.Namespace) -> int:
    findings = examined(Bag(given.bag), given.namespace, _progress())
    if given.json is not None:
        _tell(given.json, {'bag': str(given.bag), 'findings': tree(findings)})
    if given.json != Path('-'):
        print('\n'.join(lines(findings)))
    return 0 if sound(findings) else 1


def _cut(given: argparse.Namespace) -> int:
    by_stamps = given.since is not None or given.until is not None
    if by_stamps and (given.start or given.duration != _ENDLESS):
        raise ValueError('cut by --start and --duration, or by --from and --to')
    bag = Bag(given.bag)
    if by_stamps:
        part = Part(given.since or 0, Part.until if given.until is None else given.until)
    else:
        part = Part.of(bag, given.start, given.duration)
    return _written(bag, given.output, part, Renaming())


def _rename(given: argparse.Namespace) -> int:
    bag = Bag(given.bag)
    pairs = dict(given.names)
    if given.former_wrists:
        pairs = Renaming.of_former_wrists(bag) | pairs
    if not pairs:
        raise ValueError('nothing to rename: give OLD:=NEW, or --former-wrists')
    return _written(bag, given.output, Part(), Renaming.checked(bag, pairs))


def _written(bag: Bag, output: Path, part: Part, renaming: Renaming) -> int:
    count = rewritten(bag, output, part, renaming, _progress())
    print(f'{count} messages written to {output}')
    if bag.problem:
        print(f'{PROGRAM}: {bag.problem}', file=sys.stderr)
    return 0


def _tell(path: Path, contents: object) -> None:
    text = json.dumps(contents, indent=1) + '\n'
    if path == Path('-'):
        print(text, end='')
    else:
        path.write_text(text)


def _progress() -> Callable[[float], None] | None:
    """A line that tells how far it is, at a terminal."""
    if not sys.stderr.isatty():
        return None
    told = [-1]

    def tell(part: float) -> None:
        percent = int(100 * part)
        if percent != told[0]:
            told[0] = percent
            end = '\r' if percent < 100 else '\r\033[K'
            print(f'\r{percent:3d} %', end=end, file=sys.stderr, flush=True)

    return tell


def _seconds(text: str) -> float:
    value = float(text)
    if not value >= 0.0:
        raise argparse.ArgumentTypeError(f'{text}: not below 0')
    return value


def _stamp(text: str) -> int:
    """Seconds to ns, to the last digit: a float has not enough of them."""
    whole, _, part = text.partition('.')
    if not (whole.isdigit() and (part.isdigit() or not part) and len(part) <= 9):
        raise argparse.ArgumentTypeError(f'{text}: seconds since 1970, e.g. 1700000000.25')
    return int(whole) * 10**9 + int(part.ljust(9, '0') or '0')


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition(':=')
    if not (old and sign and new):
        raise argparse.ArgumentTypeError(f'{text}: OLD:=NEW')
    return old, new


if __name__ == '__main__':
    main()
