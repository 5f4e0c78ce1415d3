"""Frames to pixels, whichever way they came, and a word where a camera sends another size.

A picture is read anew from what its message says, so that another size or order of colours is
taken as it comes; only somebody must know, because a policy sees it stretched otherwise.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from PIL import Image

from fastwam_ros.loop.synchroniser import Frame
from fastwam_ros.robot.pictures import Convert, Picture, pixels

GLIMPSE = (18, 32)  # height, width


def picture(camera: str, frame: Frame, beyond: Convert | None = None) -> Picture:
    """RGB uint8 [h, w, 3] of a frame, encoded or raw. beyond: see `robot.pictures.pixels`.

    Raises ValueError naming the camera.
    """
    if frame.layout is None:
        return decode(camera, frame.data)
    return pixels(camera, frame.layout, frame.data, beyond)


def decode(camera: str, data: bytes) -> Picture:
    """A JPEG or PNG as RGB uint8 [h, w, 3]. Raises ValueError naming the camera."""
    with _opened(camera, data) as image:
        return np.asarray(image.convert('RGB'))


def glimpse(camera: str, data: bytes) -> Picture:
    """A JPEG or PNG as small grey uint8 [GLIMPSE]. Raises ValueError naming the camera.

    Takes 2 ms of 1280 x 720: a JPEG is read at an eighth of its size.
    """
    height, width = GLIMPSE
    with _opened(camera, data) as image:
        image.draft('L', (4 * width, 4 * height))
        return np.asarray(image.convert('L').resize((width, height), Image.Resampling.BOX))


@contextmanager
def _opened(camera: str, data: bytes) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            yield image
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        what = f'{camera} camera sent {len(data)} bytes that are no picture'
        raise ValueError(f'{what}: {error}') from error


class Formats:
    """Size and encoding of each camera's pictures."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def changed(self, images: Mapping[str, Picture], frames: Mapping[str, Frame]) -> str:
        """Which cameras send something else than before, in words; '' where none does."""
        words = []
        for camera, image in images.items():
            now, before = _format(image, frames[camera]), self._known.get(camera)
            if before not in (now, None):
                words.append(f'{camera} camera sends {now} now, {before} before')
            self._known[camera] = now
        return '; '.join(words)


def _format(image: Picture, frame: Frame) -> str:
    if frame.layout is not None:
        return str(frame.layout)
    return f'{image.shape[0]} x {image.shape[1]} compressed'
