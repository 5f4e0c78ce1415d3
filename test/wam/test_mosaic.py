"""Tiling: each camera in its place, resized as the released preprocessing does, or refused."""

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS, SCENE_BESIDE_WRIST, Cut, Tile

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
    expected = Image.fromarray(seen['right']).resize((160, 128), Image.BILINEAR)
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


def within_one_level(ours, pillows):
    assert np.abs(ours.astype(int) - np.asarray(pillows, int)).max() <= 1


@pytest.mark.parametrize('size', [(720, 1280), (360, 640), (400, 330), (256, 320)])
def test_the_robotwin_layout_is_pillows_straight_resize(size):
    seen = pictures(head=np.random.default_rng(2).integers(0, 256, (*size, 3)).astype('u1'))
    mosaic = HEAD_ABOVE_WRISTS.tile(seen)
    boxes = {'head': (0, 0, 256, 320), 'left': (256, 0, 128, 160), 'right': (256, 160, 128, 160)}
    for name, (top, left, high, wide) in boxes.items():
        expected = Image.fromarray(seen[name]).resize((wide, high), Image.BILINEAR)
        within_one_level(mosaic[top : top + high, left : left + wide], expected)


# Two that keep their proportions lose a strip on both sides, of an odd width in one case.
@pytest.mark.parametrize('size', [(256, 256), (224, 224), (480, 640), (301, 227)])
def test_the_libero_layout_is_pillows_resize_of_turned_frames_cut_in_the_middle(size):
    rng = np.random.default_rng(3)
    names = ('image', 'wrist_image')
    seen = {name: rng.integers(0, 256, (*size, 3)).astype(np.uint8) for name in names}
    mosaic = SCENE_BESIDE_WRIST.tile(seen)
    assert mosaic.shape == (224, 448, 3)
    for n, name in enumerate(names):
        image = Image.fromarray(seen[name]).transpose(Image.Transpose.ROTATE_180)
        scale = max(224 / image.width, 224 / image.height)
        wide, high = round(image.width * scale), round(image.height * scale)
        left, top = round((wide - 224) / 2), round((high - 224) / 2)
        large = image.resize((wide, high), Image.BILINEAR)
        expected = large.crop((left, top, left + 224, top + 224))
        within_one_level(mosaic[:, 224 * n : 224 * (n + 1)], expected)


def test_a_cut_is_taken_from_the_cameras_own_picture_before_it_is_turned():
    tile = Tile('head', 0, 0, 32, 64, turned=True, crop=Cut(0.25, 0.0, 0.5, 0.5))
    picture = np.random.default_rng(4).integers(0, 256, (64, 128, 3)).astype(np.uint8)
    np.testing.assert_array_equal(tile.of(picture), picture[16:48, :64][::-1, ::-1])


def test_what_is_left_of_a_picture_may_be_too_small():
    tile = Tile('head', 0, 0, 32, 64, crop=Cut(0.0, 0.5, 1.0, 0.5))
    with pytest.raises(ValueError, match=r'head picture is 64 x 60, smaller .* and its crop in'):
        tile.of(np.zeros((64, 120, 3), np.uint8))


@pytest.mark.parametrize(
    'cut',
    [(0, 0, 0, 1), (-0.1, 0, 1, 1), (0.2, 0, 0.9, 1), (0, 0.5, 1, 0.6), (0, 0, float('nan'), 1)],
)
def test_a_cut_that_is_no_part(cut):
    with pytest.raises(ValueError, match='is no part of a picture'):
        Cut(*cut)


def test_an_unknown_fit():
    with pytest.raises(ValueError, match="fit 'pad' is none of stretch, crop"):
        Tile('head', 0, 0, 32, 32, 'pad')


@pytest.mark.parametrize('cut', [None, Cut(0.13, 0.07, 0.61, 0.37), Cut(0.333, 0.5, 0.333, 0.5)])
def test_the_smallest_picture_fills_its_tile(cut):
    tile = Tile('head', 0, 0, 100, 130, crop=cut)
    assert tile.of(np.zeros((*tile.smallest, 3), np.uint8)).shape == (100, 130, 3)
