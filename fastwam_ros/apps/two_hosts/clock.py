"""A program of ours on a host whose clock is off: `python -m ...two_hosts.clock SECONDS run ...`.

What Python reads as the time of day is moved by so many seconds, for all that is imported after;
the monotonic clock is not. What DDS itself stamps its samples with is not moved either: that is
read in C. Preloading libfaketime (0.9.10) would move both, but its waits with a deadline on the
monotonic clock last as much too long or are over at once.
"""

import runpy
import sys
import time


def move(seconds: float) -> None:
    """From now on the time of day is so far ahead."""
    of_day, ahead = time.time_ns, round(seconds * 1e9)
    time.time_ns = lambda: of_day() + ahead
    time.time = lambda: time.time_ns() / 1e9


if __name__ == '__main__':
    move(float(sys.argv[1]))
    sys.argv = ['rosless', *sys.argv[2:]]
    runpy.run_module('rosless', run_name='__main__', alter_sys=True)
