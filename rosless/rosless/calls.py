"""Services over DDS: requests and responses as rmw_cyclonedds sends them.

Knows the two topics of a service, and who of the two ends is there. Refuses to know rclpy.
Source: ros2/rmw_cyclonedds (Humble), rmw_node.cpp: a request carries the handle of its writer and
a count; the response carries both back on a topic that all clients of the service hear.
"""

import itertools
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from rosless.cdr import call_codec
from rosless.dds import Reader, Writer
from rosless.messages import Message
from rosless.quality import Quality
from rosless.service_types import Service

PATIENCE = 0.1  # s that an answer waits for the client's reader to be discovered
KEPT = 64  # clients known to hear, and not asked again

_sequence = itertools.count(1)


@dataclass(frozen=True)
class Header:
    """Whose request it was. writer: the DDS handle of what sent it, for this process."""

    client: int
    sequence: int
    writer: int


def request_topic(service: str) -> str:
    """The DDS topic of the requests to a service '/a/b'."""
    return f'rq{service}Request'


def reply_topic(service: str) -> str:
    """The DDS topic of the responses of a service '/a/b'."""
    return f'rr{service}Reply'


class _End:
    """What both ends of a service have: a writer and a reader that say that they are a pair."""

    def __init__(
        self,
        participant: Any,
        writes: tuple[str, type[Message]],
        reads: tuple[str, type[Message]],
        quality: Quality,
        kind: bytes,
    ) -> None:
        pair = next(_sequence)
        own = participant.guid.bytes[:12] + pair.to_bytes(4, 'big')
        mark = kind + b'=' + own.hex('.').encode() + b';'
        (sent_on, sent), (heard_on, heard) = writes, reads
        self._pack = call_codec(sent.__msgtype__).pack
        self._unpack = call_codec(heard.__msgtype__).unpack
        self.writer = Writer(participant, sent_on, sent.__msgtype__, quality, mark)
        self.reader = Reader(participant, heard_on, heard.__msgtype__, quality, user_data=mark)

    def close(self) -> None:
        """Leaves both topics."""
        self.reader.close()
        self.writer.close()


class Caller(_End):
    """The client's end of a service. Threads may share it."""

    def __init__(self, participant: Any, kind: Service, name: str, quality: Quality) -> None:
        writes = request_topic(name), kind.Request
        reads = reply_topic(name), kind.Response
        super().__init__(participant, writes, reads, quality, b'clientid')

    def send(self, request: Message) -> int:
        """Sends a request; returns its sequence number. Raises Closed."""
        sequence = next(_sequence)
        self.writer.write(self._pack(self.writer.handle, sequence, request))
        return sequence

    def take(self) -> tuple[int, Message] | None:
        """The next response to this client, with its sequence number. Raises Closed, CdrError."""
        while (cdr := self.reader.take()) is not None:
            client, sequence, response = self._unpack(cdr)
            if client == self.writer.handle:
                return sequence, response
        return None

    def ready(self) -> bool:
        """Is there a server whose both ends are known? Raises Closed."""
        hears, speaks = self.writer.peers(), self.reader.peers()
        servers = _marks(hears, b'serviceid')
        if servers:
            return bool(servers & _marks(speaks, b'serviceid'))
        return bool(hears and speaks)


class Answerer(_End):
    """The server's end of a service. Threads may share it."""

    def __init__(self, participant: Any, kind: Service, name: str, quality: Quality) -> None:
        writes = reply_topic(name), kind.Response
        reads = request_topic(name), kind.Request
        super().__init__(participant, writes, reads, quality, b'serviceid')
        self._heard: OrderedDict[int, None] = OrderedDict()

    def take(self) -> tuple[Header, Message] | None:
        """The next request. Raises Closed, CdrError."""
        got = self.reader.take_from()
        if got is None:
            return None
        client, sequence, request = self._unpack(got[0])
        return Header(client, sequence, got[1]), request

    def send(self, header: Header, response: Message) -> bool:
        """Answers a request. False: the client is there and does not hear us yet. Raises Closed.

        Readers are discovered one by one: an answer sent too early would be lost.
        """
        until = time.monotonic() + PATIENCE
        while not self._hears(header.writer):
            if time.monotonic() > until:
                return False
            time.sleep(PATIENCE / 20)
        self.writer.write(self._pack(header.client, header.sequence, response))
        return True

    def _hears(self, writer: int) -> bool:
        """Does the client that has this writer hear us, or has it left?"""
        if writer in self._heard:
            return True
        data = self.reader.user_data(writer)
        clients = _marks([data or b''], b'clientid')
        if clients and not clients & _marks(self.writer.peers(), b'clientid'):
            return False
        self._heard[writer] = None
        if len(self._heard) > KEPT:
            self._heard.popitem(last=False)
        return True


def _marks(found: list[bytes], kind: bytes) -> set[bytes]:
    """The values of `kind` in user data 'kind=value;'."""
    pairs = (part.partition(b'=') for data in found for part in data.split(b';'))
    return {value for key, _, value in pairs if key == kind}
