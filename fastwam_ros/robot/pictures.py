"""A camera's pictures without compression: how pixels lie in the bytes of a sensor_msgs/Image.

What is read here is a view of the bytes: nothing is copied, red and blue change places by strides.
Names of encodings are those of sensor_msgs' image_encodings. This module knows no message class.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
# Bytes of a pixel, and which of them are red, green and blue.
ENCODINGS = {
    'rgb8': (3, slice(0, 3, 1)),
    'bgr8': (3, slice(2, None, -1)),
    'rgba8': (4, slice(0, 3, 1)),
    'bgra8': (4, slice(2, None, -1)),
}
_DRIVER = 'set a colour format in its driver'


@dataclass(frozen=True)
class Layout:
    """What a message says of its bytes. step: bytes from one row to the next."""

    encoding: str
    height: int
    width: int
    step: int
    big_endian: bool = False  # of no meaning where a channel is a byte

    @classmethod
    def of(cls, message: Any) -> 'Layout':
        """What a sensor_msgs/Image says, whoever decoded it."""
        size = message.height, message.width, message.step
        return cls(message.encoding, *size, bool(message.is_bigendian))

    def __str__(self) -> str:
        return f'{self.height} x {self.width} {self.encoding}'


Convert = Callable[[Layout, bytes], Picture]


def pixels(camera: str, layout: Layout, data: bytes, beyond: Convert | None = None) -> Picture:
    """RGB uint8 [h, w, 3], read-only and not always contiguous.

    beyond: reads encodings that are not in ENCODINGS, and raises ValueError where it cannot.
    Raises ValueError naming the camera for an encoding without colours or that nobody reads, and
    for fewer bytes than the layout says.
    """
    _check_size(camera, layout, data)
    if layout.encoding in ENCODINGS:
        return _view(camera, layout, data)
    what = f'{camera} camera sends {layout.encoding!r}'
    if layout.encoding.startswith('mono'):
        raise ValueError(f'{what}, which has no colours: {_DRIVER}')
    if beyond is None:
        raise ValueError(f'{what}, which is none of {", ".join(ENCODINGS)}: {_DRIVER}')
    try:
        return beyond(layout, data)
    except ValueError as error:
        raise ValueError(f'{what}: {error}: {_DRIVER}') from error


def _check_size(camera: str, layout: Layout, data: bytes) -> None:
    rows, needed = layout.height, layout.height * layout.step
    if min(rows, layout.width) < 1:
        raise ValueError(f'{camera} camera sends {layout}, no pixel at all: see its driver')
    if len(data) < needed:
        raise ValueError(
            f'{camera} camera sent {len(data)} bytes, but {rows} rows of {layout.step} are '
            f'{needed}: its driver gives a wrong height or step, or breaks off'
        )


def _view(camera: str, layout: Layout, data: bytes) -> Picture:
    depth, colours = ENCODINGS[layout.encoding]
    row = layout.width * depth
    if layout.step < row:
        raise ValueError(
            f'{camera} camera sends {layout} with {layout.step} bytes per row, at least {row}: '
            'its driver gives a wrong width, step or encoding'
        )
    shape, strides = (layout.height, layout.width, depth), (layout.step, depth, 1)
    return np.ndarray(shape, np.uint8, data, strides=strides)[..., colours]
