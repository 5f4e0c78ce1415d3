"""Reads a recording of ROS 2 messages: a file in mcap or sqlite3, or a folder of ros2 bag.

One pass, in the order of receiving, whichever files it is split into; memory does not grow with
it. What is damaged or missing is left out, and `problem` says so. Refuses to know what the topics
mean.
"""

import heapq
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any

import zstandard

from fastwam_ros.bag.definitions import decoder, definition, parsed
from fastwam_ros.bag.files import ZSTD, opened, parts
from fastwam_ros.bag.storage import BagError, Definition, Progress, Record, Storage

# [ns] by which a message may lie behind a later one in a file, and still comes before it here:
# ros2 bag writes from several threads.
WINDOW = 200_000_000


class Bag:
    """A recording. `topics`: topic to type name; `metadata`: record name to facts.

    offered: topic to the YAML of what its publishers offered, '' where that is not known;
    definitions: type name to the definition that the recording carries; size: of all files.
    """

    def __init__(self, path: Path | str) -> None:
        """Raises BagError for what is no recording, is empty or does not exist."""
        self.path = Path(path)
        found = parts(self.path)
        self._problems = list(found.problems)
        self._storages = list(self._opened(found.files))
        self._storages.sort(key=lambda each: each.begin)
        self.files = [storage.path for storage in self._storages]
        self.size = sum(storage.size for storage in self._storages)
        self.topics: dict[str, str] = {}
        self.offered: dict[str, str] = {}
        self.definitions: dict[str, Definition] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        for storage in reversed(self._storages):  # the first has the last word
            self.topics |= storage.topics
            self.offered |= storage.offered
            self.definitions |= storage.definitions
            self.metadata |= storage.metadata
        self._store, self._known = decoder({}), dict[str, str]()
        self._torn: set[tuple[str, int]] = set()  # messages that cannot be unpacked

    @property
    def problem(self) -> str:
        """What of it cannot be read, as far as that is known; '' where nothing is wrong."""
        torn = f'{len(self._torn)} messages cannot be unpacked' if self._torn else ''
        found = (*self._problems, *(storage.problem for storage in self._storages), torn)
        return '; '.join(filter(None, found))

    def records(
        self,
        topics: Container[str] | None = None,
        since: int = 0,
        until: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Record]:
        """Messages received in since..until [ns], of all topics or some, in that order.

        progress: called with the part of the recording that was read, 0..1, now and then.
        """
        until = 2**63 - 1 if until is None else until
        share = _Share(self._storages, progress)
        merged = _merged(
            (each.begin, each.messages(topics, since, until, share.of(each)))
            for each in self._storages
        )
        for record in _in_order(merged):
            if record.data[:4] != ZSTD:
                yield record
            elif (data := self._unpacked(record)) is not None:
                yield record._replace(data=data)

    def decode(self, record: Record) -> Any:
        """The message, by the definition in the recording: numpy arrays for sequences of numbers.

        Without one there it is read by ROS 2 Humble's, this package's or the vendor's. Raises
        BagError for a type that is not known, and for bytes that do not fit the definition.
        """
        if why := self.undecodable(record.type):
            raise BagError(f'{self.path}: {record.topic} cannot be decoded: {why}')
        try:
            return self._store.deserialize_cdr(record.data, record.type)
        except Exception as error:  # generated code: whatever wrong bytes lead to
            raise BagError(
                f'{self.path}: a message on {record.topic} is no {record.type}: {error!r}'
            ) from None

    def undecodable(self, kind: str) -> str:
        """Why messages of a type cannot be decoded; '' where they can."""
        if kind not in self._known:
            self._known[kind] = self._learn(kind)
        return self._known[kind]

    def definition(self, kind: str) -> Definition:
        """Of a type: the recording's own, else the known one, else an empty text."""
        own = self.definitions.get(kind)
        if own is not None and own.text.strip():
            return own
        try:
            return Definition('ros2msg', definition(kind))
        except ValueError:
            return Definition('ros2msg', '')

    def require(self, topic: str) -> str:
        """The topic, if it is there. Raises BagError that lists what is."""
        if topic not in self.topics:
            there = ', '.join(sorted(self.topics)) or 'nothing'
            raise BagError(f'{self.path} has no topic {topic}: it has {there}')
        return topic

    def _opened(self, files: tuple[Path, ...]) -> Iterator[Storage]:
        for file in files:
            try:
                storage, problem = opened(file)
            except OSError as error:
                raise BagError(f'{file}: {error.strerror or error}') from None
            except BagError as error:
                if len(files) == 1:
                    raise
                self._problems.append(f'left out: {error}')
                continue
            self._problems += [problem] if problem else []
            yield storage

    def _learn(self, kind: str) -> str:
        own = self.definitions.get(kind)
        try:
            types = parsed(kind, *own) if own and own.text.strip() else None
        except Exception as error:  # the text comes from the file
            return f'its definition of {kind} is damaged: {error!r}'
        try:
            types = types or parsed(kind, 'ros2msg', definition(kind))
            have = self._store.fielddefs
            self._store.register({key: each for key, each in types.items() if key not in have})
        except Exception as error:
            return str(error)
        return ''

    def _unpacked(self, record: Record) -> bytes | None:
        """ros2 bag may compress each message by itself; None for one that is damaged."""
        try:
            return zstandard.ZstdDecompressor().decompress(record.data)
        except zstandard.ZstdError:
            self._torn.add((record.topic, record.received))
            return None


class _Share:
    """How much of all files was read."""

    def __init__(self, storages: list[Storage], progress: Progress | None) -> None:
        self._progress, self._sizes = progress, {id(each): each.size for each in storages}
        self._read: dict[int, float] = {}

    def of(self, storage: Storage) -> Progress | None:
        """For one of them."""
        return None if self._progress is None else lambda part: self._told(id(storage), part)

    def _told(self, key: int, part: float) -> None:
        self._read[key] = part * self._sizes[key]
        if self._progress is not None:
            self._progress(sum(self._read.values()) / sum(self._sizes.values()))


def _merged(streams: Iterable[tuple[int, Iterator[Record]]]) -> Iterator[Record]:
    """Of several files, each begun only when its first message is due: begin [ns], messages."""
    waiting = list(streams)
    active: list[tuple[int, int, Record, Iterator[Record]]] = []

    def more(key: int, stream: Iterator[Record]) -> None:
        record = next(stream, None)
        if record is not None:
            heapq.heappush(active, (record.received, key, record, stream))

    key = 0
    while waiting or active:
        while waiting and (not active or waiting[0][0] <= active[0][0]):
            more(key, waiting.pop(0)[1])
            key += 1
        if active:
            _, own, record, stream = heapq.heappop(active)
            yield record
            more(own, stream)


def _in_order(stream: Iterator[Record]) -> Iterator[Record]:
    """By receive times, as far as messages lie within the WINDOW of their place."""
    held: list[tuple[int, int, Record]] = []
    for count, record in enumerate(stream):
        heapq.heappush(held, (record.received, count, record))
        while held[0][0] < record.received - WINDOW:
            yield heapq.heappop(held)[2]
    while held:
        yield heapq.heappop(held)[2]
