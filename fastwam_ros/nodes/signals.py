"""Being told to end: signals are noted, and the node's own loop decides what follows."""

import signal


def noted_signals(*also: int) -> list[int]:
    """From now on SIGINT, SIGTERM and those named are appended to the list, and do nothing else.

    A handler that raises could strike while the middleware takes a message. For nodes started with
    SignalHandlerOptions.NO.
    """
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, *also):
        signal.signal(number, lambda got, _: signals.append(got))
    return signals
