"""Which pictures are taken for one observation."""

import pytest

from fastwam_ros.loop.synchroniser import Frame, Synchroniser

CAMERAS = ('head', 'left', 'right')
MS = 1_000_000
BASE = 10**18


def fed(*frames: tuple[str, int], skew: int = 50) -> Synchroniser:
    synchroniser = Synchroniser(CAMERAS, skew * MS)
    for camera, ms in frames:
        assert synchroniser.add(camera, Frame(BASE + ms * MS, b'')) == ''
    return synchroniser


def stamps(found) -> dict[str, int]:
    return {name: (frame.stamp - BASE) // MS for name, frame in found.frames.items()}


def test_waits_for_every_camera():
    assert fed(('head', 0), ('left', 5)).newest() is None


def test_takes_the_smallest_span_around_the_newest_head_picture():
    found = fed(
        ('head', 0), ('left', 10), ('right', 20), ('head', 66), ('left', 76), ('right', 20 + 66)
    ).newest()
    assert stamps(found) == {'head': 66, 'left': 76, 'right': 86}
    assert found.span == 20 * MS
    assert found.stamp == BASE + 66 * MS


def test_a_partner_from_before_may_be_the_closer_one():
    found = fed(('left', 55), ('head', 66), ('right', 60), ('left', 121)).newest()
    assert stamps(found) == {'head': 66, 'left': 55, 'right': 60}


def test_falls_back_to_an_older_complete_set():
    found = fed(('head', 0), ('left', 3), ('right', 5), ('head', 66)).newest()
    assert stamps(found) == {'head': 0, 'left': 3, 'right': 5}


def test_a_set_is_handed_out_once_and_nothing_queues():
    synchroniser = fed(*((c, k * 66 + i) for k in range(3) for i, c in enumerate(CAMERAS)))
    assert stamps(synchroniser.newest())['head'] == 132
    assert synchroniser.newest() is None


@pytest.mark.parametrize(('late', 'found'), [(50, True), (51, False)])
def test_skew_limit(late, found):
    assert (fed(('head', 0), ('left', late), ('right', 0)).newest() is not None) == found


def test_a_frozen_camera_yields_no_set_with_its_last_picture():
    synchroniser = fed(('head', 0), ('left', 0), ('right', 0))
    synchroniser.newest()
    for k in range(1, 10):
        for camera in ('head', 'left'):
            synchroniser.add(camera, Frame(BASE + k * 66 * MS, b''))
    assert synchroniser.newest() is None


def test_bad_stamps_are_dropped_in_words():
    synchroniser = fed(('head', 10))
    assert 'no capture stamp' in synchroniser.add('head', Frame(0, b''))
    assert 'goes back by 5 ms' in synchroniser.add('head', Frame(BASE + 5 * MS, b''))
    with pytest.raises(KeyError):
        synchroniser.add('rear', Frame(BASE, b''))


def test_a_clock_set_back_begins_anew():
    synchroniser = fed(('head', 5000), ('left', 5000), ('right', 5000))
    assert synchroniser.newest() is not None
    for camera in CAMERAS:
        assert synchroniser.add(camera, Frame(BASE, b'')) == ''
    assert stamps(synchroniser.newest()) == {'head': 0, 'left': 0, 'right': 0}
