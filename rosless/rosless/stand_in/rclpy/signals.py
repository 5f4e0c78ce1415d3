"""SIGINT and SIGTERM shut the context down. Knows no nodes.

A node waits inside Cyclone, where Python's signal handlers do not run: a thread that reads the
signal wake-up descriptor ends the wait.
"""

import enum
import os
import signal
import threading
import weakref

from rosless.refusal import lookup

from .utilities import get_default_context

__getattr__ = lookup(__name__)


class SignalHandlerOptions(enum.IntEnum):
    """Which signals rclpy.init() takes."""

    NO = 0
    SIGINT = 1
    SIGTERM = 2
    ALL = 3


_CHOSEN = {
    SignalHandlerOptions.NO: (),
    SignalHandlerOptions.SIGINT: (signal.SIGINT,),
    SignalHandlerOptions.SIGTERM: (signal.SIGTERM,),
    SignalHandlerOptions.ALL: (signal.SIGINT, signal.SIGTERM),
}
_before = {}  # signal -> the handler that was there
_waits = weakref.WeakSet()  # woken, in another thread, when a signal arrives
_pipe = None


def install_signal_handlers(options=SignalHandlerOptions.ALL):
    """Takes the signals of `options`; what handled them before is still called."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _CHOSEN[SignalHandlerOptions(options)]:
        if number not in _before:
            _before[number] = signal.signal(number, _handle)
    if _before:
        _watch()


def uninstall_signal_handlers():
    """Gives the signals back to what handled them before."""
    while _before:
        number, handler = _before.popitem()
        if signal.getsignal(number) == _handle:
            signal.signal(number, handler)


def _handle(number, frame):
    get_default_context()._stop()
    before = _before.get(number)
    if callable(before):
        before(number, frame)


def wake_on_signal(wait):
    """`wait.wake()` is called whenever a signal arrives, in another thread."""
    _waits.add(wait)


def forget(wait):
    """Undoes wake_on_signal."""
    _waits.discard(wait)


def _watch():
    global _pipe
    if _pipe is not None:
        return
    _pipe = os.pipe()
    os.set_blocking(_pipe[1], False)
    signal.set_wakeup_fd(_pipe[1], warn_on_full_buffer=False)
    threading.Thread(target=_wake_all, name='signals', daemon=True).start()


def _wake_all():
    while os.read(_pipe[0], 64):
        for wait in list(_waits):
            wait.wake()
