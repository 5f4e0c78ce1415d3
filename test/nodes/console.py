"""A terminal that a test types into and reads: a pseudo-terminal with an emulator behind it."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable

import pyte

from test.nodes import runner
from test.nodes.conftest import ROOT

TELEOP = (*runner.node('teleop'), '--ros-args')


class Console:
    """A process on a terminal of its own, as a shell in a window starts it."""

    def __init__(self, command: tuple[str, ...], height: int = 24, width: int = 80, **environment):
        self.master, self._slave = os.openpty()
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self._resize(height, width)
        self.before = termios.tcgetattr(self._slave)
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {'TERM': 'xterm-256color'} | environment,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def pump(self) -> None:
        """Take what was written; to be called often, or the process is held up."""
        while select.select([self.master], [], [], 0.0)[0]:
            try:
                self._stream.feed(os.read(self.master, 65536))
            except OSError:  # nobody has the other end open any more
                return

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    @property
    def text(self) -> str:
        self.pump()
        return '\n'.join(row.rstrip() for row in self.screen.display)

    def shows(self, words: str, timeout: float = 20.0) -> bool:
        """Whether the words appear in time."""
        return self.waits(lambda: words in self.text, timeout)

    def waits(self, wanted: Callable[[], object], timeout: float = 20.0) -> bool:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if wanted():
                return True
            time.sleep(0.02)
        return False

    def resize(self, height: int, width: int) -> None:
        """As when a person pulls at the window's corner."""
        self.screen.resize(height, width)
        self._resize(height, width)
        self.process.send_signal(signal.SIGWINCH)

    def close(self) -> None:
        """Close the window: the terminal goes away."""
        os.close(self.master)
        self.master = -1

    def ended(self, timeout: float = 20.0) -> int | None:
        """The exit status, or None after a time-out."""
        self.waits(self._over, timeout)
        return self.process.poll()

    def restored(self) -> bool:
        """Whether the terminal is as it was before."""
        return termios.tcgetattr(self._slave) == self.before

    def end(self) -> None:
        self.process.kill()
        self.process.wait(20)
        for descriptor in (self.master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)

    def _over(self) -> bool:
        if self.master >= 0:
            self.pump()
        return self.process.poll() is not None

    def _resize(self, height: int, width: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack('HHHH', height, width, 0, 0))
