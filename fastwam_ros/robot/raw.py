"""Uncompressed camera pictures, as a camera's raw topic carries them, as pictures that decode.

The bytes become a PPM (P6), which every reader of pictures knows: what follows needs not know
whether a picture came compressed. Facts: sensor_msgs/Image, whose rows may be padded.
"""

import numpy as np

# Encoding: its channels, and the order in which they are red, green and blue.
ENCODINGS = {
    'rgb8': (3, (0, 1, 2)),
    'bgr8': (3, (2, 1, 0)),
    'rgba8': (4, (0, 1, 2)),
    'bgra8': (4, (2, 1, 0)),
}


def picture(encoding: str, height: int, width: int, step: int, data: bytes) -> bytes:
    """PPM bytes of a raw picture; step: bytes from one row to the next, padding included.

    Raises ValueError for an encoding that is none of ENCODINGS, for no pixels, and for rows that
    are shorter than their pixels or fewer than there should be.
    """
    if encoding not in ENCODINGS:
        raise ValueError(f'encoding {encoding!r} is none of {", ".join(ENCODINGS)}')
    channels, order = ENCODINGS[encoding]
    if height < 1 or width < 1:
        raise ValueError(f'{width} x {height} pixels: the driver sends an empty picture')
    if step < width * channels:
        raise ValueError(
            f'rows of {step} bytes for {width} pixels of {encoding}, which are {width * channels}'
        )
    if len(data) < height * step:
        raise ValueError(f'{len(data)} bytes for {height} rows of {step}: cut off on its way?')
    rows = np.frombuffer(data, np.uint8, height * step).reshape(height, step)
    pixels = rows[:, : width * channels].reshape(height, width, channels)
    return b'P6 %d %d 255\n' % (width, height) + pixels[..., list(order)].tobytes()
