"""Rows of rosbag2's table `messages` from the pages of a damaged sqlite3 file, one page at a time.

Where the tree that leads to the rows is cut off or changed, sqlite refuses rows that are still
there. They are known by their form: no other table of a bag has rows of two numbers and a blob.
Facts: https://www.sqlite.org/fileformat2.html.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_LEAF = 0x0D  # the first byte of a page of rows
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}  # kind of a value to its length
_LEAST = 12  # kinds from here on are blobs (even) and texts (odd)


class Row(NamedTuple):
    """Of `messages`: number, topic, receive time [ns], and the message."""

    number: int
    topic: int
    received: int
    data: bytes


class _Form(NamedTuple):
    """Bytes of a page, and how many of them are used."""

    size: int
    usable: int

    def local(self, length: int) -> int:
        """How much of a row lies in its page."""
        if length <= self.usable - 35:
            return length
        least = (self.usable - 12) * 32 // 255 - 23
        most = least + (length - least) % (self.usable - 4)
        return most if most <= self.usable - 35 else least


def rows(path: Path, after: int = 0) -> Iterator[Row]:
    """What can be read of those with numbers above `after`, in the order of the file."""
    with path.open('rb') as file:
        head = file.read(100)
        size = int.from_bytes(head[16:18], 'big')
        size = 65536 if size == 1 else size
        form = _Form(size, size - head[20])
        for start in range(size, path.stat().st_size, size):  # the first is no page of rows
            file.seek(start)
            page = file.read(size)
            if page[0] == _LEAF and len(page) == size:
                yield from (row for row in _of_page(file, page, form) if row.number > after)


def _of_page(file: BinaryIO, page: bytes, form: _Form) -> Iterator[Row]:
    for cell in range(int.from_bytes(page[3:5], 'big')):
        at = int.from_bytes(page[8 + 2 * cell : 10 + 2 * cell], 'big')
        try:
            row = _row(file, page, at, form)
        except IndexError:  # what is read as a length leads out of the page
            continue
        if row is not None:
            yield row


def _row(file: BinaryIO, page: bytes, at: int, form: _Form) -> Row | None:
    """None for a row of another table, or one that is not whole."""
    length, at = _varint(page, at)
    number, at = _varint(page, at)
    here = form.local(length)
    begin = page[at : at + here]
    header, kinds_at = _varint(begin, 0)
    kinds = []
    while kinds_at < header:
        kind, kinds_at = _varint(begin, kinds_at)
        kinds.append(kind)
    if len(kinds) != 4 or kinds[0] or not _INTEGERS.keys() >= set(kinds[1:3]):
        return None
    size = (kinds[3] - _LEAST) // 2
    if kinds[3] < _LEAST or kinds[3] % 2:
        return None
    topic, at_data = _integer(begin, kinds_at, kinds[1])
    received, at_data = _integer(begin, at_data, kinds[2])
    if at_data + size != length:
        return None
    pointer = page[at + here : at + here + 4]
    data = begin[at_data:] + _overflow(file, pointer, length - here, form)
    return Row(number, topic, received, data) if len(data) == size else None


def _overflow(file: BinaryIO, pointer: bytes, length: int, form: _Form) -> bytes:
    """The rest of a row, page after page; less where a page is missing."""
    pieces = []
    while length > 0 and (number := int.from_bytes(pointer, 'big')) > 0:
        file.seek((number - 1) * form.size)
        page = file.read(form.usable)
        piece = page[4 : 4 + length]
        pointer, length = page[:4], length - len(piece)
        pieces.append(piece)
        if not piece:
            break
    return b''.join(pieces)


def _integer(data: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind in (8, 9):
        return kind - 8, at
    end = at + _INTEGERS[kind]
    return int.from_bytes(data[at:end], 'big', signed=True), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine bytes and where it ends. Raises IndexError."""
    value = 0
    for count in range(at, at + 8):
        value = value << 7 | data[count] & 0x7F
        if data[count] < 0x80:
            return value, count + 1
    return value << 8 | data[at + 8], at + 9
