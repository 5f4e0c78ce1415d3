"""Raw pictures: every order of colours, padded rows, and what is no picture."""

import io

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.robot.raw import ENCODINGS, picture

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert('RGB'))


def packed(encoding: str, padding: int = 0) -> tuple[int, bytes]:
    """The picture as a driver sends it: step and data."""
    channels, order = ENCODINGS[encoding]
    rows = np.zeros((5, 7, channels), np.uint8)
    for place, colour in enumerate(order):
        rows[..., colour] = RGB[..., place]
    flat = np.pad(rows.reshape(5, -1), ((0, 0), (0, padding)), constant_values=9)
    return flat.shape[1], flat.tobytes()


@pytest.mark.parametrize('padding', [0, 3])
@pytest.mark.parametrize('encoding', ENCODINGS)
def test_colours_come_out_as_they_are(encoding, padding):
    step, data = packed(encoding, padding)
    assert np.array_equal(decoded(picture(encoding, 5, 7, step, data)), RGB)


def test_an_order_taken_for_another_is_another_picture():
    step, data = packed('bgr8')
    assert np.array_equal(decoded(picture('rgb8', 5, 7, step, data)), RGB[..., ::-1])


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        (('yuv422', 5, 7, 14, bytes(70)), "'yuv422' is none of rgb8, bgr8, rgba8, bgra8"),
        (('rgb8', 0, 7, 21, b''), '7 x 0 pixels'),
        (('rgb8', 5, 7, 20, bytes(100)), 'rows of 20 bytes for 7 pixels of rgb8, which are 21'),
        (('rgb8', 5, 7, 21, bytes(104)), '104 bytes for 5 rows of 21: cut off'),
    ],
)
def test_what_is_no_picture_is_refused_with_its_fact(given, words):
    with pytest.raises(ValueError, match=words):
        picture(*given)
