"""A unit's own figures, as `fastwam-r1lite check --move` wrote them: its tracker, its cameras.

Where the moves could not reach a limit the file has a bound below it; the vendor's figure stands
then, unless the bound is above it.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import yaml

from fastwam_ros.robot.joints import ARM_SIZE, ARMS, ROBOT
from fastwam_ros.robot.topics import CAMERAS
from fastwam_ros.robot.tracker import FAST, TrackerModel

FORMAT = 1
SOURCE = 'measured'
LIMITED = ('velocity', 'acceleration', 'jerk')
_FOLLOWED = ('velocity', 'acceleration')
_LATENCY = (-0.5, 1.0)  # [s] that a camera's can be


def measured_tracker(path: Path | str, vendor: TrackerModel = FAST) -> TrackerModel:
    """The tracker of a file, both arms' figures together.

    vendor: what stands where nothing was measured. Raises FileNotFoundError, or ValueError that
    names file, field, value and limit.
    """
    file, tree = _tree(path)
    joints = _joints(file, tree)
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


def measured_reach(path: Path | str) -> dict[str, tuple[float, ...]]:
    """Velocity and acceleration [6] that an arm was measured to follow; inf where a bound is.

    Of both arms the slower. Jerk is left out: a tracker that smooths much would make stops long,
    and no command is better followed for it. Raises as measured_tracker does.
    """
    file, tree = _tree(path)
    joints = _joints(file, tree)
    return {
        name: tuple(_slower(file, joints, name, number) for number in range(ARM_SIZE))
        for name in _FOLLOWED
    }


def _slower(file: Path, joints: Mapping[str, Any], name: str, number: int) -> float:
    found = min(_same(file, joints, name, number), default=inf)
    if not found > 0.0:  # nor is a NaN
        raise ValueError(f'{file}: {name} of joint {number + 1} is {found:g}: above 0')
    return found


def measured_latencies(path: Path | str) -> dict[str, float]:
    """By how much [s] the stamps of each camera are after what it shows; no more than are known.

    Raises as measured_tracker does.
    """
    file, tree = _tree(path)
    cameras = _mapping(file, tree, 'cameras')
    if unknown := sorted(set(cameras) - set(CAMERAS)):
        raise ValueError(f'{file}: cameras {unknown} are none of this robot: {sorted(CAMERAS)}')
    found = {}
    for name in cameras:
        for value in _values(file, name, _mapping(file, cameras, name), 'latency'):
            if not _LATENCY[0] <= value <= _LATENCY[1]:  # nor is a NaN
                low, high = _LATENCY
                raise ValueError(f'{file}: {name} latency is {value:g} s: {low:g} to {high:g}')
            found[name] = value
    return found


def _tree(path: Path | str) -> tuple[Path, dict[str, Any]]:
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f'{file} is missing: fastwam-r1lite check --move writes one')
    try:
        tree = yaml.safe_load(file.read_text(encoding='utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f'{file} is no YAML: {" ".join(str(error).split())}') from None
    if not isinstance(tree, dict) or tree.get('format') != FORMAT:
        found = tree.get('format') if isinstance(tree, dict) else tree
        raise ValueError(f'{file}: format is {found!r}, want {FORMAT}: is it a measured file?')
    if tree.get('robot') != ROBOT:
        raise ValueError(f'{file}: robot is {tree.get("robot")!r}, this is an {ROBOT!r}')
    return file, tree


def _joints(file: Path, tree: Mapping[str, Any]) -> dict[str, Any]:
    joints = _mapping(file, tree, 'joints')
    known = {joint.name for joint in ARMS}
    if unknown := sorted(set(joints) - known):
        raise ValueError(f'{file}: joints {unknown} are none of this robot: {sorted(known)}')
    return joints


def _mapping(file: Path, tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = tree.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f'{file}: {name} is {found!r}, want names and figures')
    return found


def _together(
    file: Path, joints: Mapping[str, Any], name: str, number: int, vendor: float
) -> float:
    """One figure of one joint of both arms: the mean of what was measured, or a bound."""
    if values := _same(file, joints, name, number):
        return sum(values) / len(values)
    same = [ARMS[number].name, ARMS[number + ARM_SIZE].name]
    return max(_one(file, each, _mapping(file, joints, each), name, vendor) for each in same)


def _same(file: Path, joints: Mapping[str, Any], name: str, number: int) -> list[float]:
    """What was measured of one figure of one joint, of each arm."""
    same = [ARMS[number].name, ARMS[number + ARM_SIZE].name]
    return [v for each in same for v in _values(file, each, _mapping(file, joints, each), name)]


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
