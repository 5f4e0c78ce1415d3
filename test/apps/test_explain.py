"""The pictures of docs/executor.md: that they show the executor as it is, and are in the page."""

import re
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.apps.bench.rows import ROOT
from fastwam_ros.apps.explain import __main__ as explain
from fastwam_ros.apps.explain import authority, diagram, model
from fastwam_ros.apps.explain.story import IMAGES, JOINT, LATENCY, OFF, RATE, Story, play
from fastwam_ros.motion.authority import ESTOP, FAULT, HOLD, TABLE, Event
from fastwam_ros.motion.plan import Hold, Path

DOCS = ROOT / 'docs'


@pytest.fixture(scope='module')
def story() -> Story:
    return play()


# One joint's way from chunks to motion


def test_what_is_drawn_as_commanded_is_what_the_plans_say(story):
    first, second, _ = story.offered
    for each, until in ((first, second.start), (second, story.spans()['half the rate'][0])):
        there = (story.times >= each.start) & (story.times < until - 1e-6)
        planned = each.plan.sample(story.times[there] - each.start).q
        np.testing.assert_allclose(story.commands[there], planned, atol=1e-9)
        assert there.sum() > 100


def test_a_plan_is_a_bridge_a_spline_that_chunks_are_on_and_a_stop(story):
    for each in story.offered[:-1]:
        _, spline, *tail = each.plan.segments
        assert isinstance(spline, Path) and isinstance(tail[-1], Hold)
        assert each.start == pytest.approx(each.arrival)
        met, last = each.start + each.plan.ends[0], each.start + each.plan.ends[1]
        rows = (each.due > met) & (each.due < last)
        assert rows.sum() > 10
        planned = each.plan.sample(each.due[rows] - each.start).q[:, JOINT]
        assert np.abs(planned - each.rows[rows]).max() < 0.02  # the rows are filtered


def test_the_second_chunk_disagrees_and_the_third_never_comes(story):
    first, second, lost = story.offered
    both = np.interp(first.due[12:], second.due, second.rows) - first.rows[12:]
    assert np.median(both) == pytest.approx(OFF, abs=0.01)
    assert lost.plan is None
    assert [each.due[0] for each in story.offered] == pytest.approx(list(IMAGES))
    assert [each.arrival for each in story.offered] == pytest.approx(np.add(IMAGES, LATENCY))


def test_the_plan_ages_is_slowed_and_stopped_inside_all_limits(story):
    spans = story.spans()
    slow, stop = spans['half the rate'], spans['stop']
    assert spans['bridge 2'][1] < slow[0] < slow[1] < stop[0] < stop[1] < story.times[-1]
    assert stop[0] == pytest.approx(slow[1] + 1.0 / RATE)
    assert (slow[0] - IMAGES[1]) / (stop[0] - IMAGES[1]) == pytest.approx(0.7, abs=0.01)
    for order in (1, 2, 3):
        shares = np.abs(story.shares(order))
        assert 0.8 < np.nanmax(shares[:, JOINT]) <= 1.0 + 1e-6
        assert np.nanmax(shares) <= 1.0 + 1e-6
    assert story.standings[-1] is HOLD
    assert np.ptp(story.commands[story.times > stop[1]], axis=0).max() == 0.0


# Who may move the arms


def test_the_arrows_are_the_table():
    drawn = [
        ((source, event), arrow.target)
        for arrow in authority.arrows()
        for source in arrow.sources
        for event in arrow.events
    ]
    wanted = {
        (source, event): target
        for source, cells in TABLE.items()
        for event, target in cells.items()
        if target != source
    }
    assert dict(drawn) == wanted
    assert len(drawn) == len(wanted)


def test_what_all_armed_states_agree_on_is_one_arrow():
    several = [arrow for arrow in authority.arrows() if arrow.source is None]
    found = {(arrow.events, arrow.target) for arrow in several}
    assert found == {((Event.HARD_FAULT,), FAULT), ((Event.ESTOP,), ESTOP)}
    (left, low), (right, high) = authority.BOX
    inside = {s for s, (x, y) in authority.PLACES.items() if left < x < right and low < y < high}
    assert inside == set(authority.armed())


def test_arrows_go_from_border_to_border():
    """Also those for which no way was written, along straight pieces."""
    for arrow in authority.arrows():
        corners = authority.way(arrow.source, arrow.target)
        assert _on_border(corners[-1], authority.PLACES[arrow.target]), arrow
        if arrow.source is not None:
            assert _on_border(corners[0], authority.PLACES[arrow.source]), arrow
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners)), arrow


def _on_border(point: tuple[float, float], place: tuple[float, float]) -> bool:
    away = np.abs(np.subtract(point, place))
    return bool(
        np.isclose(away, authority.HALF).any() and (away < np.add(authority.HALF, 1e-6)).all()
    )


def test_an_arrow_without_a_way_of_its_own_is_straight(monkeypatch):
    monkeypatch.setattr(authority, '_WAYS', {})
    for arrow in authority.arrows():
        first, last = authority.way(arrow.source, arrow.target)
        assert first != last
        assert _on_border(last, authority.PLACES[arrow.target])


def test_the_cells_are_the_table():
    rows = diagram.cells()
    for row, (standing, cells) in zip(rows, TABLE.items(), strict=True):
        for text, event in zip(row, Event, strict=True):
            target = cells.get(event)
            plain = 'no change' if target == standing else str(target or '-')
            assert text == plain
    assert set(authority.PLACES) == set(TABLE)
    assert set(diagram._COLOURS) == set(Event)


# The command and the page


def test_the_command_writes_both_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['explain', '--out', str(tmp_path / 'new')])
    explain.main()
    said = capsys.readouterr().out.splitlines()
    for name, line in zip((explain.MOTION, explain.AUTHORITY, explain.MODEL), said, strict=True):
        assert line == str(tmp_path / 'new' / name)
        with Image.open(tmp_path / 'new' / name) as picture:
            assert 900 <= picture.width <= 1400
            assert np.asarray(picture.convert('L')).std() > 10.0


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path, monkeypatch):
    (tmp_path / 'file').write_text('')
    monkeypatch.setattr(sys, 'argv', ['explain', '--out', str(tmp_path / 'file')])
    with pytest.raises(OSError, match=r'file: '):
        explain.main()


def test_the_page_shows_the_pictures_and_links_what_was_measured():
    text = (DOCS / 'executor.md').read_text()
    for name in (explain.MOTION, explain.AUTHORITY):
        assert f']({name})' in text
        with Image.open(DOCS / name) as picture:
            assert 900 <= picture.width <= 1400
    linked = set(re.findall(r'\]\(([a-z]+\.md)\)', text))
    assert {'splice.md', 'uncertainty.md', 'follow.md', 'faults.md'} <= linked


def test_the_model_s_page_shows_its_picture():
    assert f']({explain.MODEL})' in (DOCS / 'model.md').read_text()
    with Image.open(DOCS / explain.MODEL) as picture:
        assert 900 <= picture.width <= 1400


def test_the_masks_that_are_drawn_have_a_name_for_every_token():
    for mask, names in model.masks().values():
        assert len(mask) == model.TOKENS * (len(names) - 1) + model.ACTIONS


def test_no_box_of_the_model_lies_on_another():
    boxes = [box[:4] for box in model.BOXES.values()]
    for k, (x, y, half, height) in enumerate(boxes):
        for u, v, other, its in boxes[:k]:
            assert abs(x - u) > half + other or abs(y - v) > height + its
    assert {end for source, target, _ in model.ARROWS for end in (source, target)} == set(
        model.BOXES
    )
