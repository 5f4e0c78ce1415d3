"""A unit's own figures, as `fastwam-r1lite check --move` wrote them: its tracker's model.

Where the moves could not reach a limit the file has a bound below it; the vendor's figure stands
then, unless the bound is above it.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from fastwam_ros.robot.joints import ARM_SIZE, ARMS, ROBOT
from fastwam_ros.robot.tracker import FAST, TrackerModel

FORMAT = 1
SOURCE = 'measured'
LIMITED = ('velocity', 'acceleration', 'jerk')


def measured_tracker(path: Path | str, vendor: TrackerModel = FAST) -> TrackerModel:
    """The tracker of a file, both arms' figures together.

    vendor: what stands where nothing was measured. Raises FileNotFoundError, or ValueError that
    names file, field, value and limit.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f'{file} is missing: fastwam-r1lite check --move writes one')
    tree = _tree(file)
    joints = _mapping(file, tree, 'joints')
    known = {joint.name for joint in ARMS}
    if unknown := sorted(set(joints) - known):
        raise ValueError(f'{file}: joints {unknown} are none of this robot: {sorted(known)}')
    figures = {
        name: tuple(
            _together(file, joints, name, number, getattr(vendor, name)[number])
            for number in range(ARM_SIZE)
        )
        for name in LIMITED
    }
    silence = _mapping(file, tree, 'silence')
    timeout = _one(file, 'silence', silence, 'stream_timeout', vendor.stream_timeout)
    delays = [
        value
        for joint in joints
        for value in _values(file, joint, _mapping(file, joints, joint), 'delay')
    ]
    # A delay that is none may be measured a little below.
    delay = max(sum(delays) / len(delays), 0.0) if delays else vendor.delay
    try:
        return replace(
            vendor, name=SOURCE, delay=delay, stream_timeout=timeout, limits_from=SOURCE, **figures
        )
    except ValueError as error:
        raise ValueError(f'{file}: {error}') from None


def _tree(file: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(file.read_text(encoding='utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f'{file} is no YAML: {" ".join(str(error).split())}') from None
    if not isinstance(tree, dict) or tree.get('format') != FORMAT:
        found = tree.get('format') if isinstance(tree, dict) else tree
        raise ValueError(f'{file}: format is {found!r}, want {FORMAT}: is it a measured file?')
    if tree.get('robot') != ROBOT:
        raise ValueError(f'{file}: robot is {tree.get("robot")!r}, this is an {ROBOT!r}')
    return tree


def _mapping(file: Path, tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = tree.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f'{file}: {name} is {found!r}, want names and figures')
    return found


def _together(
    file: Path, joints: Mapping[str, Any], name: str, number: int, vendor: float
) -> float:
    """One figure of one joint of both arms: the mean of what was measured, or a bound."""
    same = [ARMS[number].name, ARMS[number + ARM_SIZE].name]
    entries = {joint: _mapping(file, joints, joint) for joint in same}
    values = [v for joint, each in entries.items() for v in _values(file, joint, each, name)]
    if values:
        return sum(values) / len(values)
    return max(_one(file, joint, each, name, vendor) for joint, each in entries.items())


def _values(file: Path, where: str, figures: Mapping[str, Any], name: str) -> list[float]:
    """The measured value, if there is one."""
    figure = _mapping(file, figures, name)
    return [_number(file, f'{where} {name}', figure['value'])] if 'value' in figure else []


def _one(file: Path, where: str, figures: Mapping[str, Any], name: str, vendor: float) -> float:
    """A value, or the vendor's where it is not below a bound."""
    if values := _values(file, where, figures, name):
        return values[0]
    bound = _mapping(file, figures, name).get('at_least', 0.0)
    return max(vendor, _number(file, f'{where} {name}', bound))


def _number(file: Path, what: str, value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError(f'{file}: {what} is {value!r}, want a number')
    return float(value)
