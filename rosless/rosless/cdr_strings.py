"""The parts of CDR that are not numbers in a row: strings, rows of strings, lengths.

Knows the classic encoding in little endian, and that joint names hardly ever change. Refuses to
know messages.
"""

from struct import Struct
from typing import Any

U32 = Struct('<I')
PAD = [bytes(n) for n in range(8)]
KEPT = 16  # rows of strings that a codec remembers


class CdrError(ValueError):
    """Bytes that are not the CDR of the message type that they were read as."""


class Strings:
    """Rows of strings, remembered: both ways an unchanged row costs one comparison.

    What is remembered is replaced, never changed: threads may share it.
    """

    def __init__(self) -> None:
        self._written: dict[tuple[str, ...], bytes] = {}
        self._read: tuple[tuple[bytes, list[str]], ...] = ()

    def encode(self, row: Any) -> bytes:
        """The bytes of a row, from a 4-byte boundary on."""
        key = tuple(row)
        if (block := self._written.get(key)) is None:
            block = _encode_strings(key)
            kept = self._written if len(self._written) < KEPT else {}
            self._written = {**kept, key: block}
        return block

    def decode(self, raw: bytes, pos: int) -> tuple[list[str], int]:
        """The row at pos, a 4-byte boundary, and where it ends. Raises CdrError."""
        for block, row in self._read:
            if raw.startswith(block, pos):
                return row.copy(), pos + len(block)
        row, end = _decode_strings(raw, pos)
        if row:
            self._read = ((raw[pos:end], row), *self._read[: KEPT - 1])
        return row.copy(), end


def _encode_strings(row: tuple[str, ...]) -> bytes:
    out = bytearray(U32.pack(len(row)))
    for text in row:
        out += PAD[-len(out) & 3] + encode_string(text)
    return bytes(out)


def encode_string(text: str) -> bytes:
    """Length, UTF-8, end."""
    coded = text.encode()
    return U32.pack(len(coded) + 1) + coded + b'\0'


def _decode_strings(raw: bytes, pos: int) -> tuple[list[str], int]:
    size, pos = count(raw, pos, 5)
    row = []
    for _ in range(size):
        text, pos = decode_string(raw, pos + (-pos & 3))
        row.append(text)
    return row, pos


def decode_string(raw: bytes, pos: int) -> tuple[str, int]:
    """The string at pos, and where it ends; like rclpy, bad UTF-8 becomes U+FFFD."""
    size = U32.unpack_from(raw, pos)[0]
    end = pos + 4 + size
    if not size or end > len(raw) or raw[end - 1]:
        raise CdrError(f'a string of {size} bytes at byte {pos} does not fit or does not end')
    return str(raw[pos + 4 : end - 1], 'utf-8', 'replace'), end


def count(raw: bytes, pos: int, least: int) -> tuple[int, int]:
    """The length of a sequence at pos, of which each item takes at least `least` bytes."""
    size = U32.unpack_from(raw, pos)[0]
    if size * least > len(raw) - pos - 4:
        raise CdrError(f'a sequence of {size} items at byte {pos} does not fit')
    return size, pos + 4


def too_long(size: int, pos: int) -> CdrError:
    """The error for that many numbers at pos, which are not there."""
    return CdrError(f'{size} numbers at byte {pos} do not fit')
