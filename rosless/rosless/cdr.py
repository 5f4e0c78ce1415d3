"""CDR: the bytes of a ROS 2 message.

Knows the header. Refuses to know topics, and what a field accepts. Own code instead of rosbags'
because the messages hold array.array objects as rclpy's do: a JointState is read in a quarter of
the time (bench.py). The tests hold every message type to rosbags' bytes.
"""

import functools
from struct import Struct, error

from rosless.cdr_code import reader, writer
from rosless.cdr_strings import CdrError
from rosless.messages import Message

__all__ = ['CallCodec', 'CdrError', 'Codec', 'call_codec', 'codec']

HEADER = b'\0\1\0\0'  # plain CDR, little endian, no options
CALL = Struct('<Qq')  # before a request or response: the client's handle, its count of requests


class Codec:
    """Reads and writes one message type. Made when a publisher or subscription is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._write, self._read = writer(name, 8), reader(name, 8)

    def serialize(self, msg: Message) -> bytes:
        """The CDR of a message, with its four bytes of header."""
        out = bytearray(HEADER)
        self._write(msg, out)
        return bytes(out)

    def deserialize(self, raw: bytes) -> Message:
        """The message of these bytes. Raises CdrError where they are not one."""
        return self._message(raw, len(HEADER))

    def _message(self, raw: bytes, pos: int) -> Message:
        if raw[:2] != HEADER[:2]:
            raise CdrError(f'{self.name}: header {bytes(raw[:4]).hex()} is not little-endian CDR')
        try:
            return self._read(raw, pos)[0]
        except (CdrError, error) as problem:
            raise CdrError(f'{self.name}: {problem}, in {len(raw)} bytes') from None


class CallCodec(Codec):
    """Reads and writes requests or responses, which say whose call they belong to.

    Source: ros2/rmw_cyclonedds (Humble), serdata.hpp. The 16 bytes keep the alignment.
    """

    def pack(self, client: int, sequence: int, msg: Message) -> bytes:
        """The CDR of one half of a call."""
        out = bytearray(HEADER + CALL.pack(client, sequence))
        self._write(msg, out)
        return bytes(out)

    def unpack(self, raw: bytes) -> tuple[int, int, Message]:
        """Client, sequence and message of these bytes. Raises CdrError where they are none."""
        if len(raw) < len(HEADER) + CALL.size:
            raise CdrError(f'{self.name}: {len(raw)} bytes are too few for a call')
        client, sequence = CALL.unpack_from(raw, len(HEADER))
        return client, sequence, self._message(raw, len(HEADER) + CALL.size)


codec = functools.cache(Codec)
call_codec = functools.cache(CallCodec)
