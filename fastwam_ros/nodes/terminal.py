"""A terminal as single keys in and a page of lines out, and as it was before afterwards.

Curses does the drawing: only cells that changed are sent, which keeps a slow line usable.
"""

import contextlib
import curses
import os
import select
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from fastwam_ros.loop.keyboard_screen import Line

_ESCAPE = 50  # [ms] to wait for the rest of a key that comes as several characters
_EMPTY = 5  # readable with nothing in it, so many times in a row: the terminal is gone
_REDRAW = '\x0c'  # Ctrl-L


class NoTerminalError(Exception):
    """What should be a terminal is none."""


class GoneError(Exception):
    """The terminal went away: its window was closed, or the connection was lost."""


class Terminal:
    """Keys and lines of an opened curses window."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self._shown: list[Line] = []
        self._empty = 0

    @property
    def size(self) -> tuple[int, int]:
        """Lines and columns of the window as it is now."""
        height, width = self._window.getmaxyx()
        return height, width

    def key(self, seconds: float) -> str:
        """The next key, waited for at most so long; '' for none.

        A character, or a name as 'KEY_UP'. Raises GoneError.
        """
        ready, _, _ = select.select([sys.stdin], [], [], max(seconds, 0.0))
        code = self._window.getch()
        self._empty = self._empty + 1 if ready and code == curses.ERR else 0
        if self._empty >= _EMPTY:
            raise GoneError
        if code == curses.KEY_RESIZE or code == ord(_REDRAW):
            self._anew()
            return ''
        if code == curses.ERR:
            return ''
        return chr(code) if code < 128 else curses.keyname(code).decode()

    def show(self, page: Sequence[Line]) -> None:
        """Draw the lines that are not there yet."""
        if page == self._shown:
            return
        height, width = self.size
        self._window.erase()
        for row, line in enumerate(page[:height]):
            look = curses.A_REVERSE if line.loud else curses.A_NORMAL
            with contextlib.suppress(curses.error):  # the window shrank meanwhile
                self._window.addnstr(row, 0, line.text, max(width - 1, 0), look)
        self._window.refresh()
        self._shown = list(page)

    def _anew(self) -> None:
        curses.update_lines_cols()
        self._window.redrawwin()
        self._shown = []


@contextlib.contextmanager
def opened() -> Iterator[Terminal]:
    """The terminal of this process, restored whatever happens.

    Raises NoTerminalError where stdin or stdout is no terminal, or TERM no name of one.
    """
    for stream in (sys.stdin, sys.stdout):
        if not stream.isatty():
            raise NoTerminalError(f'{stream.name.strip("<>")} is no terminal')
    curses.set_escdelay(_ESCAPE)
    with _kept_messages():
        try:
            window = curses.initscr()
        except curses.error as error:
            raise NoTerminalError(
                f'TERM is {os.environ.get("TERM", "not set")!r}: {error}'
            ) from None
        try:
            yield _prepared(window)
        finally:
            with contextlib.suppress(curses.error):  # a terminal that is gone needs no restoring
                curses.endwin()


def _prepared(window: Any) -> Terminal:
    curses.noecho()
    curses.cbreak()
    window.keypad(True)
    window.nodelay(True)
    with contextlib.suppress(curses.error):  # not every terminal can hide its cursor
        curses.curs_set(0)
    return Terminal(window)


@contextlib.contextmanager
def _kept_messages() -> Iterator[None]:
    """Lines on a stderr of the same terminal would tear the page: they come afterwards."""
    if not sys.stderr.isatty():
        yield
        return
    sys.stderr.flush()
    before = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
            kept.seek(0)
            with contextlib.suppress(OSError):
                os.write(2, kept.read())
