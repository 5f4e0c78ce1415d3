"""The picture of the story: one joint's way from chunks to motion."""

from pathlib import Path
from typing import Any

import numpy as np

from fastwam_ros.apps.explain.story import JOINT, LATENCY, OFF, Offered, Story
from fastwam_ros.motion.plan import Path as Spline
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.splice import UNUSED_ROWS

_CHUNKS = ('#2f7fb8', '#d9822b', '#9aa0a6')
_COMMAND, _LIMIT, _WORDS = '#1b1b1b', '#c22f2f', '#444444'
_SPANS = {'bridge': '#bfe3d0', 'half the rate': '#fbe7b5', 'stop': '#f5c9c4'}
_ORDERS = {1: 'speed', 2: 'acceleration', 3: 'jerk'}
_DASHED = (0, (4, 1.6))
_SHOWN = (-0.15, 3.3)  # [s]
_SIZE, _DPI = (11.5, 8.8), 110


def draw(story: Story, path: Path) -> None:
    """Write it as PNG."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=_SIZE, layout='constrained')
    position, *shares = figure.subplots(4, 1, sharex=True, height_ratios=(5.2, 1, 1, 1))
    for axes in (position, *shares):
        _spans(axes, story)
        axes.grid(axis='x', alpha=0.2)
        axes.spines[['top', 'right']].set_visible(False)
    _position(position, story)
    for axes, (order, name) in zip(shares, _ORDERS.items(), strict=True):
        _share(axes, story, order, name)
    shares[-1].set(xlim=_SHOWN, xlabel='seconds after the first image')
    figure.align_ylabels()
    figure.savefig(path, dpi=_DPI)


def _spans(axes: Any, story: Story) -> None:
    for name, (begin, end) in story.spans().items():
        colour = _SPANS[name.rstrip(' 0123456789')]
        axes.axvspan(begin, end, color=colour, alpha=0.55, linewidth=0, zorder=0)


def _position(axes: Any, story: Story) -> None:
    for n, (each, colour) in enumerate(zip(story.offered, _CHUNKS, strict=True), 1):
        if each.plan is not None:
            _rows(axes, each, colour)
            _plan(axes, each, each.plan, colour)
        _journey(axes, each, colour, n)
    shown = story.times >= _SHOWN[0]
    line = story.commands[shown, JOINT]
    axes.plot(story.times[shown], line, color=_COMMAND, linewidth=2.4, zorder=5)
    axes.set(ylabel='position of one joint, rad')
    _disagreement(axes, *story.offered[:2])
    _names(axes, story)
    axes.legend(handles=_legend(), loc='lower right', fontsize=10, frameon=False)


def _rows(axes: Any, each: Offered, colour: str) -> None:
    """The last two, which are not used, as rings."""
    used = len(each.rows) - UNUSED_ROWS
    style = {'color': colour, 'zorder': 3, 'linestyle': 'none', 'marker': 'o', 'markersize': 4.5}
    axes.plot(each.due[:used], each.rows[:used], **style)
    axes.plot(each.due[used:], each.rows[used:], markerfacecolor='none', **style)


def _plan(axes: Any, each: Offered, plan: Plan, colour: str) -> None:
    """The whole of it, whatever became of it: the bridge, the spline, the stop at its end."""
    for segment, begin, end in zip(plan.segments[:-1], (0.0, *plan.ends), plan.ends, strict=False):
        us = np.linspace(begin, end, 200)
        style = '-' if isinstance(segment, Spline) else _DASHED
        q = plan.sample(us).q[:, JOINT]
        axes.plot(each.start + us, q, color=colour, linewidth=1.6, linestyle=style, zorder=4)


def _journey(axes: Any, each: Offered, colour: str, number: int) -> None:
    """From the image to the arrival: a bar near the top of the picture."""
    y, across = 0.95 - 0.065 * (number - 1), axes.get_xaxis_transform()
    came = each.plan is not None
    words = f'chunk {number}: image, {1e3 * LATENCY:.0f} ms, arrival'
    words = words if came else f'chunk {number} is lost'
    style: dict[str, Any] = {'color': colour, 'transform': across}
    axes.plot([each.due[0], each.arrival], [y, y], linewidth=3, **style)
    axes.plot(each.due[0], y, 'o', markersize=7, **style)
    axes.plot(each.arrival, y, '>' if came else 'x', markersize=9, markeredgewidth=2, **style)
    axes.text(each.arrival + 0.05, y, words, fontsize=10, va='center', **style)
    if came:
        axes.axvline(each.arrival, ymax=y, color=colour, linewidth=1.0, linestyle=':', zorder=1)


def _disagreement(axes: Any, before: Offered, after: Offered) -> None:
    """By how much two chunks differ at an instant of both."""
    at = after.due[2]
    low = float(np.interp(at, before.due, before.rows))
    style = {'arrowstyle': '<->', 'color': _WORDS, 'shrinkA': 3, 'shrinkB': 3}
    axes.annotate('', (at, after.rows[2]), (at, low), arrowprops=style)
    words = f'they disagree\nby {OFF:g} rad'
    axes.text(at - 0.03, after.rows[2], words, ha='right', va='bottom', fontsize=10, color=_WORDS)


def _names(axes: Any, story: Story) -> None:
    """What the coloured spans are, and how old the newest chunk is when they begin."""
    newest = max(each.due[0] for each in story.offered if each.plan is not None)
    for name, (begin, end) in story.spans().items():
        aged = not name.startswith('bridge')
        words = f'{name}\nage {begin - newest:.2f} s' if aged else name
        style = {'ha': 'center', 'va': 'bottom', 'fontsize': 10, 'color': _WORDS}
        axes.text(0.5 * (begin + end), 1.01, words, transform=axes.get_xaxis_transform(), **style)


def _legend() -> list[Any]:
    from matplotlib.lines import Line2D

    grey: dict[str, Any] = {'color': '#777777'}
    dots = grey | {'linestyle': 'none', 'marker': 'o'}
    return [
        Line2D([], [], color=_COMMAND, linewidth=2.4, label='commanded'),
        Line2D([], [], label='rows of a chunk', **dots),
        Line2D([], [], label='its last two, not used', markerfacecolor='none', **dots),
        Line2D([], [], linewidth=1.5, label='spline through its rows', **grey),
        Line2D([], [], linestyle=_DASHED, label='bridge to it, stop after it', **grey),
    ]


def _share(axes: Any, story: Story, order: int, name: str) -> None:
    shares = story.shares(order)[:, JOINT]
    axes.plot(story.times, shares, color=_COMMAND, linewidth=1.3)
    for bound in (-1.0, 1.0):
        axes.axhline(bound, color=_LIMIT, linewidth=1.1)
    axes.set(ylabel=name, ylim=(-1.25, 1.25), yticks=(-1, 0, 1))
    most = float(np.nanmax(np.abs(shares)))
    words = f'at most {most:.2f} of the limit'
    axes.text(0.995, 0.86, words, transform=axes.transAxes, ha='right', va='top', fontsize=9)
