"""The picture: one joint through a reach by a few methods, beside the figures of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.apps.splice.methods import ACCELERATION, EXECUTOR
from fastwam_ros.apps.splice.metrics import ticks
from fastwam_ros.apps.splice.results import TRUTH, Splices
from fastwam_ros.apps.splice.scenarios import Delivery, Reach, Truth
from fastwam_ros.motion.limits import Array

SHOWN = (
    'newest, straight between rows',
    'temporal ensembling',
    'cross-fade 200 ms',
    f'{EXECUTOR}, fast',
    f'{EXECUTOR}, smooth',
)
_COLOURS = ('#b0563a', '#8a6fb0', '#d1a02f', '#1f6fb2', '#2f9e77')
_TRUTH, _LIMIT = '#555555', '#c22f2f'
_BEFORE, _AFTER = 0.2, 1.8  # [s] around the begin of the reach


@dataclass(frozen=True)
class Passage:
    """What was commanded [N, D] by the methods of SHOWN while a reach was to be followed."""

    truth: Truth
    reach: Reach
    coming: Sequence[Delivery]
    commands: dict[str, Array]


def draw(found: Splices, scenario: str, passage: Passage, path: Path) -> None:
    """Write the picture as PNG."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(13.5, 6.6), layout='constrained')
    left, right = figure.subfigures(1, 2, width_ratios=(10, 9))
    position, acceleration = left.subplots(2, 1, sharex=True)
    _passage(position, acceleration, passage)
    left.suptitle('One joint through a reach that nobody foresaw', fontsize=11)
    pushes, reactions = right.subplots(1, 2, sharey=True)
    _bars(pushes, reactions, found, scenario)
    right.suptitle(
        f'{scenario}, all joints, {found.seeds} seeds of {found.seconds:g} s', fontsize=11
    )
    figure.savefig(path, dpi=110)


def _passage(position: Any, acceleration: Any, passage: Passage) -> None:
    reach, lead = passage.reach, passage.reach.lead
    first = round((reach.begin - _BEFORE) / TICK)
    times = ticks(first, round((_BEFORE + _AFTER) / TICK), TICK)
    seconds = times - reach.begin
    wanted = passage.truth.at(times)[:, lead]
    position.plot(seconds, wanted, color=_TRUTH, linestyle='--', linewidth=1.6, label=TRUTH)
    for name, colour in zip(SHOWN, _COLOURS, strict=True):
        line = passage.commands[name][first : first + len(times), lead]
        own = name.startswith(EXECUTOR)
        style = {'color': colour, 'linewidth': 2.0 if own else 1.1, 'zorder': 3 if own else 2}
        position.plot(seconds, line, label=name, **style)
        curve = np.diff(passage.commands[name][first - 1 : first + len(times) + 1, lead], 2)
        acceleration.plot(seconds, curve / TICK**2, **style)
    _arrivals(position, passage, reach)
    position.set_ylabel('position, rad')
    position.legend(fontsize=8, loc='best')
    for bound in (-ACCELERATION, ACCELERATION):
        acceleration.axhline(bound, color=_LIMIT, linewidth=1.0, linestyle=':')
    acceleration.set_yscale('symlog', linthresh=10.0, linscale=1.6)
    acceleration.set_yticks([-1000, -100, -10, -6, 0, 6, 10, 100, 1000])
    acceleration.set_yticklabels(['-1000', '-100', '', '-6', '0', '6', '', '100', '1000'])
    acceleration.set(
        xlabel='s after the reach began', ylabel='acceleration, rad/s2', xlim=(-_BEFORE, _AFTER)
    )
    acceleration.text(
        _AFTER - 0.02, ACCELERATION, 'limit', color=_LIMIT, fontsize=8, ha='right', va='bottom'
    )
    for axes in (position, acceleration):
        axes.grid(alpha=0.25)


def _arrivals(axes: Any, passage: Passage, reach: Reach) -> None:
    for delivery in passage.coming:
        at = delivery.arrival - reach.begin
        if -_BEFORE < at < _AFTER:
            axes.axvline(at, color='#cccccc', linewidth=0.8, zorder=0)
    first = next(each.arrival for each in passage.coming if each.seen >= reach.begin)
    axes.axvline(first - reach.begin, color='#777777', linewidth=1.2, zorder=0)
    axes.annotate(
        'first chunk that shows it',
        (first - reach.begin, 0.02),
        (-5, 0),
        xycoords=('data', 'axes fraction'),
        textcoords='offset points',
        ha='right',
        fontsize=8,
        color='#555555',
    )


def _bars(pushes: Any, reactions: Any, found: Splices, scenario: str) -> None:
    methods = found.figures[scenario]
    names = list(methods)
    for at, name in enumerate(names):
        each, own = methods[name], name.startswith(EXECUTOR)
        colour = _TRUTH if name == TRUTH else '#1f6fb2' if own else '#b9a08f'
        worst = each['a'][1]
        pushes.barh(at, worst, color=colour, height=0.62)
        pushes.text(
            worst * 1.12,
            at,
            f'{worst:.3g}' if worst < 1e3 else f'{worst:.0f}',
            va='center',
            fontsize=7.5,
        )
        median = each['reaction'][0]
        reactions.plot([0.0, median], [at, at], color=colour, linewidth=1.0, alpha=0.6)
        reactions.plot(median, at, 'o', color=colour, markersize=5)
        reactions.text(max(median, 0.0) + 30.0, at, f'{median:.0f}', va='center', fontsize=7.5)
    floors = [each['floor'][0] for each in methods.values() if 'floor' in each]
    floor = min(floors)
    reactions.axvline(floor, color=_LIMIT, linewidth=1.0, linestyle=':')
    reactions.text(floor + 8, -1.0, 'floor', color=_LIMIT, fontsize=8)
    pushes.axvline(ACCELERATION, color=_LIMIT, linewidth=1.0, linestyle=':')
    pushes.text(ACCELERATION * 1.1, -1.0, 'limit', color=_LIMIT, fontsize=8)
    pushes.set(
        xscale='log',
        xlim=(1.0, 1e5),
        xlabel='largest acceleration, rad/s2',
        yticks=range(len(names)),
    )
    pushes.set_yticklabels(names, fontsize=8)
    pushes.set_ylim(len(names) - 0.4, -1.5)
    reactions.set(xlabel='reaction, ms (median seed)', xlim=(-130.0, 960.0))
    for axes in (pushes, reactions):
        axes.grid(axis='x', alpha=0.25)
