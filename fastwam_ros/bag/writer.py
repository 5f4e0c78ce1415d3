"""A recording that grows: one mcap file, or a folder of them in rosbag2's form, split by size.

Each file of a folder can be read alone: it begins with the facts and with the last message of
every latched topic. Refuses to know where messages come from.
"""

from pathlib import Path
from types import TracebackType

from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2.metadata import dump_qos_v8

from fastwam_ros.bag import rosbag2
from fastwam_ros.bag.mcap_growing import GrowingMcap, Topic
from fastwam_ros.bag.storage import Definition


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
    """A recording. `count`: messages that it was given; `counts`: the same by channel."""

    def __init__(self, path: Path | str, split: int = 0) -> None:
        """split: [bytes] after which another file begins, in a folder `path`; 0: one file `path`.

        Raises FileExistsError rather than overwrite, OSError where nothing can be written.
        """
        self.path = Path(path)
        self.count = 0
        self.counts: list[int] = []
        self._split = split
        self._topics: list[Topic] = []
        self._facts: list[tuple[str, dict[str, str]]] = []
        self._latched: dict[int, tuple[int, bytes, int]] = {}
        if split:
            _make(self.path)
        self._files = [GrowingMcap(self._name(0))]
        self._describe()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self._files)

    @property
    def files(self) -> list[Path]:
        """In the order of time."""
        return [file.path for file in self._files]

    def metadata(self, name: str, values: dict[str, str]) -> None:
        """A named record of facts beside the messages, in this file and those after it.

        Raises OSError.
        """
        self._facts.append((name, values))
        self._file.metadata(name, values)

    def channel(self, topic: str, type_name: str, offered: Qos) -> int:
        """A channel for `write`. topic: its full name; offered: what its publishers offer.

        Raises ValueError for an unknown type, OSError.
        """
        latched = offered.durability == QosDurability.TRANSIENT_LOCAL
        # The form that rosbag2 of ROS 2 Humble writes and expects.
        return self._add(Topic(topic, type_name, dump_qos_v8([offered]), latched))

    def copied(self, topic: str, type_name: str, kind: Definition, offered: str) -> int:
        """A channel for `write`, of a topic as another recording has it. Raises OSError.

        kind: how that defines the type; offered: the YAML of what its publishers offered.
        """
        return self._add(Topic(topic, type_name, offered, definition=kind))

    def write(self, channel: int, received: int, data: bytes) -> None:
        """One message: CDR bytes with their header, received at `received` [ns].

        Raises OSError, e.g. when the disk is full.
        """
        self._file.write(channel, received, data, self.count)
        if self._split:
            if self._topics[channel].latched:
                self._latched[channel] = (received, data, self.count)
            if self._file.size > self._split:
                self._next(received)
        self.counts[channel] += 1
        self.count += 1

    def close(self) -> None:
        """End the last file and describe all. Raises OSError; what was flushed stays readable."""
        self._file.close()
        self._describe()

    def _add(self, topic: Topic) -> int:
        self._topics.append(topic)
        self.counts.append(0)
        return self._file.channel(topic)

    @property
    def _file(self) -> GrowingMcap:
        return self._files[-1]

    def _name(self, number: int) -> Path:
        if not self._split:
            return self.path
        return self.path / f'{self.path.name}_{number}.mcap'

    def _next(self, now: int) -> None:
        """Another file, which says by itself what a late joiner would hear."""
        self._file.close()
        self._files.append(GrowingMcap(self._name(len(self._files))))
        for name, values in self._facts:
            self._file.metadata(name, values)
        for topic in self._topics:
            self._file.channel(topic)
        for channel, (received, data, number) in self._latched.items():
            self._file.write(channel, now, data, number, published=received)
        self._file.flush()
        self._describe()

    def _describe(self) -> None:
        if self._split:
            rosbag2.write(self.path, self._files, self._topics)

    def __enter__(self) -> 'BagWriter':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _make(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        raise FileExistsError(f'{folder} exists: a recording is never overwritten') from None
