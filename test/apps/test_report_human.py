"""The page of a replay compares chunks with the person; that of another run does not."""

from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.replay.measures.measures import measure
from fastwam_ros.apps.replay.measures.truth import Truth
from fastwam_ros.apps.report.axis import TimeAxis
from fastwam_ros.apps.report.figures import number
from fastwam_ros.apps.report.html import page
from fastwam_ros.apps.report.human import DRAWN, HumanPanels, moved
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag
from test.apps.replayed import CHUNKS, ROWS, Replay, human
from test.apps.test_report_html import Page, columns, models

PANELS = {
    'human_arms', 'human_grippers', 'human_hands', 'human_turns', 'human_left', 'human_right'
}  # fmt: skip
OFF = 0.02 * np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1] * 2)


@pytest.fixture(scope='module')
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    replay = Replay(wanted=lambda ms: human(ms) + OFF)
    return replay.write(tmp_path_factory.mktemp('replay') / 'replay.mcap')


@pytest.fixture(scope='module')
def shown(recording: Path) -> Page:
    return Page(page(Run.read(Bag(recording))))


def panels(shown: Page) -> set[str]:
    return {one['attributes']['name'] for one in models(shown.plots(), 'Figure')}


def test_a_replay_has_the_section_with_its_figures_and_sources(recording, shown):
    assert panels(shown) >= PANELS and 'Against the human' in shown.text
    assert 'What the person did: recorded commands (left arm, left' in shown.text
    values = measure(recording).numbers()
    for name in ('action_error.rad.mae', 'action_error.mm.p95', 'hand_error.mm.mae'):
        assert number(values[name]) in shown.text


def test_curves_are_those_of_the_errors(shown):
    sources = [columns(one) for one in models(shown.plots(), 'ColumnDataSource')]
    curves = [one for one in sources if len(one.get('x', ())) == ROWS]
    assert len(curves) == 4 * 4  # panels of mean and p95 of two sides
    means = [np.mean(one['y']) for one in curves]
    assert means[0] == pytest.approx(0.02 / 6) and means[1] == pytest.approx(0.02)
    assert means[4] == pytest.approx(2.0)  # mm of the left gripper


def test_every_chunk_lies_over_the_persons_way_and_hides_with_its_joint(shown):
    tags = [one['attributes'].get('tags', []) for one in models(shown.plots(), 'GlyphRenderer')]
    assert sum(one == ['joint1'] for one in tags) == 2 * 2  # way and chunks of two arms
    sources = [columns(one) for one in models(shown.plots(), 'ColumnDataSource')]
    drawn = [one for one in sources if len(one.get('q', ())) == CHUNKS * (ROWS + 1)]
    assert len(drawn) == 2 * 3 and CHUNKS < DRAWN


def test_the_joints_that_move_most_are_drawn(recording):
    assert moved(Truth.of(Run.read(Bag(recording)), 'left_arm')) == [0, 4, 5]


@pytest.mark.parametrize('replay', [Replay(roles=()), Replay(roles=('measured',), mode='')])
def test_without_a_person_there_is_no_section(tmp_path, replay):
    """Readings of a run that is no replay answer to whoever drove it."""
    text = Page(page(Run.read(Bag(replay.write(tmp_path / 'run.mcap')))))
    assert not panels(text) & PANELS and 'Against the human' not in text.text


def test_many_chunks_are_thinned_out_and_the_page_says_so(recording, monkeypatch):
    monkeypatch.setattr('fastwam_ros.apps.report.human.DRAWN', 4)
    run = Run.read(Bag(recording))
    found = HumanPanels(run, TimeAxis(0.0, 5.0, 5.0))
    assert len(list(found.all())) == len(PANELS)
    assert found.notes == dict.fromkeys(('human_left', 'human_right'), f'4 of {CHUNKS} chunks')
