"""The panel on ages and delays: how old what is executed is, and where the time went."""

from collections.abc import Sequence
from typing import Any

from fastwam_ros.apps.report.axis import TimeAxis, explain, with_legend
from fastwam_ros.apps.report.chunks import Judged
from fastwam_ros.apps.report.colours import BLUE, GREEN, ORANGE
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.streams import nanoseconds


def delays(run: Run, axis: TimeAxis, chunks: Sequence[Judged]) -> Any:
    """Age of the chunk in force as a line, the delays of each chunk as marks; all in ms."""
    panel = axis.panel('ages', '', 'ms', 240)
    states = [state for _, state in run.states]
    at = [run.seconds(nanoseconds(state.header.stamp)) for state in states]
    age = [
        1e3 * float(state.age) if nanoseconds(state.chunk_stamp) else float('nan')
        for state in states
    ]
    panel.line(at, age, line_color='#8A929C', legend_label='age of the chunk in force')
    marks = [_marks(panel, *given) for given in _kinds(run, chunks)]
    explain(panel, marks, ('', '$name'), ('', '@y{0.0} ms'), ('at', '@x{0.00} s'))
    return with_legend(panel)


def _kinds(run: Run, chunks: Sequence[Judged]) -> list[tuple[Any, ...]]:
    """What is marked: name, colour, shape, seconds and milliseconds."""
    begun = [one for one in chunks if one.first_tick]
    received = [run.seconds(one.received) for one in chunks]
    return [
        (
            'head stamp to receipt of the chunk', ORANGE, 'square', received,
            [(one.received - one.stamp) / 1e6 for one in chunks],
        ),
        ('inference', GREEN, 'triangle', received, [1e3 * one.inference for one in chunks]),
        (
            'head stamp to first command', BLUE, 'circle',
            [run.seconds(one.first_tick) for one in begun],
            [(one.first_tick - one.stamp) / 1e6 for one in begun],
        ),
    ]  # fmt: skip


def _marks(
    panel: Any, name: str, colour: str, shape: str, at: Sequence[float], ms: Sequence[float]
) -> Any:
    return panel.scatter(
        at, ms, marker=shape, size=8, line_color=colour, line_width=1.5, name=name,
        fill_color=colour if shape == 'circle' else None, legend_label=name,
    )  # fmt: skip
