"""Which pictures are taken for one observation, and when that is certain."""

import pytest

from fastwam_ros.loop.synchroniser import Frame, Synchroniser

CAMERAS = ('head', 'left', 'right')
MS = 1_000_000
BASE = 10**18
BEFORE = tuple((camera, -66) for camera in CAMERAS)  # so that the first frames have a past


def fed(*frames: tuple[str, int], skew: int = 50, interval: int = 0) -> Synchroniser:
    synchroniser = Synchroniser(CAMERAS, skew * MS, interval * MS)
    for camera, ms in (*BEFORE, *frames):
        assert synchroniser.add(camera, Frame(BASE + ms * MS, b'')) == ''
    return synchroniser


def stamps(found) -> dict[str, int]:
    return {name: (frame.stamp - BASE) // MS for name, frame in found.frames.items()}


def newest(synchroniser: Synchroniser, after: int = -10):
    return next(synchroniser.sets(after=BASE + after * MS), None)


def test_waits_for_every_camera():
    assert newest(fed(('head', 0), ('left', 5))) is None


def test_takes_the_smallest_span_around_the_newest_head_picture():
    found = newest(
        fed(('head', 0), ('left', 10), ('right', 20), ('head', 66), ('left', 76), ('right', 86))
    )
    assert stamps(found) == {'head': 66, 'left': 76, 'right': 86}
    assert found.span == 20 * MS
    assert found.stamp == BASE + 66 * MS


def test_a_partner_from_before_may_be_the_closer_one():
    found = newest(fed(('left', 55), ('head', 66), ('right', 60), ('left', 121), ('right', 126)))
    assert stamps(found) == {'head': 66, 'left': 55, 'right': 60}


def test_of_equal_spans_the_nearest_frames_are_taken():
    found = newest(fed(('head', 0), ('left', 30), ('right', -10), ('right', 20), ('left', 96)))
    assert stamps(found) == {'head': 0, 'left': 30, 'right': 20}
    found = newest(fed(('left', -30), ('right', -20), ('head', 0), ('left', 36), ('right', 0)))
    assert stamps(found) == {'head': 0, 'left': -30, 'right': 0}


def test_a_set_waits_for_a_frame_that_could_change_it():
    early = (('left', -3), ('right', -2), ('head', 0))
    assert newest(fed(*early)) is None
    assert newest(fed(*early, ('left', 30))) is None
    assert stamps(newest(fed(*early, ('left', 30), ('right', 31)))) == {
        'head': 0,
        'left': -3,
        'right': -2,
    }


@pytest.mark.parametrize(('interval', 'certain'), [(4, False), (5, True), (20, True)])
def test_frames_that_cannot_come_any_more_are_not_waited_for(interval, certain):
    early = (('left', -3), ('right', -2), ('head', 0))
    assert (newest(fed(*early, interval=interval)) is not None) == certain


def test_frames_closer_than_the_interval_are_dropped_whatever_was_kept():
    synchroniser = fed(('head', 0), interval=20)
    assert 'sends frames 0.0100 s apart: frame_interval is 0.02 s' in synchroniser.add(
        'head', Frame(BASE + 10 * MS, b'')
    )
    assert 'sends frames 0.0150 s apart' in synchroniser.add('head', Frame(BASE + 25 * MS, b''))
    assert synchroniser.add('head', Frame(BASE + 45 * MS, b'')) == ''


def test_without_a_frame_from_before_nothing_is_certain():
    synchroniser = Synchroniser(CAMERAS, 50 * MS)
    for camera, ms in (('head', 0), ('left', 3), ('right', 5), ('left', 69), ('right', 71)):
        synchroniser.add(camera, Frame(BASE + ms * MS, b''))
    assert newest(synchroniser) is None


def test_falls_back_to_an_older_complete_set():
    found = newest(fed(('head', 0), ('left', 3), ('right', 5), ('head', 66)))
    assert stamps(found) == {'head': 0, 'left': 3, 'right': 5}


def test_sets_come_newest_first_and_only_after_the_stamp_that_is_asked_for():
    synchroniser = fed(*((c, k * 66 + i) for k in range(3) for i, c in enumerate(CAMERAS)))
    assert [stamps(found)['head'] for found in synchroniser.sets(BASE - MS)] == [132, 66, 0]
    assert [stamps(found)['head'] for found in synchroniser.sets(BASE)] == [132, 66]
    assert newest(synchroniser, after=132) is None


@pytest.mark.parametrize(('late', 'found'), [(50, True), (51, False)])
def test_skew_limit(late, found):
    assert (newest(fed(('head', 0), ('left', late), ('right', 0))) is not None) == found


def test_a_frozen_camera_yields_no_set_with_its_last_picture():
    synchroniser = fed(('head', 0), ('left', 0), ('right', 0))
    for k in range(1, 10):
        for camera in ('head', 'left'):
            synchroniser.add(camera, Frame(BASE + k * 66 * MS, b''))
    assert newest(synchroniser, after=0) is None


def test_bad_stamps_are_dropped_in_words():
    synchroniser = fed(('head', 10))
    assert 'no capture stamp' in synchroniser.add('head', Frame(0, b''))
    assert 'goes back by 5 ms' in synchroniser.add('head', Frame(BASE + 5 * MS, b''))
    with pytest.raises(KeyError):
        synchroniser.add('rear', Frame(BASE, b''))


def test_a_clock_set_back_begins_anew():
    synchroniser = fed(('head', 5000), ('left', 5000), ('right', 5000))
    assert newest(synchroniser) is not None
    for ms in (-66, 0):
        for camera in CAMERAS:
            assert synchroniser.add(camera, Frame(BASE + ms * MS, b'')) == ''
    assert stamps(newest(synchroniser)) == {'head': 0, 'left': 0, 'right': 0}
