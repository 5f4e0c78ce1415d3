"""Runs commands side by side: relays what they print, passes signals on, leaves none behind.

Knows processes of Linux. Refuses to know nodes. A child that does not end within GRACE seconds of
a signal is killed with its process group. When the launcher itself dies, the kernel sends SIGTERM
to the children (prctl, PR_SET_PDEATHSIG) and each ends itself after GRACE (guard_child).
"""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Any

from rosless.closed_pipe import discard_stdout
from rosless.stage import QUIET

GRACE = 5.0  # [s] from a signal to the kill
LOOK = 0.05  # [s] between looks at the children
PR_SET_PDEATHSIG = 1
LEASH = 'ROSLESS_LEASH'  # the descriptor that closes when the launcher is gone
Command = tuple[str, list[str], Mapping[str, str]]  # label, words, environment
_libc = ctypes.CDLL(None, use_errno=True)
_print_lock = threading.Lock()


def say(label: str, text: str) -> None:
    """One line on stdout: '[executor-1] text'. When nobody reads it any longer, all is over."""
    with _print_lock:
        try:
            print(f'[{label}] {text}', flush=True)
        except BrokenPipeError:
            discard_stdout()
            os.kill(os.getpid(), signal.SIGTERM)


class Child:
    """One running command, in a process group of its own."""

    def __init__(
        self, label: str, command: list[str], environ: Mapping[str, str], leash: int
    ) -> None:
        self.label = label
        unbuffered = {'PYTHONUNBUFFERED': '1', QUIET: '1', LEASH: str(leash)}
        self._process: Any = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**environ, **unbuffered},
            start_new_session=True,
            pass_fds=(leash,),
            preexec_fn=_prepare,
        )
        say(label, f'started with pid {self._process.pid}')
        self._relay = threading.Thread(target=self._relay_lines, daemon=True)
        self._relay.start()

    def _relay_lines(self) -> None:
        for line in self._process.stdout:
            say(self.label, line.decode(errors='replace').rstrip('\n'))

    def code(self) -> int | None:
        """The exit code, 128 + signal for a killed one; None while it runs."""
        got = self._process.poll()
        return None if got is None else 128 - got if got < 0 else got

    def send(self, number: int) -> None:
        """Sends a signal to the child and what it started."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def finish(self) -> None:
        """After its end: ends what it left running, and relays its last lines."""
        self.send(signal.SIGKILL)
        self._relay.join(timeout=1.0)


def _prepare() -> None:
    """In the child before its program starts.

    A SIGINT waits until guard_child(): before that it would strike in the middle of Python's own
    start.
    """
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


class _Stop:
    """What signals the launcher got, and when it has to be over."""

    def __init__(self) -> None:
        self.number, self.count, self.limit = 0, 0, 0.0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: Any) -> None:
        self.number, self.count = number, self.count + 1
        self.limit = self.limit or time.monotonic() + GRACE

    def overdue(self) -> bool:
        return self.count > 1 or (self.count == 1 and time.monotonic() > self.limit)


def run(commands: list[Command]) -> int:
    """Runs labelled commands, each in its environment, until all have ended.

    Returns the worst exit code.

    SIGINT and SIGTERM are passed on; a child that ends by the signal passed on counts as 0. A
    second signal, or GRACE seconds, kills what is left.
    """
    stop = _Stop()
    leash, end = os.pipe()
    running: list[Child] = []
    for label, command, environ in commands:
        if not stop.count:
            running.append(Child(label, command, environ, leash))
    worst = _watch(running, stop)
    os.close(leash)
    os.close(end)
    return worst


def _watch(running: list[Child], stop: _Stop) -> int:
    worst, told = 0, False
    while running:
        if stop.count and not told:
            told = True
            for child in running:
                child.send(stop.number)
        if stop.overdue():
            for child in running:
                say(child.label, f'killed: it did not end within {GRACE:g} s')
                child.send(signal.SIGKILL)
        worst = max([worst, *(_verdict(child, stop) for child in _ended(running))])
        time.sleep(LOOK)
    return worst


def _ended(running: list[Child]) -> list[Child]:
    """Takes those that have ended out of `running`."""
    ended = [child for child in running if child.code() is not None]
    for child in ended:
        running.remove(child)
        child.finish()
        say(child.label, f'ended with exit code {child.code()}')
    return ended


def _verdict(child: Child, stop: _Stop) -> int:
    """The exit code that counts: dying by the signal that was passed on is no failure."""
    code = child.code() or 0
    return 0 if stop.count and code == 128 + stop.number else code


def guard_child() -> None:
    """In a child: from here on SIGINT is heard, and it ends when the launcher is gone.

    By force after GRACE seconds.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if leash := os.environ.pop(LEASH, None):
        threading.Thread(target=_hold, args=(int(leash),), name='leash', daemon=True).start()


def _hold(leash: int) -> None:
    """Says nothing: who would have read it is gone, and printing would raise."""
    os.read(leash, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
