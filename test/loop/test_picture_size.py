"""Sizes from the first bytes, as a decoder finds them."""

import io

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.loop.picture_size import picture_size


def encoded(height: int, width: int, form: str, **options) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize('options', [{}, {'progressive': True}, {'comment': b'\xff\xc0' * 40}])
def test_a_jpeg_of_any_kind(options):
    assert picture_size(encoded(36, 64, 'JPEG', **options)) == (36, 64)


def test_a_png():
    assert picture_size(encoded(36, 64, 'PNG')) == (36, 64)


def test_fill_bytes_before_a_marker():
    data = encoded(8, 16, 'JPEG')
    assert picture_size(data[:2] + b'\xff\xff' + data[2:]) == (8, 16)


@pytest.mark.parametrize(
    'data', [b'', b'\xff\xd8', b'\xff\xd8\x00\x00\x00\x00', b'GIF89a', b'\x89PNG\r\n\x1a\n']
)
def test_what_is_no_picture_has_no_size(data):
    assert picture_size(data) is None


def test_a_picture_that_is_cut_off_before_its_frame():
    data = encoded(36, 64, 'JPEG')
    assert picture_size(data[:30]) is None
