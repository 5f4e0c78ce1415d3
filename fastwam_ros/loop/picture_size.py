"""The size of an encoded picture from its first bytes: no decoder, no library."""

import struct

_JPEG, _PNG = b'\xff\xd8', b'\x89PNG\r\n\x1a\n'
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers that a size follows
_BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a length


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Height and width [px] of a JPEG or PNG; None for what is neither or is cut off."""
    try:
        if data.startswith(_PNG):
            width, height = struct.unpack_from('>II', data, 16)
            return height, width
        return _jpeg(data) if data.startswith(_JPEG) else None
    except struct.error:
        return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Segment by segment to the frame's header. Raises struct.error where the data ends."""
    at = len(_JPEG)
    while True:
        start, marker, length = struct.unpack_from('>BBH', data, at)
        if start != 0xFF:
            return None
        if marker in _FRAMES:
            height, width = struct.unpack_from('>HH', data, at + 5)
            return height, width
        if marker == 0xFF:
            at += 1  # fill
        else:
            at += 2 if marker in _BARE else 2 + length
