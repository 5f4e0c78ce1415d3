"""The panels of the page: joints of each arm, grippers, distances, ages and delays.

Every renderer of a joint carries its name and its kind of line as tags; the page shows and hides
by them. It draws what other modules found and computes no figure.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Span

from fastwam_ros.apps.report_axis import TimeAxis, drawn, explain, explain_line
from fastwam_ros.apps.report_chunks import Judged
from fastwam_ros.apps.report_colours import BLUE, GREEN, JOINTS, ORANGE, PINK
from fastwam_ros.apps.report_figures import arm_motion
from fastwam_ros.apps.report_lines import Lines
from fastwam_ros.apps.report_model import (
    Trace,
    cut,
    deviations,
    modelled_arm,
    modelled_gripper,
)
from fastwam_ros.apps.report_run import Run
from fastwam_ros.apps.report_seams import Seam, seams
from fastwam_ros.bag.streams import SECOND, nanoseconds
from fastwam_ros.robot.joints import ARM_SIZE, SIDES, arm_joints
from fastwam_ros.robot.units import opening

COMMANDED, MEASURED, MODELLED, SEAM = 'commanded', 'measured', 'modelled', 'seams'
_STYLES: dict[str, dict[str, Any]] = {
    COMMANDED: {'line_width': 3.2, 'line_alpha': 0.55},
    MODELLED: {'line_width': 1.4, 'line_dash': [2, 3]},
    MEASURED: {'line_width': 1.2, 'line_color': '#111111', 'line_dash': [6, 4]},
}
_THIN: dict[str, Any] = {'line_width': 1.3}
_RATES = ((1, 'velocity', 'rad/s'), (2, 'acceleration', 'rad/s²'))
_LIMIT: dict[str, Any] = {'line_color': '#B23B3B', 'line_dash': [1, 4], 'line_width': 1}


class Panels:
    """Everything over time but authority. `notes`: what was thinned out, by panel."""

    def __init__(self, run: Run, axis: TimeAxis) -> None:
        self._run, self._axis = run, axis
        self._models = {side: modelled_arm(run, side) for side in SIDES}
        self.notes: dict[str, str] = {}

    def all(self, chunks: Sequence[Judged]) -> Iterator[Any]:
        """In the order of the page."""
        for side in SIDES:
            found = seams(self._run, side)
            yield self._positions(side, found)
            for order, name, unit in _RATES:
                yield self._rates(side, order, name, unit, found)
        yield self._grippers()
        yield self._distances()
        yield self._ages(chunks)

    def _positions(self, side: str, found: Sequence[Seam]) -> Any:
        panel = self._panel(f'{side}_position', f'{side} arm, position', 'rad', 260)
        for kind, traces in (
            (COMMANDED, cut(self._run.arms[side])),
            (MODELLED, self._models[side]),
            (MEASURED, cut(self._run.measured[side])),
        ):
            self._joints(panel, side, (kind, _STYLES[kind]), traces, 'rad')
        self._seams(panel, side, found, np.array([seam.q for seam in found]))
        return panel

    def _rates(self, side: str, order: int, name: str, unit: str, found: Sequence[Seam]) -> Any:
        panel = self._panel(f'{side}_{name}', f'{side} arm, {name} of the commands', unit, 190)
        motion = arm_motion(self._run, side)
        traces = [
            Trace(stamps, values)
            for values, stamps in (s.differences(motion.period, order) for s in motion.stretches)
        ]
        self._joints(panel, side, (COMMANDED, _THIN), traces, unit)
        values = [seam.v if order == 1 else seam.a for seam in found]
        self._seams(panel, side, found, np.array(values), order)
        for bound in {(b.velocity, b.acceleration)[order - 1] for b in motion.bounds}:
            for sign in (-1.0, 1.0):
                panel.add_layout(Span(location=sign * bound, dimension='width', **_LIMIT))
        return panel

    def _joints(
        self,
        panel: Any,
        side: str,
        kind_and_style: tuple[str, dict[str, Any]],
        traces: Sequence[Trace],
        unit: str,
    ) -> None:
        kind, style = kind_and_style
        lines = Lines.of(traces, self._run.since, ARM_SIZE)
        source = _source(lines)
        self._note(panel, lines)
        for number, (joint, colour) in enumerate(zip(arm_joints(side), JOINTS, strict=True), 1):
            line = panel.line('t', f'y{number}', source=source, **{'line_color': colour, **style})
            line.tags = [f'joint{number}', kind]
            if kind == COMMANDED:
                explain_line(panel, line, joint.name, unit)

    def _seams(
        self, panel: Any, side: str, found: Sequence[Seam], values: Any, order: int = 0
    ) -> None:
        if not found:
            return
        behind = order * self._run.facts.period  # a difference is drawn where it ends
        times = [self._run.seconds(seam.start.first_tick + behind) for seam in found]
        for index, colour in enumerate(JOINTS):
            columns = _seam_columns(self._run, found, index) | {'x': times, 'y': values[:, index]}
            marks = panel.scatter(
                'x', 'y', source=ColumnDataSource(columns), size=5, fill_color='#FFFFFF',
                line_color=colour, line_width=1.5,
            )  # fmt: skip
            marks.tags = [f'joint{index + 1}', SEAM]
            name = arm_joints(side)[index].name
            explain(panel, marks, ('seam of', name), *_SEAM_ROWS)

    def _grippers(self) -> Any:
        panel = self._panel('grippers', 'grippers, opening', 'm', 190)
        unit = opening(1.0)
        for side, colour in zip(SIDES, (BLUE, ORANGE), strict=True):
            for kind, traces in (
                (COMMANDED, cut(self._run.grippers[side], unit)),
                (MODELLED, modelled_gripper(self._run, side)),
                (MEASURED, cut(self._run.measured_grippers[side], unit)),
            ):
                lines = Lines.of(traces, self._run.since, 1)
                style = {'line_color': colour, **_STYLES[kind]}
                line = panel.line('t', 'y1', source=_source(lines), **style)
                line.tags = [f'{side}_gripper', kind]
                self._note(panel, lines)
                if kind == COMMANDED:
                    explain_line(panel, line, f'{side}_gripper', 'm')
        return panel

    def _distances(self) -> Any:
        panel = self._panel('distances', 'worst joint, distance to the measured arm', 'rad', 190)
        for side, colours in zip(SIDES, ((BLUE, GREEN), (ORANGE, PINK)), strict=True):
            measured = self._run.measured[side]
            for kind, colour, lines in zip(
                (COMMANDED, MODELLED),
                colours,
                (cut(self._run.arms[side]), self._models[side]),
                strict=True,
            ):
                trace = deviations(lines, measured)
                found = Lines.of([trace] if len(trace.stamps) else [], self._run.since, 1)
                self._note(panel, found)
                line = panel.line(
                    't', 'y1', source=_source(found), line_color=colour, line_width=1.5,
                    legend_label=f'{side} arm, {kind}',
                )  # fmt: skip
                explain_line(panel, line, f'{side} arm, {kind}', 'rad')
        return _with_legend(panel)

    def _ages(self, chunks: Sequence[Judged]) -> Any:
        panel = self._panel('ages', 'ages and delays', 'ms', 220)
        states = [state for _, state in self._run.states]
        at = [self._run.seconds(nanoseconds(state.header.stamp)) for state in states]
        age = [1e3 * state.age if nanoseconds(state.chunk_stamp) else np.nan for state in states]
        panel.line(at, age, line_color='#8A929C', legend_label='age of the chunk in force')
        begun = [one for one in chunks if one.first_tick]
        received = [self._run.seconds(one.received) for one in chunks]
        for label, colour, marker, times, values in (
            ('head stamp to first command', BLUE, 'circle',
             [self._run.seconds(one.first_tick) for one in begun],
             [_ms(one.first_tick - one.stamp) for one in begun]),
            ('head stamp to receipt of the chunk', ORANGE, 'square', received,
             [_ms(one.received - one.stamp) for one in chunks]),
            ('inference', GREEN, 'triangle', received, [1e3 * one.inference for one in chunks]),
        ):  # fmt: skip
            marks = panel.scatter(
                times, values, marker=marker, size=7, color=colour, legend_label=label
            )
            explain(panel, marks, (label, '@y{0.0} ms'), ('at', '@x{0.00} s'))
        return _with_legend(panel)

    def _panel(self, name: str, title: str, unit: str, height: int) -> Any:
        return self._axis.panel(name, title, unit, height)

    def _note(self, panel: Any, lines: Lines) -> None:
        if lines.per > 1:
            self.notes[panel.name] = drawn(lines)


_SEAM_ROWS = (
    ('age', '@age{0} ms'),
    ('position', '@q{0.0000} rad, step @dq{0.00000} (@rq{0 %})'),
    ('velocity', '@v{0.0000} rad/s, step @dv{0.0000} (@rv{0 %})'),
    ('acceleration', '@a{0.000} rad/s², step @da{0.000} (@ra{0 %})'),
    ('at', '@t{0.000} s'),
)


def _seam_columns(run: Run, found: Sequence[Seam], joint: int) -> dict[str, Any]:
    """Of one joint; dq, rq: the step across the seam and its share of what the limit allows."""
    columns: dict[str, Any] = {
        't': [run.seconds(seam.start.first_tick) for seam in found],
        'age': [1e3 * seam.age for seam in found],
    }
    for order, name in enumerate('qva'):
        columns[name] = [float(getattr(seam, name)[joint]) for seam in found]
        columns[f'd{name}'] = [float(seam.steps[order, joint]) for seam in found]
        columns[f'r{name}'] = [float(seam.shares[order, joint]) for seam in found]
    return columns


def _source(lines: Lines) -> ColumnDataSource:
    """Positions as float32: seven digits, half the size of the page."""
    columns = {'t': lines.seconds}
    for number, column in enumerate(lines.values.T, 1):
        columns[f'y{number}'] = np.ascontiguousarray(column, np.float32)
    return ColumnDataSource(columns)


def _with_legend(panel: Any) -> Any:
    for legend in panel.legend:
        legend.click_policy = 'hide'
        legend.location, legend.orientation = 'top_left', 'horizontal'
        legend.label_text_font_size, legend.padding, legend.margin = '11px', 3, 3
        legend.background_fill_alpha = 0.8
    return panel


def _ms(ns: int) -> float:
    return 1e3 * ns / SECOND
