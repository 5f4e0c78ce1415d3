"""What to do when nobody reads stdout any longer, as in `rosless topic echo x | head`.

Knows file descriptors. Refuses to know what was printed.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def discard_stdout() -> None:
    """From here on what is printed goes nowhere, so that printing raises no second time."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def may_close() -> Iterator[None]:
    """A reader that has enough ends what is done here, and that is no failure."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_stdout()
