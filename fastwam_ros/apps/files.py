"""Files: what is in one, as digits; errors in one line that names it, unlike a full disk's."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the body writes goes to `path`. Raises OSError: path, what is wrong with it."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # in words of ours already
            raise
        raise OSError(f'{error.filename or path}: {error.strerror or error}') from None


def sha256(path: Path) -> str:
    """64 hex digits over the file."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
