"""Tiling: each camera in its place, resized as the released preprocessing does, or refused."""

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS, Tile

SIZES = {'head': (720, 1280), 'left': (360, 640), 'right': (360, 640)}


def pictures(**changes):
    rng = np.random.default_rng(1)
    drawn = {
        name: rng.integers(0, 256, (*size, 3)).astype(np.uint8) for name, size in SIZES.items()
    }
    return {**drawn, **changes}


def test_every_camera_lands_in_its_tile():
    grey = {
        name: np.full((*size, 3), 50 + n, np.uint8) for n, (name, size) in enumerate(SIZES.items())
    }
    mosaic = HEAD_ABOVE_WRISTS.tile(grey)
    assert mosaic.shape == (384, 320, 3)
    assert (mosaic[:256] == 50).all()
    assert (mosaic[256:, :160] == 51).all()
    assert (mosaic[256:, 160:] == 52).all()


def test_resizing_is_pillows_bilinear_without_cropping():
    seen = pictures()
    mosaic = HEAD_ABOVE_WRISTS.tile(seen)
    expected = Image.fromarray(seen['right']).resize((160, 128), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(mosaic[256:, 160:], np.asarray(expected))


def test_a_picture_of_the_tiles_size_passes_untouched():
    seen = pictures(
        head=np.arange(256 * 320 * 3, dtype=np.uint32).reshape(256, 320, 3).astype('u1')
    )
    np.testing.assert_array_equal(HEAD_ABOVE_WRISTS.tile(seen)[:256], seen['head'])


def test_a_view_with_strides_is_what_it_shows():
    seen = pictures()
    flipped = {**seen, 'head': seen['head'][::-1, :, ::-1]}
    copied = {**seen, 'head': flipped['head'].copy()}
    np.testing.assert_array_equal(HEAD_ABOVE_WRISTS.tile(flipped), HEAD_ABOVE_WRISTS.tile(copied))


def test_channels_stay_in_order():
    red = np.zeros((720, 1280, 3), np.uint8)
    red[..., 0] = 200
    assert HEAD_ABOVE_WRISTS.tile(pictures(head=red))[0, 0].tolist() == [200, 0, 0]


@pytest.mark.parametrize(
    ('changes', 'match'),
    [
        ({'head': np.zeros((720, 1280, 3), np.float32)}, 'head picture is float32, not uint8'),
        ({'head': np.zeros((720, 1280), np.uint8)}, r'shape \[720, 1280\], not'),
        ({'head': np.zeros((3, 720, 1280), np.uint8)}, 'channels last'),
        ({'left': np.zeros((360, 640, 4), np.uint8)}, r'left picture has shape \[360, 640, 4\]'),
        ({'right': np.zeros((100, 640, 3), np.uint8)}, 'right picture is 100 x 640, smaller'),
        ({'left': np.zeros((0, 0, 3), np.uint8)}, 'left picture is 0 x 0, smaller'),
        ({'left': None}, 'left picture is NoneType'),
        ({'chest': np.zeros((360, 640, 3), np.uint8)}, 'looks through head, left, right'),
    ],
)
def test_a_picture_that_does_not_fit(changes, match):
    with pytest.raises(ValueError, match=match):
        HEAD_ABOVE_WRISTS.tile(pictures(**changes))


def test_a_missing_camera():
    seen = pictures()
    del seen['left']
    with pytest.raises(ValueError, match=r"pictures of \['head', 'right'\]"):
        HEAD_ABOVE_WRISTS.tile(seen)


@pytest.mark.parametrize('tile', [(0, 0, 0, 5), (-1, 0, 5, 5)])
def test_a_tile_without_a_place(tile):
    with pytest.raises(ValueError, match='has no place'):
        Tile('head', *tile)
