"""Room on the disk of a recording."""

import shutil
from pathlib import Path

GB = 10**9


class NoRoomError(OSError):
    """Less is free than is to be kept free."""


def free(path: Path) -> int:
    """Bytes that may still be written where `path` is, or will be. Raises OSError."""
    whole = path.absolute()
    return shutil.disk_usage(next(p for p in (whole, *whole.parents) if p.exists())).free


def keep(path: Path, least: int) -> int:
    """The free bytes. Raises NoRoomError below `least` [bytes], OSError."""
    left = free(path)
    if left < least:
        raise NoRoomError(f'{left / GB:.2f} GB are free at {path}, min_free is {least / GB:g} GB')
    return left
