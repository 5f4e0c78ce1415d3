"""The panel on authority: mode, source, requests, the switch, chunks, markers, the task."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bokeh.models import ColumnDataSource, TapTool

from fastwam_ros.apps.report import events
from fastwam_ros.apps.report.axis import TimeAxis, explain
from fastwam_ros.apps.report.chunks import KINDS, WORDS, Judged, check_of, requests
from fastwam_ros.apps.report.colours import BLUE, CHUNKS, GREEN, MARKERS, MODES, RED, SOURCES
from fastwam_ros.apps.report.outcome import outcomes
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.streams import nanoseconds

_ROWS = ('mode', 'moved by', 'requests', 'switch', 'chunks')
_NAMED = 0.05  # part of the run above which a band carries its name
_HELD, _SUCCESS, _NONE = '#FBE3C0', '#BFE5D3', '#F3F4F6'


class Band(NamedTuple):
    """A coloured stretch of one row, in ns."""

    row: str
    text: str
    why: str
    since: int
    until: int
    colour: str


def timeline(run: Run, axis: TimeAxis, chunks: Sequence[Judged]) -> Any:
    """The panel; its chunk marks come from the source named 'chunks'."""
    tasks = outcomes(run.outcomes)
    rows = [*_ROWS, *(['markers'] if run.markers else []), *(['task'] if tasks else [])]
    panel = axis.panel('authority', '', '', 64 + 30 * len(rows), rows)
    panel.ygrid.grid_line_color = None
    bands = [*_modes(run), *_sources(run), *_switch(run)]
    for task in tasks:
        for holds, since, until in task.spans:
            text = 'success' if holds else 'no success'
            colour = _SUCCESS if holds else _NONE
            bands.append(Band('task', text, task.task, since, until, colour))
    _draw_bands(panel, run, bands)
    _draw_requests(panel, run)
    draw_chunks(panel, run, chunks)
    if run.markers:
        _draw_markers(panel, run)
    return panel


def _modes(run: Run) -> Iterable[Band]:
    for span in events.spans(run.states):
        reasons = (s.reason for _, s in run.states if nanoseconds(s.header.stamp) == span.since)
        colour = MODES.get(span.mode, '#FFFFFF')
        yield Band('mode', span.mode, next(reasons, ''), span.since, span.until, colour)


def _sources(run: Run) -> Iterable[Band]:
    for span in events.spans(run.states, 'source'):
        if span.mode in SOURCES:
            colour = SOURCES[span.mode]
            yield Band('moved by', span.mode, '', span.since, span.until, colour)


def _switch(run: Run) -> Iterable[Band]:
    for rise, fall in events.pressed(run.active):
        until = run.until if fall is None else fall
        yield Band('switch', 'held', 'by receive times', rise, until, _HELD)


def _draw_bands(panel: Any, run: Run, bands: Sequence[Band]) -> None:
    named = _NAMED * (run.until - run.since)
    source = ColumnDataSource(
        {
            'row': [band.row for band in bands],
            'text': [band.text for band in bands],
            'why': [band.why for band in bands],
            'since': [run.seconds(band.since) for band in bands],
            'until': [run.seconds(band.until) for band in bands],
            'lasts': [(band.until - band.since) / 1e9 for band in bands],
            'middle': [run.seconds((band.since + band.until) // 2) for band in bands],
            'colour': [band.colour for band in bands],
            'name': [band.text if band.until - band.since > named else '' for band in bands],
        }
    )
    bars = panel.hbar(
        y='row', left='since', right='until', height=0.78, color='colour', source=source,
        line_color='#FFFFFF',
    )  # fmt: skip
    panel.text(
        x='middle', y='row', text='name', source=source, text_align='center',
        text_baseline='middle', text_font_size='12px', text_color='#3A424D',
    )  # fmt: skip
    explain(
        panel, [bars], ('', '@text'), ('', '@why'), ('from', '@since{0.00} s'),
        ('lasts', '@lasts{0.00} s'),
    )  # fmt: skip


def _draw_requests(panel: Any, run: Run) -> None:
    asked = requests(run.requests, run.states)
    source = ColumnDataSource(
        {
            'at': [run.seconds(one.received) for one in asked],
            'row': ['requests'] * len(asked),
            'verb': [one.verb for one in asked],
            'name': _names(run, [a.verb for a in asked], [a.received for a in asked]),
            'answer': [one.answer or 'no answer was told' for one in asked],
            'who': [one.requester for one in asked],
            'colour': [GREEN if one.answer == 'ok' else RED for one in asked],
        }
    )
    marks = panel.scatter(
        'at', 'row', marker='inverted_triangle', size=11, color='colour', source=source
    )
    panel.text(
        x='at', y='row', text='name', source=source, x_offset=8, text_baseline='middle',
        text_font_size='12px', text_color='colour',
    )  # fmt: skip
    explain(
        panel, [marks], ('', '@verb'), ('answer', '@answer'), ('by', '@who'), ('at', '@at{0.00} s')
    )


def _draw_markers(panel: Any, run: Run) -> None:
    texts = [one.text for one in run.markers]
    source = ColumnDataSource(
        {
            'at': [run.seconds(one.at) for one in run.markers],
            'row': ['markers'] * len(texts),
            'text': texts,
            'name': _names(run, texts, [one.at for one in run.markers]),
            'who': [one.by for one in run.markers],
            'colour': [MARKERS.get(text, BLUE) for text in texts],
        }
    )
    marks = panel.scatter('at', 'row', marker='diamond', size=13, color='colour', source=source)
    panel.text(
        x='at', y='row', text='name', source=source, x_offset=8, text_baseline='middle',
        text_font_size='12px', text_color='colour',
    )  # fmt: skip
    explain(panel, [marks], ('', '@text'), ('by', '@who'), ('at', '@at{0.00} s'))


def _names(run: Run, texts: Sequence[str], times: Sequence[int]) -> list[str]:
    """Those of the texts, at times [ns], that have room beside them."""
    room = _NAMED * (run.until - run.since)
    after = [*times, run.until][1:]
    return [
        text if end - at > room else '' for text, at, end in zip(texts, times, after, strict=True)
    ]


def draw_chunks(panel: Any, run: Run, chunks: Sequence[Judged]) -> None:
    """Marks at the receipts; a tap tells the page which chunk was meant."""
    source = ColumnDataSource(
        {
            'at': [run.seconds(one.received) for one in chunks],
            'row': ['chunks'] * len(chunks),
            'kind': [one.kind for one in chunks],
            'why': [WORDS.get(check_of(one.verdict), '') for one in chunks],
            'colour': [CHUNKS[one.kind] for one in chunks],
            'edge': [BLUE if one.kind == KINDS[-1] else CHUNKS[one.kind] for one in chunks],
        },
        name='chunks',
    )
    marks = panel.scatter(
        'at', 'row', marker='circle', size=11, fill_color='colour', line_color='edge',
        source=source, name='chunk marks', nonselection_fill_alpha=0.75,
        selection_line_color='#000000', selection_line_width=3,
    )  # fmt: skip
    panel.add_tools(TapTool(renderers=[marks], visible=False))
    explain(panel, [marks], ('chunk', '@kind'), ('', '@why'), ('received', '@at{0.00} s'))
