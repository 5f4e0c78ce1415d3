"""One picture of a run: what the cameras saw, who had authority, commanded and measured joints.

Times are those of the table; modes are named as well as coloured. It computes no figure.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fastwam_ros.apps.report import events
from fastwam_ros.apps.report.colours import JOINTS, MODES
from fastwam_ros.apps.report.mosaics import mosaics
from fastwam_ros.apps.report.reach import reach
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.streams import SECOND, Array, JointStream, Times
from fastwam_ros.robot.joints import ARM_SIZE, SIDES
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS

SIZE, DPI = (16.0, 10.0), 100  # 1600 x 1000 pixels
MOSAICS = 6
_SILENCE = 0.5  # [s] between commands: the line is broken
_NARROW = 0.055  # part of the width below which a mode's name does not fit
_COMMANDED: dict[str, Any] = {'lw': 2.4, 'zorder': 2}
_MEASURED: dict[str, Any] = {'color': 'black', 'lw': 0.9, 'ls': (0, (4, 3)), 'zorder': 3}
_MARK: dict[str, Any] = {'color': 'black', 'lw': 1.4}


def draw(run: Run, path: Path) -> None:
    """Write a PNG of 1600 x 1000 pixels. Raises OSError."""
    with plt.rc_context({'font.size': 14}):
        figure = plt.figure(figsize=SIZE, dpi=DPI)
        try:
            _Sheet(run, figure).fill()
            figure.savefig(path, format='png')
        finally:
            plt.close(figure)


class _Sheet:
    """A strip of mosaics, a band of modes and a panel per arm, on one time axis."""

    def __init__(self, run: Run, figure: Any) -> None:
        self._run, self._figure = run, figure
        self._left, self._right = reach(run)
        rows = figure.add_gridspec(
            4, 1, height_ratios=(2.9, 0.32, 2.9, 2.9), left=0.055, right=0.99, top=0.995,
            bottom=0.115, hspace=0.06,
        )  # fmt: skip
        self._strip, self._band, *panels = (figure.add_subplot(row) for row in rows)
        self._panels = dict(zip(SIDES, panels, strict=True))
        self._timed = (self._band, *panels)

    def fill(self) -> None:
        self._show_mosaics()
        self._show_modes()
        for side, panel in self._panels.items():
            self._show_arm(panel, side)
        self._mark_takeovers()
        for axes in self._timed:
            axes.set_xlim(self._left, self._right)
        for axes in self._timed[:-1]:
            axes.tick_params(labelbottom=False, bottom=False)
        self._timed[-1].set_xlabel('time in the recording [s]')

    def _seconds(self, times: Times) -> Array:
        return (times - self._run.since) / SECOND

    def _show_mosaics(self) -> None:
        self._strip.set_axis_off()
        self._strip.set_xlim(0.0, 1.0)
        self._strip.set_ylim(0.0, 1.0)
        centres = (np.arange(MOSAICS) + 0.5) / MOSAICS
        shown = self._left + centres * (self._right - self._left)
        times = [self._run.since + int(seconds * SECOND) for seconds in shown]
        box = self._strip.get_window_extent()
        half = HEAD_ABOVE_WRISTS.width / HEAD_ABOVE_WRISTS.height * box.height / box.width / 2
        for centre, mosaic in zip(centres, mosaics(self._run, times), strict=True):
            extent = (centre - half, centre + half, 0.04, 1.0)
            self._strip.imshow(mosaic, extent=extent, aspect='auto', interpolation='lanczos')
            self._strip.plot([centre, centre], [-0.03, 0.03], clip_on=False, **_MARK)
        self._strip.set_xlim(0.0, 1.0)
        self._strip.set_ylim(0.0, 1.0)

    def _show_modes(self) -> None:
        """Colour the background; what is too narrow for its name goes into the legend."""
        self._band.set_yticks([])
        narrow, named = set(), {'DISARMED'}
        for mode, since, until in self._visible_spans():
            for axes in self._timed:
                axes.axvspan(since, until, color=MODES.get(mode, '#FFFFFF'), lw=0, zorder=0)
            if until - since < _NARROW * (self._right - self._left):
                narrow.add(mode)
                continue
            named.add(mode)
            self._band.text((since + until) / 2, 0.47, mode, ha='center', va='center')
        self._explain(sorted(narrow - named))

    def _visible_spans(self) -> Iterator[tuple[str, float, float]]:
        for span in events.spans(self._run.states):
            since = max(self._run.seconds(span.since), self._left)
            until = min(self._run.seconds(span.until), self._right)
            if since < until:
                yield span.mode, since, until

    def _explain(self, modes: Sequence[str]) -> None:
        self._figure.legend(
            handles=list(_entries(modes)), loc='lower center', ncols=12, frameon=False,
            fontsize=13, handlelength=1.6, columnspacing=1.2, borderaxespad=0.1,
        )  # fmt: skip

    def _show_arm(self, panel: Any, side: str) -> None:
        for joint, colour in zip(range(ARM_SIZE), JOINTS, strict=True):
            panel.plot(*self._line(self._run.arms[side], joint), color=colour, **_COMMANDED)
            panel.plot(*self._line(self._run.measured[side], joint), **_MEASURED)
        seams = [self._run.seconds(p.first_tick) for p in events.starts(self._run.states)]
        panel.vlines(seams, 0.0, 0.05, transform=panel.get_xaxis_transform(), **_MARK)
        panel.set_ylabel(f'{side} arm [rad]')
        panel.margins(y=0.12)
        panel.grid(axis='y', color='black', alpha=0.12, lw=0.6)

    def _line(self, stream: JointStream, joint: int) -> tuple[Array, Array]:
        x, y = self._seconds(stream.stamps), stream.position[:, joint].copy()
        y[1:][np.diff(x) > _SILENCE] = np.nan
        return x, y

    def _mark_takeovers(self) -> None:
        run = self._run
        for taken in events.takeovers(run.active, run.states, run.arms[SIDES[0]]):
            at = run.seconds(taken.at)
            for axes in self._timed:
                axes.axvline(at, ls='--', zorder=4, **_MARK)
            self._panels[SIDES[0]].annotate(
                'a person takes over', (at, 0.96), xycoords=('data', 'axes fraction'),
                xytext=(6, 0), textcoords='offset points', va='top', fontsize=13,
            )  # fmt: skip


def _entries(modes: Sequence[str]) -> Iterator[Any]:
    yield Line2D([], [], lw=0, label='commanded')
    for number, colour in enumerate(JOINTS, 1):
        yield Line2D([], [], color=colour, label=f'joint {number}', **_COMMANDED)
    yield Line2D([], [], label='measured', **_MEASURED)
    tick: dict[str, Any] = {'marker': '|', 'markersize': 10, 'markeredgewidth': 1.4, 'lw': 0}
    yield Line2D([], [], color='black', label='new chunk', **tick)
    for mode in modes:
        yield Patch(facecolor=MODES[mode], edgecolor='#888888', label=mode)
