"""Waiting for DDS readers: which of them have something.

Knows Cyclone's wait sets and guard conditions. Refuses to know what is read.
"""

import ctypes
import threading
import weakref
from typing import Any

from cyclonedds.core import DDSException, GuardCondition, WaitSet

from rosless.quality import FOREVER


class Source:
    """Something that a Wait waits for, as long as it has a condition."""

    condition: Any = None

    def __init__(self) -> None:
        self._waits: weakref.WeakSet[Wait] = weakref.WeakSet()


class _WaitSet(WaitSet):
    """Cyclone's wait set, which also tells what of the attached has something.

    The C call knows; the public Python method drops it. Without it every wake-up asks every
    reader, which with the parameter services of a node costs more than the message.
    """

    _marks: Any = ()

    def wait_for(self, nanoseconds: int) -> list[int]:
        """The places in memory of the marks (attached[i][1]) of what woke us."""
        room = len(self.attached)
        if len(self._marks) != room:
            self._marks = (ctypes.c_void_p * room)()
        count = self._waitset_wait(self._ref, self._marks, room, nanoseconds)
        if count < 0:
            raise DDSException(count, 'while waiting')
        return self._marks[: min(count, room)]


class Wait:
    """Blocks until a reader has something, someone calls wake(), or time is up."""

    def __init__(self, participant: Any) -> None:
        self._set, self._guard = _WaitSet(participant), GuardCondition(participant)
        self._set.attach(self._guard)
        self._readers: dict[int, Source | None] = {self._mark(): None}
        self._lock = threading.Lock()  # a Python list of what is attached is behind the calls

    def _mark(self) -> int:
        """Where the mark of what was attached last lies."""
        return ctypes.addressof(self._set.attached[-1][1])

    def attach(self, reader: Source) -> None:
        """Waits for this reader, too."""
        with self._lock:
            if reader.condition is not None and reader not in self._readers.values():
                self._set.attach(reader.condition)
                self._readers[self._mark()] = reader
        reader._waits.add(self)

    def detach(self, reader: Source) -> None:
        """Waits for this reader no longer."""
        with self._lock:
            if reader.condition is not None:
                self._set.detach(reader.condition)
            self._readers = {m: r for m, r in self._readers.items() if r is not reader}
        reader._waits.discard(self)

    def wake(self) -> None:
        """Ends a wait, in whatever thread, or the next one."""
        self._guard.set(True)

    def wait(self, nanoseconds: int | None) -> list[Source] | None:
        """The readers that have something, after at most that long (None: for ever).

        None when time was up; an empty list after wake().
        """
        marks = self._set.wait_for(FOREVER if nanoseconds is None else nanoseconds)
        if not marks:
            return None
        known = self._readers
        ready = [known.get(mark) for mark in marks]
        if None in ready:  # the guard, or a reader that has left since
            self._guard.take()
            return [reader for reader in ready if reader is not None]
        return ready  # type: ignore[return-value]
