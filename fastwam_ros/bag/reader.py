"""Reads an mcap file of ROS 2 messages, whole or cut off: one pass, in the order of the file.

A file without its end (a killed recorder, a full disk) is read as far as it goes and `problem`
says so. Refuses to know what the topics mean.
"""

import struct
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mcap.exceptions import McapError
from mcap.reader import SeekingReader
from mcap.records import Channel, Chunk, Footer, McapRecord, Message, Metadata, Schema
from mcap.stream_reader import StreamReader, breakup_chunk

from fastwam_ros.bag.definitions import decoder

_SQLITE = b'SQLite f'
_MAGIC = b'\x89MCAP0\r\n'
# What mcap raises on bytes that are cut off or were changed.
_DAMAGE = (McapError, struct.error, ValueError)
_COMPRESSIONS = ('', 'lz4', 'zstd')


class BagError(ValueError):
    """A recording that cannot be read, or does not contain what was asked for."""


class Record(NamedTuple):
    """One recorded message: full topic and type name, receive time [ns], CDR with its header."""

    topic: str
    type: str
    received: int
    data: bytes


class Bag:
    """A recording. `topics`: topic to type name; `metadata`: record name to facts."""

    def __init__(self, path: Path | str) -> None:
        """Raises BagError for what is no mcap file, is empty or does not exist."""
        self.path = Path(path)
        self.size = self._checked_size()
        self.topics: dict[str, str] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.problem = ''
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Channel] = {}
        self._damaged: set[int] = set()  # where chunks begin that could not be read
        self._store: Any = None
        with self.path.open('rb') as file:
            if not self._read_index(file):
                self._scan(file)

    def records(
        self,
        topics: Container[str] | None = None,
        since: int = 0,
        until: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Iterator[Record]:
        """Messages received in since..until [ns], of all topics or some, in the file's order.

        progress: called with the part of the file that was read, 0..1, now and then.
        """
        with self.path.open('rb') as file:
            for chunk in self._walk(file):
                if progress is not None:
                    progress(file.tell() / self.size)
                yield from self._select(chunk, topics, since, until)

    def decode(self, record: Record) -> Any:
        """The message, by the definition in the file: numpy arrays for sequences of numbers.

        Raises BagError for bytes that do not fit the definition.
        """
        if self._store is None:
            self._store = self._decoder()
        try:
            return self._store.deserialize_cdr(record.data, record.type)
        except Exception as error:  # generated code: whatever wrong bytes lead to
            raise BagError(
                f'{self.path}: a message on {record.topic} is no {record.type}: {error!r}'
            ) from None

    def require(self, topic: str) -> str:
        """The topic, if it is there. Raises BagError that lists what is."""
        if topic not in self.topics:
            there = ', '.join(sorted(self.topics)) or 'nothing'
            raise BagError(f'{self.path} has no topic {topic}: it has {there}')
        return topic

    def _checked_size(self) -> int:
        try:
            with self.path.open('rb') as file:
                magic = file.read(len(_MAGIC))
        except OSError as error:
            raise BagError(f'{self.path}: {error.strerror}') from None
        if not magic:
            raise BagError(f'{self.path} is empty: the recorder was ended before it began')
        if magic == _SQLITE:
            raise BagError(
                f'{self.path} is a bag in sqlite3: ros2 bag convert makes an mcap of it '
                '(docs/interop.md)'
            )
        if magic != _MAGIC:
            raise BagError(f'{self.path} is not an mcap file: it begins with {magic!r}')
        return self.path.stat().st_size

    def _decoder(self) -> Any:
        texts = {
            s.name: s.data.decode() for s in self._schemas.values() if s.encoding == 'ros2msg'
        }
        return decoder(texts)

    def _read_index(self, file: BinaryIO) -> bool:
        try:
            reader = SeekingReader(file, record_size_limit=self.size)
            summary = reader.get_summary()
            if summary is None or not summary.channels:
                return False
            found = {record.name: record.metadata for record in reader.iter_metadata()}
        except (*_DAMAGE, OSError):  # OSError: shorter than an end
            return False
        self.metadata = found
        self._schemas.update(summary.schemas)
        for channel in summary.channels.values():
            self._add_channel(channel)
        return True

    def _scan(self, file: BinaryIO) -> None:
        """One pass for what the index would have said."""
        file.seek(0)
        for record in self._walk(file):
            if isinstance(record, Chunk):
                for _ in self._open(record):
                    pass

    def _walk(self, file: BinaryIO) -> Iterator[McapRecord]:
        """Chunks and messages outside of chunks, until the file or what can be read of it ends."""
        stream = StreamReader(file, emit_chunks=True, record_size_limit=self.size)
        try:
            for record in stream.records:
                if isinstance(record, Chunk | Message):
                    yield record
                elif isinstance(record, Footer):
                    return
                else:
                    self._note(record)
        except _DAMAGE:
            self.problem = (
                f'{self.path.name} breaks off near byte {file.tell():,} of {self.size:,}: '
                'read as far as it goes'
            )

    def _select(
        self, found: McapRecord, topics: Container[str] | None, since: int, until: int | None
    ) -> Iterator[Record]:
        until = 2**63 if until is None else until
        if isinstance(found, Chunk):
            if found.message_end_time < since or found.message_start_time > until:
                return
            messages = self._open(found)
        else:
            messages = iter([found]) if isinstance(found, Message) else iter([])
        for message in messages:
            channel = self._channels.get(message.channel_id)
            if channel is None or not since <= message.log_time <= until:
                continue
            if topics is None or channel.topic in topics:
                name = self.topics[channel.topic]
                yield Record(channel.topic, name, message.log_time, message.data)

    def _open(self, chunk: Chunk) -> Iterator[Message]:
        if chunk.compression not in _COMPRESSIONS:
            raise BagError(
                f'{self.path} is compressed with {chunk.compression!r}: '
                f'{", ".join(_COMPRESSIONS[1:])} can be read'
            )
        try:
            records = breakup_chunk(chunk, validate_crc=True)
        except Exception:  # each decompressor has its own
            self._damaged.add(chunk.message_start_time)
            self.problem = f'{self.path.name}: {len(self._damaged)} damaged chunks were left out'
            return
        for record in records:
            if isinstance(record, Message):
                yield record
            else:
                self._note(record)

    def _note(self, record: McapRecord) -> None:
        if isinstance(record, Schema):
            self._schemas[record.id] = record
        elif isinstance(record, Channel):
            self._add_channel(record)
        elif isinstance(record, Metadata):
            self.metadata[record.name] = record.metadata

    def _add_channel(self, channel: Channel) -> None:
        self._channels[channel.id] = channel
        schema = self._schemas.get(channel.schema_id)
        self.topics[channel.topic] = schema.name if schema is not None else ''
