"""Writes serialized messages to one mcap file as they come, in ROS 2's profile.

Nothing is decoded. What was flushed stays readable if the process is killed: the file then lacks
its index and the last second. Refuses to know where messages come from.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mcap.writer import CompressionType, Writer

from fastwam_ros.bag.definitions import definition
from fastwam_ros.bag.storage import Definition

# A chunk is compressed and written when it is larger [bytes], which takes less than a millisecond:
# meanwhile messages wait, and their receive times with them.
CHUNK = 1 << 18
FLUSH = 1_000_000_000  # [ns] or older


@dataclass(frozen=True)
class Topic:
    """A topic by its full name: its type, and what its publishers offer, as rosbag2 has it.

    definition: of the type, as another recording carries it; None: ours. latched: who comes late
    is told the newest.
    """

    name: str
    type: str
    profiles: str
    latched: bool = False
    definition: Definition | None = None


class GrowingMcap:
    """An mcap file that grows. counts: messages by channel; first, last: receive times [ns]."""

    def __init__(self, path: Path) -> None:
        """Raises FileExistsError rather than overwrite, OSError where nothing can be written."""
        self.path = path
        self.counts: list[int] = []
        self.first = self.last = 0
        try:
            self._file = path.open('xb')
        except FileExistsError:
            raise FileExistsError(f'{path} exists: a recording is never overwritten') from None
        self._writer = Writer(self._file, chunk_size=CHUNK, compression=CompressionType.LZ4)
        self._writer.start(profile='ros2', library='fastwam_ros')
        self._flushed = 0
        self._schemas: dict[str, int] = {}
        self._ids: list[int] = []

    @property
    def size(self) -> int:
        """Bytes so far, but for the chunk that is not written yet."""
        return self.path.stat().st_size if self._file.closed else self._file.tell()

    def metadata(self, name: str, values: dict[str, str]) -> None:
        """A named record of facts beside the messages. Raises OSError."""
        self._writer.add_metadata(name, values)

    def channel(self, topic: Topic) -> int:
        """A channel for `write`; they count up from 0. Raises ValueError for an unknown type."""
        if topic.type not in self._schemas:
            known = topic.definition or Definition('ros2msg', definition(topic.type))
            self._schemas[topic.type] = self._writer.register_schema(
                topic.type, known.encoding, known.text.encode()
            )
        profiles = {'offered_qos_profiles': topic.profiles} if topic.profiles else {}
        schema = self._schemas[topic.type]
        self._ids.append(self._writer.register_channel(topic.name, 'cdr', schema, profiles))
        self.counts.append(0)
        return len(self._ids) - 1

    def write(
        self, channel: int, received: int, data: bytes, number: int, published: int = 0
    ) -> None:
        """One message: CDR bytes with their header, received at `received` [ns].

        number: of the message in the recording; published: [ns] if it differs from received.
        Raises OSError, e.g. when the disk is full.
        """
        self._writer.add_message(self._ids[channel], received, data, published or received, number)
        self.counts[channel] += 1
        self.first = min(self.first or received, received)
        self.last = max(self.last, received)
        if not 0 <= received - self._flushed < FLUSH:
            self.flush()
            self._flushed = received

    def flush(self) -> None:
        """Give everything so far to the operating system. Raises OSError."""
        self._writer.flush()

    def close(self) -> None:
        """Write the index and end the file. Raises OSError; what was flushed stays readable."""
        if self._file.closed:
            return
        try:
            self._writer.finish()
            self._file.flush()
        finally:
            with suppress(OSError):  # of the same full disk
                self._file.close()
