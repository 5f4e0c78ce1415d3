"""Frames to pixels, whichever way they came, and a word where a camera sends another size.

A picture is read anew from what its message says, so that another size or order of colours is
taken as it comes; only somebody must know, because a policy sees it stretched otherwise.
"""

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from fastwam_ros.loop.synchroniser import Frame
from fastwam_ros.robot.pictures import Convert, Picture, pixels


def picture(camera: str, frame: Frame, beyond: Convert | None = None) -> Picture:
    """RGB uint8 [h, w, 3] of a frame, encoded or raw. beyond: see `robot.pictures.pixels`.

    Raises ValueError naming the camera.
    """
    if frame.layout is None:
        return decode(camera, frame.data)
    return pixels(camera, frame.layout, frame.data, beyond)


def decode(camera: str, data: bytes) -> Picture:
    """A JPEG or PNG as RGB uint8 [h, w, 3]. Raises ValueError naming the camera."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            return np.asarray(opened.convert('RGB'))
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
