"""The pictures that episodes need: each once from the file, as often as it is shown."""

from dataclasses import replace

import numpy as np
import pytest

from fastwam_ros.apps.learning.episodes import episodes
from fastwam_ros.apps.learning.pictures import shown
from fastwam_ros.apps.learning.recording import Recording
from fastwam_ros.bag.reader import Bag, BagError
from test.apps.learning.taught import FRAME, SIZE, START, TICK, Taught, colour
from test.bag.messages import cdr, header


@pytest.fixture
def own(tmp_path):
    bag = Taught(4.0, lost=[('image_left', 1.5, 1.9)]).write(tmp_path / 'run.mcap')
    return episodes(Recording.read(Bag(bag))).episodes


def counted(own, camera):
    """Pictures of each episode, with the grey of each."""
    found = [[] for _ in own]
    for seen, index, picture, times in shown(own):
        if seen == camera:
            found[index] += [float(picture.mean())] * times
    return found


def test_every_episode_gets_its_own_in_order(own):
    assert len(own) == 2
    for episode, greys in zip(own, counted(own, 'head'), strict=True):
        numbers = np.round((episode.stamps - START - TICK) / FRAME).astype(int)
        wanted = [colour('head', n)[0] for n in numbers.tolist()]
        assert greys == pytest.approx(wanted, abs=2.0)


def test_one_that_is_nearest_to_two_is_shown_twice(own):
    stamps = own[0].pictures['left'].copy()
    stamps[4] = stamps[5]
    changed = replace(own[0], pictures={**own[0].pictures, 'left': stamps})
    plain, twice = (
        [n for camera, _, _, n in shown([each]) if camera == 'left'] for each in (own[0], changed)
    )
    assert twice.count(2) == plain.count(2) + 1
    assert sum(twice) == sum(plain) == len(changed)


def test_one_that_is_gone_is_not_replaced_by_another(own):
    stamps = own[0].pictures['left'].copy()
    stamps[4] += 1
    changed = replace(own[0], pictures={**own[0].pictures, 'left': stamps})
    assert len(counted([changed], 'left')[0]) == 4
    assert len(counted([changed], 'head')[0]) == len(changed)


def test_bytes_that_are_no_picture_are_said(tmp_path):
    stamp = START + TICK + FRAME * 30
    data = np.frombuffer(b'nothing', np.uint8)
    broken = cdr('CompressedImage', header=header(stamp), format='jpeg', data=data)
    extra = [('image_head', stamp + 2_000_000, broken)]
    lost = [('image_head', 1.99, 2.03)]
    bag = Taught(4.0, lost=lost, extra=extra).write(tmp_path / 'run.mcap')
    own = episodes(Recording.read(Bag(bag))).episodes
    with pytest.raises(BagError, match='head camera sent 7 bytes that are no picture'):
        list(shown(own))


def test_pictures_are_as_large_as_recorded(own):
    assert {picture.shape for _, _, picture, _ in shown(own)} == {(*SIZE, 3)}
