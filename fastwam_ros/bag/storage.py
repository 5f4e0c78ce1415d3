"""What every file of a recording gives, whichever storage it is in."""

from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

Progress = Callable[[float], None]


class BagError(ValueError):
    """A recording that cannot be read, or does not contain what was asked for."""


class Record(NamedTuple):
    """One recorded message: full topic and type name, receive time [ns], CDR with its header."""

    topic: str
    type: str
    received: int
    data: bytes


class Definition(NamedTuple):
    """Of a type, as a recording carries it. encoding: 'ros2msg' or 'ros2idl'."""

    encoding: str
    text: str


class Storage(Protocol):
    """One file. begin: receive time [ns] of about its first message.

    topics: topic to type name; offered: topic to the YAML of what its publishers offered;
    metadata: record name to facts.
    """

    path: Path
    size: int
    begin: int
    topics: dict[str, str]
    offered: dict[str, str]
    definitions: dict[str, Definition]
    metadata: dict[str, dict[str, str]]

    @property
    def problem(self) -> str:
        """What of it cannot be read, known so far."""

    def messages(
        self,
        topics: Container[str] | None,
        since: int,
        until: int,
        progress: Progress | None = None,
    ) -> Iterator[Record]:
        """Those received in since..until [ns], of all topics or some, in the file's order."""
