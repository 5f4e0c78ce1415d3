"""Raw pictures: the pixels that were put in, whatever their order and padding; or words."""

import numpy as np
import pytest

from fastwam_ros.robot.pictures import ENCODINGS, Layout, pixels

RGB = np.random.default_rng(1).integers(0, 255, (6, 8, 3), np.uint8)
ORDERS = {'rgb8': (0, 1, 2), 'bgr8': (2, 1, 0), 'rgba8': (0, 1, 2, 3), 'bgra8': (2, 1, 0, 3)}


def sent(encoding: str, padding: int = 0) -> tuple[Layout, bytes]:
    """RGB as a driver sends it."""
    with_alpha = np.concatenate([RGB, np.full((6, 8, 1), 7, np.uint8)], axis=2)
    rows = with_alpha[..., ORDERS[encoding]].reshape(6, -1)
    padded = np.pad(rows, ((0, 0), (0, padding)), constant_values=99)
    return Layout(encoding, 6, 8, padded.shape[1]), padded.tobytes()


@pytest.mark.parametrize('padding', [0, 1, 13])
@pytest.mark.parametrize('encoding', ENCODINGS)
def test_every_order_of_colours_is_read_and_padding_is_not(encoding, padding):
    assert np.array_equal(pixels('left', *sent(encoding, padding)), RGB)


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_nothing_is_copied(encoding):
    layout, data = sent(encoding, 4)
    seen = pixels('left', layout, data)
    assert np.shares_memory(seen, np.frombuffer(data, np.uint8))
    assert not seen.flags.writeable


@pytest.mark.parametrize(
    ('layout', 'length', 'words'),
    [
        (Layout('rgb8', 6, 8, 24), 143, 'left camera sent 143 bytes, but 6 rows of 24 are 144'),
        (Layout('bgra8', 6, 8, 24), 144, '24 bytes per row, at least 32: its driver gives'),
        (Layout('rgb8', 0, 8, 24), 0, '0 x 8 rgb8, no pixel at all'),
        (Layout('mono8', 6, 8, 8), 48, "sends 'mono8', which has no colours: set a colour format"),
        (Layout('mono16', 6, 8, 16), 96, "sends 'mono16', which has no colours"),
        (Layout('yuv422', 6, 8, 16), 96, "'yuv422', which is none of rgb8, bgr8, rgba8, bgra8"),
        (Layout('RGB8', 6, 8, 24), 144, "'RGB8', which is none of"),
    ],
)
def test_what_cannot_be_read_names_camera_fact_and_cause(layout, length, words):
    with pytest.raises(ValueError, match='left camera') as refused:
        pixels('left', layout, bytes(length))
    assert words in str(refused.value)


def test_somebody_else_may_read_what_is_not_known_here():
    layout = Layout('yuv422', 6, 8, 16)
    assert np.array_equal(pixels('left', layout, bytes(96), lambda *_: RGB), RGB)

    def cannot(layout: Layout, data: bytes):
        raise ValueError(f'no {layout.encoding}')

    with pytest.raises(ValueError, match="left camera sends 'yuv422': no yuv422: set a colour"):
        pixels('left', layout, bytes(96), cannot)
