"""A training run's dataset_stats.json as a bundle holds it: two groups, one list per figure.

Released files have one key, `default`, per group and are kept as they are. A run on data whose
joints come in parts (`left_arm`, `left_gripper`, ...) has a key per part, in the order in which it
concatenated them: they become one here, and the order is held against the profile's. Facts: the
released Fast-WAM processor.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastwam_ros.apps.bundle.profiles import Profile
from fastwam_ros.robot.joints import GRIPPER_NAMES, ORDERS
from fastwam_ros.robot.units import GRIPPER_UNITS, open_gripper
from fastwam_ros.wam.normaliser import MODES, Normaliser

Leaf = dict[str, list[float]]
DEFAULT, GLOBAL = 'default', 'global_'
OVERSHOOT = 1.1  # readings go a little above fully open
# The first that is there; each mode of normalisation brings one of them.
_LARGEST = ('global_q99', 'global_max', 'global_mean')


def read_statistics(path: Path, profile: Profile) -> dict[str, Any]:
    """The file's tree, with one `default` per group.

    Raises FileNotFoundError, or ValueError naming the joint: missing, in another order, not
    finite, or a gripper beyond what its unit has.
    """
    tree = _tree(path)
    columns = {'state': profile.state_columns, 'action': profile.joints}
    for group, own in columns.items():
        parts = tree.get(group)
        if not isinstance(parts, dict) or not parts or not all(map(_is_leaf, parts.values())):
            raise ValueError(f'{path} lacks {group!r} with figures in it: no dataset_stats.json?')
        if DEFAULT not in parts:
            tree[group] = {DEFAULT: folded(parts, own.names, f'{path}: {group}')}
        leaf, used = tree[group][DEFAULT], getattr(profile.normalisation, group)
        for mode in (used, *(mode for mode, keys in MODES.items() if set(keys) <= set(leaf))):
            Normaliser.from_statistics(leaf, mode, own.names, group)
        for column, (name, unit) in enumerate(zip(own.names, own.units, strict=True)):
            if name in GRIPPER_NAMES:
                _check_gripper(leaf, column, unit, f'{path}: {group} of {name}')
    return tree


def _is_leaf(value: object) -> bool:
    return isinstance(value, dict) and any(str(key).startswith(GLOBAL) for key in value)


def folded(parts: Mapping[str, Any], names: Sequence[str], what: str) -> Leaf:
    """Global figures of parts as those of all columns, in the parts' order.

    A part stands for the column of its name, and for those whose names begin with it and `_`.
    Raises ValueError where the parts are not the columns in their order.
    """
    members = {part: _members(part, names, what) for part in parts}
    listed = [name for part in parts for name in members[part]]
    missing = [name for name in names if name not in listed]
    if missing:
        raise ValueError(f'{what} has {", ".join(parts)}, but no {missing}: of another robot?')
    if listed != list(names):
        fitting = [order for order, own in ORDERS.items() if listed == list(own)]
        raise ValueError(
            f'{what} has its parts in the order {", ".join(parts)}, which is not that of the '
            f'profile: {f"--order {fitting[0]}?" if fitting else "it is of no known order"}'
        )
    figures = [key for key in next(iter(parts.values())) if key.startswith(GLOBAL)]
    return {key: _joined(parts, key, members, what) for key in figures}


def _members(part: str, names: Sequence[str], what: str) -> list[str]:
    found = [name for name in names if name == part or name.startswith(f'{part}_')]
    if not found:
        raise ValueError(f'{what} has a part {part!r}, which none of {", ".join(names)} is of')
    return found


def _joined(
    parts: Mapping[str, Any], key: str, members: Mapping[str, Sequence[str]], what: str
) -> list[float]:
    joined: list[float] = []
    for part, leaf in parts.items():
        column = leaf.get(key)
        if not isinstance(column, list) or len(column) != len(members[part]):
            raise ValueError(
                f'{what} {part} {key} is {str(column)[:60]}, want {len(members[part])} numbers: '
                f'{", ".join(members[part])}'
            )
        joined += column
    return joined


def _check_gripper(leaf: Leaf, column: int, unit: str, what: str) -> None:
    """A wrong unit opens or crushes; too large a figure shows it, too small a one cannot."""
    largest = next(leaf[key][column] for key in _LARGEST if key in leaf)
    if largest > OVERSHOOT * open_gripper(unit):
        fitting = min(
            (u for u in GRIPPER_UNITS if largest <= OVERSHOOT * open_gripper(u)),
            key=open_gripper,
            default='none of them',
        )
        raise ValueError(
            f'{what} reaches {largest:g}, but {unit} ends at {open_gripper(unit):g}: '
            f'--gripper {fitting}?'
        )


def _tree(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(
            f'{path} is missing: the statistics lie beside the released weights'
        )
    try:
        tree = json.loads(path.read_text(encoding='utf-8'))
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is no JSON ({error}): truncated?') from None
    if not isinstance(tree, dict):
        raise ValueError(f'{path} holds no groups: no dataset_stats.json?')
    return tree
