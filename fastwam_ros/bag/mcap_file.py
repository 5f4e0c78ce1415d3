"""One mcap file of ROS 2 messages, whole or cut off, in the order of the file.

A file without its end (a killed recorder, a full disk) is read as far as it goes and `problem`
says so; with its index only the chunks that matter are read.
"""

import struct
from collections.abc import Container, Iterator
from pathlib import Path
from typing import BinaryIO

from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.reader import SeekingReader
from mcap.records import (
    Channel,
    Chunk,
    ChunkIndex,
    Footer,
    McapRecord,
    Message,
    Metadata,
    Schema,
)
from mcap.stream_reader import StreamReader, breakup_chunk

from fastwam_ros.bag.storage import BagError, Definition, Progress, Record

MAGIC = b'\x89MCAP0\r\n'
# What mcap raises on bytes that are cut off or were changed.
_DAMAGE = (McapError, struct.error, ValueError)
_COMPRESSIONS = ('', 'lz4', 'zstd')
_CDR = ('', 'cdr')


class McapFile:
    """A Storage."""

    def __init__(self, path: Path) -> None:
        """Raises BagError for chunks of an unknown compression, OSError."""
        self.path, self.size = path, path.stat().st_size
        self.begin = 2**63
        self.topics: dict[str, str] = {}
        self.offered: dict[str, str] = {}
        self.definitions: dict[str, Definition] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, tuple[str, str]] = {}  # topic, type
        self._chunks: list[ChunkIndex] = []
        self._damaged: set[int] = set()  # where chunks begin that could not be read
        self._broken, self._foreign = '', dict[str, str]()
        with path.open('rb') as file:
            if not self._read_index(file):
                self._scan(file)

    @property
    def problem(self) -> str:
        """What of it cannot be read, as far as that is known."""
        found = [self._broken] if self._broken else []
        if self._damaged:
            found.append(f'{self.path.name}: {len(self._damaged)} damaged chunks were left out')
        found += [
            f'{self.path.name}: {topic} is in {encoding!r}, not CDR: left out'
            for topic, encoding in self._foreign.items()
        ]
        return '; '.join(found)

    def messages(
        self,
        topics: Container[str] | None,
        since: int,
        until: int,
        progress: Progress | None = None,
    ) -> Iterator[Record]:
        """See Storage."""
        with self.path.open('rb') as file:
            walk = self._indexed(file, topics, since, until) if self._chunks else self._walk(file)
            for found in walk:
                if progress is not None:
                    progress(file.tell() / self.size)
                yield from self._select(found, topics, since, until)

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
        for record in (*summary.schemas.values(), *summary.channels.values()):
            self._note(record)
        self._chunks = sorted(summary.chunk_indexes, key=lambda each: each.chunk_start_offset)
        if summary.statistics is not None and summary.statistics.message_count:
            self.begin = summary.statistics.message_start_time
        return True

    def _scan(self, file: BinaryIO) -> None:
        """One pass for what the index would have said."""
        file.seek(0)
        for found in self._walk(file):
            if isinstance(found, Chunk):
                self.begin = min(self.begin, found.message_start_time)
                for _ in self._open(found):
                    pass
            elif isinstance(found, Message):
                self.begin = min(self.begin, found.log_time)

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
            self._broken = (
                f'{self.path.name} breaks off near byte {file.tell():,} of {self.size:,}: '
                'read as far as it goes'
            )

    def _indexed(
        self, file: BinaryIO, topics: Container[str] | None, since: int, until: int
    ) -> Iterator[Chunk]:
        """The chunks that may hold what is asked for."""
        wanted = {
            key for key, (topic, _) in self._channels.items() if topics is None or topic in topics
        }
        for index in self._chunks:
            beside = index.message_end_time < since or index.message_start_time > until
            offsets = index.message_index_offsets
            if beside or (offsets and not wanted & offsets.keys()):
                continue
            file.seek(index.chunk_start_offset)
            stream = ReadDataStream(file)
            try:
                if stream.read1() != Opcode.CHUNK or stream.read8() > self.size:
                    raise ValueError('no chunk is where the index says')
                chunk = Chunk.read(stream)
            except _DAMAGE:
                self._damaged.add(index.message_start_time)
                continue
            yield chunk

    def _select(
        self, found: McapRecord, topics: Container[str] | None, since: int, until: int
    ) -> Iterator[Record]:
        if isinstance(found, Chunk):
            if found.message_end_time < since or found.message_start_time > until:
                return
            messages = self._open(found)
        else:
            messages = iter([found]) if isinstance(found, Message) else iter([])
        for message in messages:
            topic, kind = self._channels.get(message.channel_id, ('', ''))
            if (
                topic
                and since <= message.log_time <= until
                and (topics is None or topic in topics)
            ):
                yield Record(topic, kind, message.log_time, message.data)

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
            return
        for record in records:
            if isinstance(record, Message):
                yield record
            else:
                self._note(record)

    def _note(self, record: McapRecord) -> None:
        if isinstance(record, Schema):
            self._schemas[record.id] = record
            text = record.data.decode(errors='replace')
            self.definitions.setdefault(record.name, Definition(record.encoding, text))
        elif isinstance(record, Channel):
            self._add_channel(record)
        elif isinstance(record, Metadata):
            self.metadata[record.name] = record.metadata

    def _add_channel(self, channel: Channel) -> None:
        schema = self._schemas.get(channel.schema_id)
        kind = schema.name if schema is not None else ''
        self.topics[channel.topic] = kind
        if channel.message_encoding not in _CDR:
            self._foreign[channel.topic] = channel.message_encoding
            return
        self._channels[channel.id] = channel.topic, kind
        self.offered.setdefault(channel.topic, channel.metadata.get('offered_qos_profiles', ''))
