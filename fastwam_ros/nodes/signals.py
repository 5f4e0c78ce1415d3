"""Being told to end: signals are noted, and the node's own loop decides what follows."""

import signal
import time
from types import FrameType

_ECHO = 0.5  # [s] in which a second one is the first: a launch passes on what its group got too


def noted_signals(*also: int) -> list[int]:
    """From now on SIGINT, SIGTERM and those named are appended to the list, and do nothing else.

    A handler that raises could strike while the middleware takes a message. For nodes started with
    SignalHandlerOptions.NO.
    """
    signals: list[int] = []
    times: list[float] = []

    def note(number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if not times or now - times[-1] > _ECHO:
            times.append(now)
            signals.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, *also):
        signal.signal(number, note)
    return signals


def unnoted_signals() -> None:
    """From now on SIGINT and SIGTERM end the process, as they do one that is no node."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
