"""Writes serialized messages to one mcap file as they come, in ROS 2's profile.

Nothing is decoded. What was flushed stays readable if the process is killed: the file then lacks
its index and the last second. Refuses to know where messages come from.
"""

from contextlib import suppress
from pathlib import Path
from types import TracebackType

from mcap.writer import CompressionType, Writer
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2.metadata import dump_qos_v8

from fastwam_ros.bag.definitions import definition
from fastwam_ros.bag.storage import Definition

# A chunk is compressed and written when it is larger [bytes], which takes less than a millisecond:
# meanwhile messages wait, and their receive times with them.
CHUNK = 1 << 18
FLUSH = 1_000_000_000  # [ns] or older


def quality(reliable: bool, latched: bool, depth: int) -> Qos:
    """The offered quality of service of a topic: keep last `depth`, no deadline or lifespan."""
    never = QosTime(0, 0)
    return Qos(
        history=QosHistory.KEEP_LAST,
        depth=depth,
        reliability=QosReliability.RELIABLE if reliable else QosReliability.BEST_EFFORT,
        durability=QosDurability.TRANSIENT_LOCAL if latched else QosDurability.VOLATILE,
        deadline=never,
        lifespan=never,
        liveliness=QosLiveliness.SYSTEM_DEFAULT,
        liveliness_lease_duration=never,
        avoid_ros_namespace_conventions=False,
    )


class BagWriter:
    """An mcap file that grows. `count` says how many messages it was given."""

    def __init__(self, path: Path | str) -> None:
        """Raises FileExistsError rather than overwrite, OSError where nothing can be written."""
        self.path = Path(path)
        self.count = 0
        try:
            self._file = self.path.open('xb')
        except FileExistsError:
            raise FileExistsError(f'{path} exists: a recording is never overwritten') from None
        self._writer = Writer(self._file, chunk_size=CHUNK, compression=CompressionType.LZ4)
        self._writer.start(profile='ros2', library='fastwam_ros')
        self._flushed = 0
        self._schemas: dict[str, int] = {}

    def metadata(self, name: str, values: dict[str, str]) -> None:
        """A named record of facts beside the messages. Raises OSError."""
        self._writer.add_metadata(name, values)

    def channel(self, topic: str, type_name: str, offered: Qos) -> int:
        """A channel for `write`. topic: its full name; offered: what its publishers offer.

        Raises ValueError for an unknown type, OSError.
        """
        if type_name not in self._schemas:
            text = definition(type_name).encode()
            self._schemas[type_name] = self._writer.register_schema(type_name, 'ros2msg', text)
        # The form that rosbag2 of ROS 2 Humble writes and expects.
        profiles = {'offered_qos_profiles': dump_qos_v8([offered])}
        return self._writer.register_channel(topic, 'cdr', self._schemas[type_name], profiles)

    def copied(self, topic: str, type_name: str, kind: Definition, offered: str) -> int:
        """A channel for `write`, of a topic as another recording has it. Raises OSError.

        kind: how that defines the type; offered: the YAML of what its publishers offered.
        """
        if type_name not in self._schemas:
            data = kind.text.encode()
            schema = self._writer.register_schema(type_name, kind.encoding, data)
            self._schemas[type_name] = schema
        profiles = {'offered_qos_profiles': offered} if offered else {}
        return self._writer.register_channel(topic, 'cdr', self._schemas[type_name], profiles)

    def write(self, channel: int, received: int, data: bytes) -> None:
        """One message: CDR bytes with their header, received at `received` [ns].

        Raises OSError, e.g. when the disk is full.
        """
        self._writer.add_message(channel, received, data, received, self.count)
        self.count += 1
        if not 0 <= received - self._flushed < FLUSH:
            self.flush(received)

    def flush(self, now: int) -> None:
        """Give everything so far to the operating system. Raises OSError."""
        self._writer.flush()
        self._flushed = now

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

    def __enter__(self) -> 'BagWriter':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
