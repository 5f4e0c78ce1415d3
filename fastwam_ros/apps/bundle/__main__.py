#!/usr/bin/env python3
"""Checkpoint bundles: make one of released files, look at one, check one.

`fastwam-bundle create | inspect | verify`, or `python -m fastwam_ros.apps.bundle`. Exit status 1
when a bundle or its sources are wrong, 2 when the command is.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

PROGRAM = 'fastwam-bundle'

try:
    from fastwam_ros.apps.bundle.create import PLAIN, Sources, Texts, create
    from fastwam_ros.apps.bundle.profiles import ORDERS, PROFILES, Profile, profile
    from fastwam_ros.apps.bundle.show import facts, lines
    from fastwam_ros.apps.bundle.sums import SUMS
    from fastwam_ros.apps.bundle.verify import verify
    from fastwam_ros.apps.command import Parser
    from fastwam_ros.robot.units import GRIPPER_UNITS
    from fastwam_ros.wam.contract import ABSOLUTE, RELATIVE, VARIANTS
    from fastwam_ros.wam.sizes import HEAD_DIM
except ModuleNotFoundError as error:  # on the robot's computer
    sys.exit(
        f"{PROGRAM}: {error.name} is not installed: setup.py's extra policy has what it needs"
    )


def main() -> None:
    """The command line."""
    try:
        given = _arguments()
        sys.exit(given.run(given))
    except (OSError, ValueError) as error:
        print(f'{PROGRAM}: {error}', file=sys.stderr)
        sys.exit(1)


def _create(given: argparse.Namespace) -> int:
    sources = Sources(given.weights, given.vae, given.stats, given.texts, given.link)
    name, chosen = given.name or given.out.resolve().name, given.chosen
    digest = create(given.out, chosen, sources, name, given.variant, given.head_dim)
    print(f'{given.out}: {name}@{digest}, made for {chosen.robot}')
    if chosen.verify:
        print(f'no file says it: {chosen.verify}')
    return 0


def _inspect(given: argparse.Namespace) -> int:
    found = facts(given.bundle)
    print(json.dumps(found, indent=1) if given.json else '\n'.join(lines(found)))
    return 0


def _verify(given: argparse.Namespace) -> int:
    failures = list(verify(given.bundle, given.device))
    for failure in failures:
        print(f'{PROGRAM}: {failure}', file=sys.stderr)
    if not failures:
        kept = (given.bundle / SUMS).is_file()
        print(f'{given.bundle}: sound{"" if kept else f", but has no {SUMS} to be held to"}')
    return int(bool(failures))


def _chosen(given: argparse.Namespace) -> Profile:
    """The profile with what the command line says otherwise. Raises ValueError."""
    chosen = profile(given.profile)
    for change, value in (
        (Profile.ordered, given.order),
        (Profile.gripping, given.gripper),
        (Profile.representing, given.representation),
    ):
        chosen = change(chosen, value) if value else chosen
    sampler = replace(chosen.sampler, **_said(given, 'steps', 'shift'))
    return replace(chosen, sampler=sampler, **_said(given, 'step', 'offset'))


def _said(given: argparse.Namespace, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(given, name)) is not None}


def _arguments() -> argparse.Namespace:
    ask = Parser(PROGRAM, description=__doc__.partition('\n')[0])
    verbs = ask.add_subparsers(required=True, metavar='create | inspect | verify')
    make = verbs.add_parser('create', help='from released files')
    make.set_defaults(run=_create)
    _files_of(make)
    _meaning_of(make)
    look = verbs.add_parser('inspect', help='what it is, on one screen')
    look.add_argument('bundle', type=Path)
    look.add_argument('--json', action='store_true', help='for a machine')
    look.set_defaults(run=_inspect)
    check = verbs.add_parser('verify', help='unchanged, whole, and chunks like its data')
    check.add_argument('bundle', type=Path)
    check.add_argument('--device', default='cpu', help='cpu, or cuda where the bundle fits it')
    check.set_defaults(run=_verify)
    given = ask.parse_args()
    if given.run is _create:
        try:
            given.chosen = _chosen(given)
            given.texts = Texts(tuple(given.task), given.prompts, given.encoder, given.tokenizer)
        except ValueError as error:
            make.error(str(error))
    return given


def _files_of(make: argparse.ArgumentParser) -> None:
    make.add_argument('out', type=Path, help='the new folder')
    for name, what in (
        ('weights', 'policy: .pt as released, or .safetensors'),
        ('vae', "VAE of Wan 2.2: a file, or Diffusers' folder"),
        ('stats', 'dataset_stats.json that came with the weights'),
    ):
        make.add_argument(f'--{name}', type=Path, required=True, help=what)
    make.add_argument(
        '--task', action='append', default=[], help='an instruction; may be repeated'
    )
    make.add_argument('--prompts', type=Path, help='folder of cached rows, *.t5_len128.*.pt')
    make.add_argument('--encoder', type=Path, help="or encode them: Wan's UMT5 file or folder")
    make.add_argument('--tokenizer', type=Path, help="and google/umt5-xxl's folder")
    make.add_argument('--link', action='store_true', help='hard links instead of copies')


def _meaning_of(make: argparse.ArgumentParser) -> None:
    known = ', '.join(PROFILES)
    make.add_argument('--profile', required=True, help=f"{known}, or a bundle's policy.yaml")
    make.add_argument('--name', help='of the bundle; its folder, if not given')
    make.add_argument('--variant', choices=VARIANTS, default=PLAIN, help='that was trained')
    make.add_argument('--order', choices=ORDERS, help='of the columns')
    make.add_argument('--gripper', choices=GRIPPER_UNITS, help='unit of the grippers')
    make.add_argument('--representation', choices=(ABSOLUTE, RELATIVE), help='of the rows')
    make.add_argument('--step', type=float, help='time between rows [s]: 1 / fps of the data')
    make.add_argument('--offset', type=float, help='of row 0 from the picture [steps]')
    make.add_argument('--steps', type=int, help='of the sampler: 10')
    make.add_argument('--shift', type=float, help='of the sampler: 5, 1 for Optional-IDM')
    make.add_argument('--head-dim', type=int, default=HEAD_DIM, help='of a small model: 128')


if __name__ == '__main__':
    main()
