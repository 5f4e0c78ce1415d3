"""The panels of the page on joints: each arm's commands, grippers, distances.

Every renderer of a joint carries its number and its kind of line as tags; the page shows and hides
by them. It draws what other modules found and computes no figure.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Span

from fastwam_ros.apps.report.axis import TimeAxis, drawn, explain, explain_lines, with_legend
from fastwam_ros.apps.report.colours import BLUE, GREEN, JOINTS, ORANGE, PINK
from fastwam_ros.apps.report.figures import arm_motion
from fastwam_ros.apps.report.lines import Lines
from fastwam_ros.apps.report.model import (
    Trace,
    cut,
    deviations,
    modelled_arm,
    modelled_gripper,
)
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.report.seams import Seam, seams
from fastwam_ros.robot.joints import SIDES, arm_joints
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


class JointPanels:
    """What the joints did. `notes`: by panel, how its lines were thinned out."""

    def __init__(self, run: Run, axis: TimeAxis) -> None:
        self._run, self._axis = run, axis
        self._models = {side: modelled_arm(run, side) for side in SIDES}
        self.notes: dict[str, str] = {}

    def all(self) -> Iterator[Any]:
        """In the order of the page."""
        for side in SIDES:
            found = seams(self._run, side)
            yield self._positions(side, found)
            for order, name, unit in _RATES:
                yield self._rates(side, order, name, unit, found)
        yield self._grippers()
        yield self._distances()

    def _positions(self, side: str, found: Sequence[Seam]) -> Any:
        panel = self._axis.panel(f'{side}_position', f'{side} arm, position', 'rad', 260)
        commanded = self._joints(panel, side, COMMANDED, cut(self._run.arms[side]))
        self._joints(panel, side, MODELLED, self._models[side])
        self._joints(panel, side, MEASURED, cut(self._run.measured[side]))
        explain_lines(panel, commanded, 'rad')
        self._seams(panel, side, found, [seam.q for seam in found])
        return panel

    def _rates(self, side: str, order: int, name: str, unit: str, found: Sequence[Seam]) -> Any:
        title = f'{side} arm, {name} of the commands'
        panel = self._axis.panel(f'{side}_{name}', title, unit, 190)
        motion = arm_motion(self._run, side)
        rates = (stretch.differences(motion.period, order) for stretch in motion.stretches)
        traces = [Trace(stamps, values) for values, stamps in rates]
        explain_lines(panel, self._joints(panel, side, COMMANDED, traces, _THIN), unit)
        self._seams(panel, side, found, [(seam.v, seam.a)[order - 1] for seam in found], order)
        for bound in {(b.velocity, b.acceleration)[order - 1] for b in motion.bounds}:
            for sign in (-1.0, 1.0):
                panel.add_layout(Span(location=sign * bound, dimension='width', **_LIMIT))
        return panel

    def _joints(
        self,
        panel: Any,
        side: str,
        kind: str,
        traces: Sequence[Trace],
        style: dict[str, Any] | None = None,
    ) -> list[Any]:
        """One line per joint, from one source."""
        joints = arm_joints(side)
        source = self._source(panel, traces, len(joints))
        return [
            _line(
                panel, source, f'y{number}', joint.name, (f'joint{number}', kind),
                {'line_color': colour, **(style or _STYLES[kind])},
            )
            for number, (joint, colour) in enumerate(zip(joints, JOINTS, strict=True), 1)
        ]  # fmt: skip

    def _seams(
        self, panel: Any, side: str, found: Sequence[Seam], values: Sequence[Any], order: int = 0
    ) -> None:
        """Rings on the lines: a difference is drawn where it ends."""
        behind = order * self._run.facts.period
        times = [self._run.seconds(seam.start.first_tick + behind) for seam in found]
        marks = []
        for index, (joint, colour) in enumerate(zip(arm_joints(side), JOINTS, strict=True)):
            columns = _seam_columns(self._run, found, index)
            columns |= {'x': times, 'y': [float(value[index]) for value in values]}
            one = panel.scatter(
                'x', 'y', source=ColumnDataSource(columns), size=5, fill_color='#FFFFFF',
                line_color=colour, line_width=1.5, name=joint.name,
            )  # fmt: skip
            one.tags = [f'joint{index + 1}', SEAM]
            marks.append(one)
        explain(panel, marks, ('seam of', '$name'), *_SEAM_ROWS)

    def _grippers(self) -> Any:
        panel, run, unit = self._axis.panel('grippers', '', 'm', 190), self._run, opening(1.0)
        commanded = []
        for side, colour in zip(SIDES, (BLUE, ORANGE), strict=True):
            for kind, traces in (
                (MODELLED, modelled_gripper(run, side)),
                (MEASURED, cut(run.measured_grippers[side], unit)),
                (COMMANDED, cut(run.grippers[side], unit)),
            ):
                source, name = self._source(panel, traces, 1), f'{side}_gripper'
                style = {'line_color': colour, **_STYLES[kind]}
                line = _line(panel, source, 'y1', name, (name, kind), style)
            commanded.append(line)
        explain_lines(panel, commanded, 'm')
        return panel

    def _distances(self) -> Any:
        panel = self._axis.panel('distances', '', 'rad', 210)
        lines = []
        for side, kind, colour in (
            ('left', COMMANDED, BLUE), ('left', MODELLED, GREEN),
            ('right', COMMANDED, ORANGE), ('right', MODELLED, PINK),
        ):  # fmt: skip
            against = self._models[side] if kind == MODELLED else cut(self._run.arms[side])
            source = self._source(panel, deviations(against, self._run.measured[side]), 1)
            name = f'{side} arm, {kind}'
            style = {'line_color': colour, 'line_width': 1.5, 'legend_label': name}
            lines.append(_line(panel, source, 'y1', name, (), style))
        explain_lines(panel, lines, 'rad')
        return with_legend(panel)

    def _source(self, panel: Any, traces: Sequence[Trace], width: int) -> ColumnDataSource:
        """Values as float32: seven digits, half the size of the page."""
        lines = Lines.of(traces, self._run.since, width)
        if lines.per > 1:
            self.notes[panel.name] = drawn(lines)
        columns = {'t': lines.seconds}
        for number, column in enumerate(lines.values.T, 1):
            columns[f'y{number}'] = np.ascontiguousarray(column, np.float32)
        return ColumnDataSource(columns)


def _line(
    panel: Any,
    source: ColumnDataSource,
    column: str,
    name: str,
    tags: Sequence[str],
    style: dict[str, Any],
) -> Any:
    line = panel.line('t', column, source=source, name=name, **style)
    line.tags = list(tags)
    return line


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
