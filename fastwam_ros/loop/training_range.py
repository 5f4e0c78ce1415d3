"""Where a bundle's training data has its actions, joint by joint: what a chunk should not leave.

Read from the bundle's two small files, policy.yaml and dataset_stats.json: the robot's computer
needs neither the weights nor torch. A chunk inside the range may be as wrong as any other; one
far outside comes from wrong statistics, from units or joints in another order, or from a policy
that is lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from fastwam_ros.motion.limits import Array, Trained, frozen
from fastwam_ros.robot.joints import GRIPPER_NAMES, JOINT_NAMES, ROBOT
from fastwam_ros.robot.units import data_unit
from fastwam_ros.wam.reading import build

CONTRACT, STATISTICS = 'policy.yaml', 'dataset_stats.json'
# Share of a joint's span that a chunk may leave it by. The bundled policy's own chunks leave it by
# 0.022 at most (docs/uncertainty.md): a network overshoots a little what it learnt.
MARGIN = 0.1
# And at least this much, because joints that stood still in the data have no span: rad, m.
LEAST, LEAST_OPENING = 0.05, 0.005
# Of the statistics, the first pair that is there, and the share of its span that is added on both
# sides: 1 in 50 actions of the data lies outside the quantiles, and the bundled policy's chunks by
# up to 0.72 of their span.
_PAIRS = (('global_min', 'global_max', 0.0), ('global_q01', 'global_q99', 0.75))


@dataclass(frozen=True)
class Range:
    """lower, upper [J] of names: rad, and m of gripper opening; bundle: the name of the bundle."""

    bundle: str
    names: tuple[str, ...]
    lower: Array
    upper: Array

    def widened(self, names: tuple[str, ...], margin: float = MARGIN) -> Trained:
        """The range of these joints, with a margin outside: what a chunk is held to.

        margin: share of each joint's span. Raises ValueError for a margin that is none and for
        joints that the range does not have.
        """
        if not (isfinite(margin) and margin >= 0.0):
            raise ValueError(f'margin {margin} of the training range: want 0 or more')
        missing = [name for name in names if name not in self.names]
        if missing:
            raise ValueError(
                f'bundle {self.bundle} has no training range of {missing}: '
                f'it has {", ".join(self.names)}'
            )
        chosen = [self.names.index(name) for name in names]
        lower, upper = self.lower[chosen], self.upper[chosen]
        least = np.array([LEAST_OPENING if name in GRIPPER_NAMES else LEAST for name in names])
        beyond = np.maximum(margin * (upper - lower), least)
        return Trained(self.bundle, names, frozen(lower - beyond), frozen(upper + beyond))


@dataclass(frozen=True)
class _Joints:
    """The part of policy.yaml that says what the columns of the statistics are."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    representation: str

    def __post_init__(self) -> None:
        if self.representation != 'absolute':
            raise ValueError(
                f'representation is {self.representation!r}: only absolute actions have a range '
                'of joint positions'
            )
        if len(self.units) != len(self.names):
            raise ValueError(f'{len(self.units)} units for {len(self.names)} joint names')
        if set(self.names) != set(JOINT_NAMES) or len(self.names) != len(JOINT_NAMES):
            odd = sorted(set(self.names) ^ set(JOINT_NAMES)) or 'a name twice'
            raise ValueError(f'the bundle and this robot differ in {odd}')


def training_range(bundle: Path | str) -> Range:
    """Where the actions lie that a bundle was trained on, in the bundle's order of joints.

    Smallest and largest, or, where the statistics lack them, the 1st and 99th percentiles widened
    by three quarters of their distance. Raises FileNotFoundError for a missing file, ValueError
    for a wrong one: it names file and joint.
    """
    folder = Path(bundle)
    contract = _mapping(folder / CONTRACT, 'YAML', yaml.safe_load, yaml.YAMLError)
    if contract.get('robot') != ROBOT:
        raise ValueError(f'{CONTRACT}: robot is {contract.get("robot")!r}, this is an {ROBOT!r}')
    joints = build(_Joints, contract.get('joints'), f'{CONTRACT}: joints')
    scales = np.array([data_unit(unit) for unit in joints.units])
    low, high, more = _statistics(folder / STATISTICS, joints.names)
    beyond = more * (high - low)
    lower, upper = (low - beyond) * scales, (high + beyond) * scales
    return Range(str(contract.get('name', '')), joints.names, frozen(lower), frozen(upper))


def _mapping(path: Path, form: str, parse: Any, error: type[Exception]) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(f'{path} is missing: is {path.parent} a checkpoint bundle?')
    try:
        tree = parse(path.read_text(encoding='utf-8'))
    except (error, UnicodeDecodeError) as why:
        raise ValueError(f'{path} is no {form}: {" ".join(str(why).split())}') from None
    if not isinstance(tree, dict):
        raise ValueError(f'{path} holds no names and values: is it the file of a bundle?')
    return tree


def _statistics(path: Path, names: tuple[str, ...]) -> tuple[Array, Array, float]:
    """Lower and upper columns in the bundle's units, and by what share they are to be widened."""
    tree = _mapping(path, 'JSON', json.loads, ValueError)
    try:
        leaf = tree['action']['default']
        low, high, more = next(pair for pair in _PAIRS if pair[0] in leaf and pair[1] in leaf)
    except (KeyError, TypeError):
        raise ValueError(f'{path} lacks `action` with `default` in it') from None
    except StopIteration:
        wanted = ' nor '.join(f'{low}, {high}' for low, high, _ in _PAIRS)
        raise ValueError(f'{path}: action has neither {wanted}; it has {sorted(leaf)}') from None
    lower, upper = _column(path, leaf, low, names), _column(path, leaf, high, names)
    swapped = [name for name, low, high in zip(names, lower, upper, strict=True) if low > high]
    if swapped:
        raise ValueError(f'{path}: action {low} is above {high} for {swapped}')
    return lower, upper, more


def _column(path: Path, leaf: Mapping[str, Any], key: str, names: tuple[str, ...]) -> Array:
    try:
        column = np.asarray(leaf[key], np.float64)
    except (TypeError, ValueError):
        raise ValueError(f'{path}: action {key} is no list of numbers') from None
    if column.ndim != 1:
        raise ValueError(f'{path}: action {key} is no list of numbers')
    if len(column) < len(names):
        missing = list(names[len(column) :])
        raise ValueError(f'{path}: action {key} ends before {missing}: of another robot?')
    if len(column) > len(names):
        raise ValueError(
            f'{path}: action {key} has {len(column)} values, but {CONTRACT} names '
            f'{len(names)} joints: of another robot?'
        )
    broken = [name for name, value in zip(names, column, strict=True) if not np.isfinite(value)]
    if broken:
        raise ValueError(f'{path}: action {key} is not finite for {broken}')
    return column
