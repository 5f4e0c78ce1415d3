"""The most memory that a process has had, as Linux counts it.

Not `getrusage`: what the parent had before it started the program counts there too.
"""

import math
from pathlib import Path

_KB = 1024.0  # to a megabyte, in kilobytes as the kernel says them


def most_memory(pid: int | str = 'self') -> float:
    """In MB; NaN of a process that is gone, and where there is no /proc."""
    try:
        lines = Path(f'/proc/{pid}/status').read_text().splitlines()
    except OSError:
        return math.nan
    found = [line.split()[1] for line in lines if line.startswith('VmHWM:')]
    return float(found[0]) / _KB if found else math.nan
