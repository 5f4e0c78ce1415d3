"""Markers in the report: what people said beside what the modes say."""

from dataclasses import replace
from pathlib import Path

import pytest

from fastwam_ros.apps.report import tables
from fastwam_ros.apps.report.__main__ import table
from fastwam_ros.apps.report.axis import TimeAxis
from fastwam_ros.apps.report.figures import plain, sections
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.report.timeline import timeline
from fastwam_ros.bag.reader import Bag
from test.apps.recording import MS, START, TICK, empty, known

SAID = [
    (START + 2000 * MS, 'failure'),
    (START + 2400 * MS, 'note:<b>'),
    (START + 3000 * MS, 'success'),
]


@pytest.fixture(scope='module')
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = tmp_path_factory.mktemp('markers') / 'run.mcap'
    return Run.read(Bag(replace(known(), markers=SAID).write(path)))


def test_an_intervention_is_read_off_the_modes(run: Run) -> None:
    by = [(one.text, one.by) for one in run.markers]
    people = [(text, 'a person') for _, text in SAID]
    assert by == [('intervention', "the executor's mode"), *people]
    taken = run.markers[0].at - START
    assert 220 * TICK < taken < 240 * TICK  # late by a few ticks since LATE


def test_the_table_and_the_json_have_the_outcome_and_every_marker(run: Run) -> None:
    assert run.episode == {'bundle': 'b@1', 'outcome': 'success'}
    found = plain(sections(run))
    assert found['episode_outcome'] == 'success'
    assert found['marker_2'] == 'failure, by a person'
    rows = [line for line in table(run).splitlines() if line.endswith(', by a person')]
    assert rows[0].split()[:2] == ['at', f'{(SAID[0][0] - run.since) / 1e9:.2f}']
    assert len(rows) == len(SAID)


def test_the_page_has_them_on_its_timeline_and_in_a_table(run: Run) -> None:
    axis = TimeAxis(0.0, 5.0, 5.0)
    panel = timeline(run, axis, [])
    assert 'markers' in panel.y_range.factors
    drawn = [r.data_source.data for r in panel.renderers if 'who' in r.data_source.data]
    texts = [list(data['text']) for data in drawn if 'text' in data]
    assert texts
    assert texts[0] == ['intervention', *(text for _, text in SAID)]
    rows = tables.marker_rows(run)
    assert [(row['text'], row['bad']) for row in rows] == [
        ('intervention', False), ('failure', True), ('note:<b>', False), ('success', False),
    ]  # fmt: skip
    assert ('outcome', 'success') in tables.about(run)


def test_a_recording_without_markers_has_no_row_for_them(tmp_path: Path) -> None:
    run = Run.read(Bag(empty().write(tmp_path / 'run.mcap')))
    assert run.markers == []
    assert 'episode_outcome' not in plain(sections(run))
    assert 'markers' not in timeline(run, TimeAxis(0.0, 1.0, 1.0), []).y_range.factors
