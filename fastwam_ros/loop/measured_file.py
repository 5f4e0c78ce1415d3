"""What was identified as a tree for a YAML file, and as lines for a terminal.

`robot.measured` reads the file again: names and units are those of its header.
"""

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Any

from fastwam_ros.loop.clocks import UNKNOWN, Behind
from fastwam_ros.loop.figures import Figure, Fit
from fastwam_ros.loop.identification import Identified, Rest
from fastwam_ros.robot.joints import ARMS, ROBOT
from fastwam_ros.robot.measured import FORMAT, LIMITED, SOURCE

_DIGITS = 4


def tree(found: Identified, about: Mapping[str, Any]) -> dict[str, Any]:
    """The file's contents; about: date, host, firmware and what else is known of the run."""
    joints = {
        ARMS[number].name: _joint(found, number)
        for number in range(len(ARMS))
        if number in found.trackers or number < len(found.rests)
    }
    silence: dict[str, Any] = {f'drift_{name}': entry(each) for name, each in found.drifts.items()}
    if found.timeout is not None:
        silence['stream_timeout'] = entry(found.timeout)
    head = {'format': FORMAT, 'robot': ROBOT, **about}
    units = 'rad, s, and wire units of grippers; uncertainty: two standard deviations'
    cameras = {name: _camera(each) for name, each in found.latencies.items()}
    clocks = {name: _clock(each) for name, each in found.clocks.items()}
    rest = {'joints': joints, 'silence': silence, 'cameras': cameras, 'clocks': clocks}
    return {**head, 'units': units, **rest}


def entry(figure: Figure) -> dict[str, Any]:
    """One figure with its source."""
    if figure.at_least:
        return {'at_least': _round(figure.value), 'source': SOURCE}
    uncertainty = _round(figure.uncertainty)
    return {'value': _round(figure.value), 'uncertainty': uncertainty, 'source': SOURCE}


def lines(found: Identified) -> Iterator[str]:
    """One line per joint that was moved, one per other figure."""
    for number, tracker in found.trackers.items():
        parts = [f'{name} {figure}' for name, figure in _tracker(tracker).items()]
        parts += [f'{name} {each}' for name, each in _rest(found.rests[number]).items()]
        fits = f'the model is off by {tracker.residual:.1e} rad (rms)'
        yield f'{ARMS[number].name}: {", ".join(parts)}; {fits}'
    if found.timeout is not None:
        yield f'stream_timeout {found.timeout} s'
    for name, drift in found.drifts.items():
        yield f'{name} without commands: drifts {drift}'
    for name, latency in found.latencies.items():
        seen = (
            'not seen: no arm moved in it, or something else did'
            if latency is None
            else f'latency {latency} s'
        )
        yield f'{name} camera: {seen}'
    for name, behind in found.clocks.items():
        yield f"clock of {name}: behind this host's by {behind}"


def _joint(found: Identified, number: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    if number in found.trackers:
        tracker = found.trackers[number]
        figures |= {name: entry(figure) for name, figure in _tracker(tracker).items()}
        figures['residual'] = _round(tracker.residual)
    if number < len(found.rests):
        figures |= {name: entry(figure) for name, figure in _rest(found.rests[number]).items()}
    return figures


def _camera(latency: Figure | None) -> dict[str, Any]:
    return {'seen': False} if latency is None else {'seen': True, 'latency': entry(latency)}


def _clock(behind: Behind) -> dict[str, Any]:
    """The bounds in seconds; `host` of the file is whose clock it is compared with."""
    tenths = 1e4  # of a millisecond: bounds are rounded outwards
    least = {} if behind.least == UNKNOWN else {'at_least': floor(behind.least * tenths) / tenths}
    most = {'at_most': ceil(behind.most * tenths) / tenths}
    return {'behind': {**least, **most, 'source': SOURCE}}


def _tracker(fit: Fit) -> dict[str, Figure]:
    return {**{name: getattr(fit, name) for name in LIMITED}, 'delay': fit.delay}


def _rest(rest: Rest) -> dict[str, Figure]:
    return {'sag': rest.sag, 'noise': rest.noise}


def _round(value: float) -> float:
    return float(f'{value:.{_DIGITS}g}')
