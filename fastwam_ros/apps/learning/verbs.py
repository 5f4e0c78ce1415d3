"""The verbs of `fastwam-bag` that make learning data, and drive with them again."""

import argparse
import time
from pathlib import Path
from typing import Any

from fastwam_ros.bag.reader import Bag

VERSIONS, CODECS = ('v2.1', 'v3.0'), ('av1', 'h264')
_EXTRA = "pip install 'fastwam_ros[learning]'"


def add_verbs(verbs: Any) -> None:
    """To a command's subparsers; each sets `run`, which gives the exit status."""
    make = verbs.add_parser('export', help='recordings to a LeRobot dataset')
    make.set_defaults(run=_export)
    make.add_argument('--lerobot', type=Path, required=True, metavar='OUT', help='the new folder')
    make.add_argument('bags', type=Path, nargs='+', metavar='RUN', help='recordings')
    make.add_argument(
        '--format', choices=VERSIONS, default=VERSIONS[0], help='codebase_version of LeRobot'
    )
    make.add_argument('--video', choices=CODECS, default=CODECS[0], help='coding of the pictures')
    make.add_argument('--namespace', default='', help='of the robot, where there are several')
    make.add_argument('--task', default='', help='instruction, in place of the recorded one')
    drive = verbs.add_parser('lag', help='drive an exported episode: is it executed in time?')
    drive.set_defaults(run=_lag)
    drive.add_argument('dataset', type=Path, help='that was exported')
    drive.add_argument('bag', type=Path, help='the recording that the episode is of')
    drive.add_argument('--namespace', default='')
    drive.add_argument('--episode', type=int, default=0)
    drive.add_argument('--offset', type=float, default=0.0, help='of row 0 [steps]')
    drive.add_argument('--latency', type=float, default=0.2, help='from picture to chunk [s]')


def _export(given: argparse.Namespace) -> int:
    _needs_extra()
    from fastwam_ros.apps.learning.export import Wanted, export, told
    from fastwam_ros.apps.learning.layouts import LAYOUTS

    begun = time.monotonic()
    wanted = Wanted(LAYOUTS[given.format], given.video, given.task, given.namespace)
    made = export(given.lerobot, given.bags, wanted)
    took = time.monotonic() - begun
    print(
        f'{given.lerobot}: {made.episodes} episodes, {made.frames} frames, {made.seconds:.1f} s, '
        f'LeRobot {given.format}, {given.video}, in {took:.1f} s: '
        f'{made.seconds / took:.2f} times real time'
    )
    if left := told(made.left_out):
        print(f'left out: {left}')
    if made.unlike:
        print(f'left out, because not all recordings have it: {", ".join(made.unlike)}')
    return 0


def _lag(given: argparse.Namespace) -> int:
    _needs_extra()
    from fastwam_ros.apps.learning.exported import read_episode
    from fastwam_ros.apps.learning.lag import RATE, lag, rollout
    from fastwam_ros.apps.learning.recording import Recording

    driven = rollout(read_episode(given.dataset, given.episode), given.latency, given.offset)
    late = lag(driven, Recording.read(Bag(given.bag), given.namespace))
    for why in driven.refused:
        print(f'refused: {why}')
    print(
        f'episode {given.episode}: executed {late:+.2f} ticks ({1000 * late / RATE:+.1f} ms) '
        f'after the recorded commands, at offset {given.offset:g} and {given.latency:g} s latency'
    )
    return 0


def _needs_extra() -> None:
    try:
        import av  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ValueError(f'{error.name} is not installed: {_EXTRA}') from None
