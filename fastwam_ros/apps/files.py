"""Errors of files in one line that names the file: a full disk's own does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the body writes goes to `path`. Raises OSError: path, what is wrong with it."""
    try:
        yield
    except OSError as error:
        raise OSError(f'{error.filename or path}: {error.strerror or error}') from None
