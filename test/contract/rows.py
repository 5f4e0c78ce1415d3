"""A check program is a list of rows: small functions that show what rclpy does.

Knows no rclpy. Each program prints one line per row, so that the lines of two implementations can
be compared. On a machine with ROS 2 it runs as it is: `python3 test/contract/basics.py`.
"""

import sys
import time
from collections.abc import Callable
from typing import Any


class Rows:
    """The rows of one program, in order."""

    def __init__(self) -> None:
        self._rows: list[Callable[[], Any]] = []

    def __call__(self, row: Callable[[], Any]) -> Callable[[], Any]:
        self._rows.append(row)
        return row

    def print(self) -> None:
        """Runs all rows; a row that raises prints what it raised."""
        for row in self._rows:
            try:
                outcome = str(row())
            except Exception as problem:
                outcome = f'raised {type(problem).__name__}: {problem}'
            print(f'{row.__name__}: {outcome}')
            sys.stdout.flush()


def raised(action: Callable[[], Any]) -> str | None:
    """The name of what `action` raises; None when nothing."""
    try:
        action()
    except BaseException as problem:
        return type(problem).__name__
    return None


def within(seconds: float, step: Callable[[], Any], done: Callable[[], Any] = bool) -> bool:
    """Repeats `step` until `done` says so; False when time is up first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        step()
    return bool(done())
