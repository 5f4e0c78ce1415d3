"""When a chunk would have been there: `--latency 190ms`, `measured`, or a trace of another run.

From the moment an observation is picked to the chunk at the executor. A fixed one and a trace give
the same replay on every machine; what is measured here does not.
"""

import csv
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

MEASURED = 'measured'
_SECONDS = {'ms': 1e-3, 's': 1.0, '': 1.0}
_FIXED = re.compile(r'(\d+(?:\.\d+)?)\s*(ms|s|)')
_COLUMN = 'seconds'
_MOST = 60.0  # [s]: a line of a trace that says more is in another unit


def latencies(asked: str) -> Iterator[float] | None:
    """Seconds for one chunk after another, for ever; None: what each inference takes here.

    asked: '190ms', '0.19s', '0.19', 'measured', or a CSV file with one latency [s] per line, or a
    column `seconds`; after its end it begins anew. Raises ValueError for anything else.
    """
    if asked == MEASURED:
        return None
    if found := _FIXED.fullmatch(asked):
        return itertools.repeat(float(found[1]) * _SECONDS[found[2]])
    return itertools.cycle(_trace(Path(asked)))


def _trace(path: Path) -> list[float]:
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise ValueError(
            f'latency is {path}: want 190ms, {MEASURED}, or a CSV file: {error.strerror}'
        ) from None
    rows = [(n, row) for n, row in enumerate(csv.reader(lines), 1) if row]
    column = 0
    if rows and _COLUMN in rows[0][1]:
        column = rows.pop(0)[1].index(_COLUMN)
    if not rows:
        raise ValueError(f'latency {path} is empty: want a latency in seconds per line')
    return [_number(path, n, row[column]) for n, row in rows]


def _number(path: Path, line: int, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise ValueError(f'latency {path}, line {line}: {text!r} is no number') from None
    if not 0.0 <= seconds <= _MOST:
        raise ValueError(f'latency {path}, line {line}: {seconds} s, want 0 to {_MOST:g} s')
    return seconds
