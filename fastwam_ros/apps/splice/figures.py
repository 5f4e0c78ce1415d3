"""The figures of one method in one scenario and of one seed, and of several seeds together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from fastwam_ros.apps.smoothness import ldlj, sparc
from fastwam_ros.apps.splice import metrics
from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.apps.splice.methods import LIMITS
from fastwam_ros.apps.splice.play import Played
from fastwam_ros.apps.splice.reaction import WITHIN, floor, reaction
from fastwam_ros.apps.splice.scenarios import Delivery, Reach, Scenario, Truth
from fastwam_ros.motion.limits import Array
from fastwam_ros.motion.status import ACCEPTED

_BEGIN = 1.0  # [s] in which all begin, and which is left out
_MOVEMENT = 1.6  # [s] from the begin of a reach on: a rule that is late is done by then

Figures = dict[str, float]


@dataclass(frozen=True)
class Figure:
    """What a figure is called, its unit, and which end of it is bad: +1 the high one."""

    words: str
    unit: str
    bad: int = 1


FIGURES: dict[str, Figure] = {
    'jump': Figure('step beyond v h', 'mrad'),
    'v': Figure('velocity', 'rad/s'),
    'v999': Figure('velocity, p99.9', 'rad/s'),
    'a': Figure('acceleration', 'rad/s2'),
    'a999': Figure('acceleration, p99.9', 'rad/s2'),
    'j': Figure('jerk', 'rad/s3'),
    'j999': Figure('jerk, p99.9', 'rad/s3'),
    'jrms': Figure('jerk, rms', 'rad/s3'),
    'ldlj': Figure('LDLJ', '', -1),
    'sparc': Figure('SPARC', '', -1),
    'error': Figure('error, rms', 'mrad'),
    'lag': Figure('lag', 'ms'),
    'reaction': Figure('reaction', 'ms'),
    'missed': Figure('reaches missed', ''),
    'floor': Figure('floor of the reaction', 'ms'),
    'gap': Figure('reaction above its floor', 'ms'),
    'stops': Figure('stops', ''),
    'refused': Figure('chunks refused', '%'),
    'tick': Figure('tick', 'us'),
    'chunk': Figure('chunk', 'ms'),
}


def figures(
    played: Played, scenario: Scenario, truth: Truth, coming: Sequence[Delivery]
) -> Figures:
    """All figures of a run that make sense for its method."""
    times = metrics.ticks(0, len(played.commands), TICK)
    begun = times >= _BEGIN
    commands, wanted = played.commands[begun], truth.at(times[begun])
    calm = np.array([scenario.calm(t) for t in times[begun]])
    reaches = [reach for reach in truth.reaches if scenario.calm(reach.begin)]
    found = _bounds(commands) | _smoothness(played.commands, reaches)
    found['error'] = 1e3 * metrics.error(commands[calm], wanted[calm])
    found['lag'] = 1e3 * metrics.lag(commands, wanted, TICK)
    found |= _reactions(played, truth, reaches, coming)
    if played.states:
        found['stops'] = float(played.stops)
        refused = sum(verdict != ACCEPTED for verdict in played.verdicts)
        found['refused'] = 100.0 * refused / max(len(played.verdicts), 1)
    if played.tick_us:
        found['tick'], found['chunk'] = median(played.tick_us), median(played.chunk_ms)
    return found


def _bounds(commands: Array) -> Figures:
    found = {'jump': 1e3 * metrics.jump(commands, LIMITS.velocity, TICK)}
    for name, values in zip('vaj', metrics.differences(commands, TICK), strict=True):
        found[name], found[f'{name}999'] = metrics.tail(values)
        if name == 'j':
            found['jrms'] = float(np.sqrt((values**2).mean()))
    return found


def _smoothness(commands: Array, reaches: Iterable[Reach]) -> Figures:
    moves = []
    for reach in reaches:
        first = round(reach.begin / TICK)
        moves.append(commands[first : first + round(_MOVEMENT / TICK), reach.change != 0.0])
    return {
        'ldlj': median(ldlj(move, TICK) for move in moves),
        'sparc': median(sparc(move, TICK) for move in moves),
    }


def _reactions(
    played: Played, truth: Truth, reaches: Sequence[Reach], coming: Sequence[Delivery]
) -> Figures:
    took = [reaction(truth, reach, played.commands) for reach in reaches]
    found = {
        'reaction': 1e3 * median(min(t, WITHIN) for t in took),
        'missed': float(sum(np.isinf(took))),
    }
    if played.states:
        least = [floor(truth, reach, coming, played.states, LIMITS) for reach in reaches]
        both = [(t, f) for t, f in zip(took, least, strict=True) if np.isfinite([t, f]).all()]
        found['floor'] = 1e3 * median(f for _, f in both)
        found['gap'] = 1e3 * median(t - f for t, f in both)
    return found


def together(seeds: Sequence[Figures]) -> dict[str, tuple[float, float]]:
    """Median and worst over the seeds, of every figure that all of them have."""
    names = [name for name in FIGURES if all(name in each for each in seeds)]
    return {name: _both([each[name] for each in seeds], FIGURES[name].bad) for name in names}


def _both(values: list[float], bad: int) -> tuple[float, float]:
    return median(values), max(values) if bad > 0 else min(values)
