"""Panels on one time axis: what zooms in one zooms in all, and a line crosses all at the pointer.

Knows how panels look and feel, not what is drawn in them.
"""

from collections.abc import Sequence
from typing import Any

from bokeh.models import (
    BoxZoomTool,
    CrosshairTool,
    DataRange1d,
    FactorRange,
    HoverTool,
    PanTool,
    Range1d,
    ResetTool,
    Span,
    WheelZoomTool,
)
from bokeh.plotting import figure

from fastwam_ros.apps.report.lines import Lines

_LEFT = 92  # pixels beside every panel, so that their times lie above each other
_FONT = '12px'
_GRID, _FRAME, _TEXT = '#E4E7EB', '#C5CBD3', '#3A424D'


class TimeAxis:
    """Makes the panels of one page. begin, end: what is shown at first [s]."""

    def __init__(self, begin: float, end: float, last: float) -> None:
        self._range = Range1d(begin, end, bounds=(min(begin, 0.0), max(end, last)), name='time')
        self._pointer = Span(dimension='height', line_color='#7A828C', line_width=1)

    def panel(
        self, name: str, title: str, unit: str, height: int, rows: Sequence[str] = ()
    ) -> Any:
        """A panel with values over time, or, given `rows`, with one named row for each."""
        vertical: Any = (
            FactorRange(factors=list(reversed(rows)))
            if rows
            else DataRange1d(only_visible=True, range_padding=0.08, default_span=0.02)
        )
        panel = figure(
            name=name, height=height, sizing_mode='stretch_width', x_range=self._range,
            y_range=vertical, y_axis_label=unit, title=title, tools=[],
            toolbar_location='right', min_border_left=_LEFT, min_border_right=8,
        )  # fmt: skip
        _style(panel)
        self._equip(panel)
        return panel

    def _equip(self, panel: Any) -> None:
        drag = BoxZoomTool(dimensions='width')
        wheel = WheelZoomTool(dimensions='width', modifiers={'ctrl': True})
        panel.add_tools(drag, PanTool(dimensions='width'), wheel, ResetTool())
        panel.add_tools(CrosshairTool(overlay=self._pointer))
        panel.toolbar.active_drag, panel.toolbar.active_scroll = drag, wheel
        panel.toolbar.logo, panel.toolbar.autohide = None, True


def horizon_panel(name: str, title: str, unit: str, height: int) -> Any:
    """A panel over what lies ahead of a head stamp, which zooms by itself."""
    panel = figure(
        name=name, height=height, sizing_mode='stretch_width', y_axis_label=unit, title=title,
        y_range=DataRange1d(start=0.0, range_padding=0.08, default_span=0.001),
        tools='xbox_zoom,reset', toolbar_location='right', min_border_left=_LEFT,
        min_border_right=8,
    )  # fmt: skip
    _style(panel)
    panel.xaxis.axis_label = 'row due after the head stamp [s]'
    panel.toolbar.logo, panel.toolbar.autohide = None, True
    return panel


def _style(panel: Any) -> None:
    panel.outline_line_color = _FRAME
    panel.title.text_font_size, panel.title.text_color = '13px', _TEXT
    panel.grid.grid_line_color = _GRID
    for axis in (*panel.xaxis, *panel.yaxis):
        axis.axis_label_text_font_size = axis.major_label_text_font_size = _FONT
        axis.axis_label_text_font_style = 'normal'
        axis.axis_label_text_color = axis.major_label_text_color = _TEXT
        axis.axis_line_color = axis.major_tick_line_color = _FRAME
        axis.minor_tick_line_color = None
    panel.xaxis.axis_label = 'time in the recording [s]'
    panel.xaxis.axis_label_standoff = 2


def explain(panel: Any, marks: Sequence[Any], *rows: tuple[str, str]) -> None:
    """What the pointer says on marks: (label, column or format) each; $name is the mark's."""
    panel.add_tools(HoverTool(renderers=list(marks), tooltips=list(rows), visible=False))


def explain_lines(panel: Any, lines: Sequence[Any], unit: str) -> None:
    """What the pointer says on named lines."""
    rows = [('', '$name'), ('', f'$y{{0.0000}} {unit}'), ('at', '$x{0.000} s')]
    hover = HoverTool(renderers=list(lines), tooltips=rows, line_policy='nearest', visible=False)
    panel.add_tools(hover)


def drawn(lines: Lines) -> str:
    """How much of a line is drawn, for the page; '' for all of it."""
    return f'smallest and largest of every {lines.per} samples' if lines.per > 1 else ''


def with_legend(panel: Any) -> Any:
    """The panel with its legend in a row above it; a click on an entry hides its line."""
    for legend in list(panel.legend):
        panel.add_layout(legend, 'above')
        legend.click_policy, legend.orientation = 'hide', 'horizontal'
        legend.label_text_font_size, legend.border_line_color = _FONT, None
        legend.padding = legend.margin = 0
    return panel
