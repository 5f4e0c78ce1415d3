"""`rosless` and `python -m rosless`. Knows only where the command line is."""

import signal


def start() -> None:
    """Until a handler of ours takes it, a Ctrl-C ends the process without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from rosless.cli import main

    main()


if __name__ == '__main__':
    start()
