"""Ctrl-C that does not strike inside Cyclone. Knows Python's signals.

cyclonedds' C code makes Python objects while it takes samples, and does not look whether that
raised: a KeyboardInterrupt at that moment is a segmentation fault. So it is kept back until the
call is over.
"""

import signal
import threading
from types import FrameType

from cyclonedds import builtin, sub

_TAKING = (builtin.__file__, sub.__file__)  # where samples are taken
_kept: list[int] = []


def install() -> None:
    """Takes SIGINT where nobody else has."""
    if signal.getsignal(signal.SIGINT) in (signal.SIG_DFL, signal.default_int_handler):
        signal.signal(signal.SIGINT, handle)


def handle(number: int, frame: FrameType | None) -> None:
    """Raises KeyboardInterrupt, or keeps it for the next check()."""
    while frame is not None:
        if frame.f_code.co_filename in _TAKING:
            _kept.append(number)
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def check() -> None:
    """Raises the KeyboardInterrupt that was kept back, after every call that takes samples."""
    if _kept and threading.current_thread() is threading.main_thread():
        _kept.clear()
        raise KeyboardInterrupt
