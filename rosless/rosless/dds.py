"""Bytes on Cyclone DDS: writers and readers of serialized samples.

Knows the public API of cyclonedds-python. Refuses to know messages, nodes and rclpy.
Cyclone's own Python CDR is never used: an IDL type is built for its name and layout only, and its
samples carry bytes.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from cyclonedds.core import (
    InstanceState,
    ReadCondition,
    SampleState,
    ViewState,
)
from cyclonedds.idl import make_idl_struct
from cyclonedds.idl import types as idl
from cyclonedds.pub import DataWriter
from cyclonedds.qos import Policy
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic

from rosless import interrupt
from rosless.interfaces import Field, fields
from rosless.quality import Quality
from rosless.waits import Source

ANY = ViewState.Any | InstanceState.Any | SampleState.Any
ARRAY: Any = idl.array
SEQUENCE: Any = idl.sequence
IDL_TYPES = {
    'bool': bool,
    'byte': idl.uint8,
    'octet': idl.uint8,
    'char': idl.uint8,
    'string': str,
    'float32': idl.float32,
    'float64': idl.float64,
    'int8': idl.int8,
    'uint8': idl.uint8,
    'int16': idl.int16,
    'uint16': idl.uint16,
    'int32': idl.int32,
    'uint32': idl.uint32,
    'int64': idl.int64,
    'uint64': idl.uint64,
}

CALL: dict[str, Any] = {'client_handle': idl.uint64, 'sequence_number': idl.int64}


def wire_name(type_name: str) -> str:
    """'sensor_msgs/msg/Image' as DDS peers know it: 'sensor_msgs::msg::dds_::Image_'."""
    package, kind, short = type_name.split('/')
    return f'{package}::{kind}::dds_::{short}_'


def ros_name(wire: str) -> str:
    """The inverse of wire_name."""
    return wire.replace('::dds_::', '/').replace('::', '/').removesuffix('_')


@functools.cache
def sample_type(type_name: str) -> Any:
    """A Cyclone type for a message type: true name and layout, samples that carry bytes."""
    package, kind, short = type_name.split('/')
    layout = dict(CALL) if kind == 'srv' else {}
    layout |= {field.name: _idl(field) for field in fields(type_name)}
    made: Any = make_idl_struct(f'{package}_{short}_', wire_name(type_name), layout)
    made.serialize = lambda self, **_: self.cdr
    made.deserialize = staticmethod(functools.partial(_sample, made))
    made.deserialize_key = staticmethod(lambda data, **_: None)
    return made


def _sample(made: Any, cdr: bytes, **_: Any) -> Any:
    sample = made.__new__(made)
    sample.cdr = cdr
    return sample


def _idl(field: Field) -> Any:
    base: Any = sample_type(field.type) if field.nested else IDL_TYPES[field.type]
    if field.shape == 'array':
        return ARRAY[base, field.length]
    if field.shape == 'sequence':
        return SEQUENCE[base, field.length] if field.length else SEQUENCE[base]
    return base


class Closed(Exception):
    """A writer or reader was used after it was closed."""


class Writer:
    """Writes serialized samples to a DDS topic."""

    def __init__(
        self,
        participant: Any,
        topic: str,
        type_name: str,
        quality: Quality,
        user_data: bytes = b'',
    ) -> None:
        self._type = sample_type(type_name)
        handle = Topic(participant, topic, self._type)
        policies = quality.policies(user_data=user_data)
        self._entity: Any = DataWriter(participant, handle, qos=policies)
        self.guid: bytes = self._entity.guid.bytes
        self.handle: int = self._entity.get_instance_handle() % 2**64

    def write(self, cdr: bytes) -> None:
        """Sends one sample (CDR with its header). Raises Closed."""
        if self._entity is None:
            raise Closed
        self._entity.write(_sample(self._type, cdr))

    def matched(self) -> int:
        """How many readers receive what is written. Raises Closed."""
        if self._entity is None:
            raise Closed
        return len(self._entity.get_matched_subscriptions())

    def peers(self) -> list[bytes]:
        """The user data of the readers that receive what is written. Raises Closed."""
        if self._entity is None:
            raise Closed
        matched = self._entity.get_matched_subscriptions()
        return _user_data(map(self._entity.get_matched_subscription_data, matched))

    def close(self) -> None:
        """Leaves the topic."""
        self._entity = None


class Reader(Source):
    """Takes serialized samples from a DDS topic."""

    def __init__(
        self,
        participant: Any,
        topic: str,
        type_name: str,
        quality: Quality,
        ignore_local: bool = False,
        user_data: bytes = b'',
    ) -> None:
        super().__init__()
        handle = Topic(participant, topic, sample_type(type_name))
        policies = quality.policies(ignore_local, user_data)
        self._entity: Any = DataReader(participant, handle, qos=policies)
        self.condition = ReadCondition(self._entity, ANY)
        self.guid: bytes = self._entity.guid.bytes

    def take(self) -> bytes | None:
        """The next sample (CDR with its header), or None. Raises Closed."""
        if self._entity is None:
            raise Closed
        while got := self._entity.take(1):
            interrupt.check()
            if got[0].sample_info.valid_data:
                return got[0].cdr
        interrupt.check()
        return None

    def take_from(self) -> tuple[bytes, int] | None:
        """The next sample, and the handle of the writer that sent it. Raises Closed."""
        if self._entity is None:
            raise Closed
        while got := self._entity.take(1):
            interrupt.check()
            if got[0].sample_info.valid_data:
                return got[0].cdr, got[0].sample_info.publication_handle
        interrupt.check()
        return None

    def peers(self) -> list[bytes]:
        """The user data of the writers that this reader hears. Raises Closed."""
        if self._entity is None:
            raise Closed
        matched = self._entity.get_matched_publications()
        return _user_data(map(self._entity.get_matched_publication_data, matched))

    def user_data(self, writer: int) -> bytes | None:
        """The user data of one of these writers; None: it has left. Raises Closed."""
        if self._entity is None:
            raise Closed
        found = _user_data([self._entity.get_matched_publication_data(writer)])
        return found[0] if found else None

    def drain(self) -> Iterator[bytes]:
        """All samples that are there."""
        while (cdr := self.take()) is not None:
            yield cdr

    def close(self) -> None:
        """Leaves the topic and every Wait."""
        for wait in list(self._waits):
            wait.detach(self)
        self.condition = self._entity = None


def _user_data(endpoints: Iterable[Any]) -> list[bytes]:
    """Of endpoints that are still there; b'' where one has none."""
    there = [endpoint.qos for endpoint in endpoints if endpoint is not None]
    has = Policy.Userdata
    return [bytes(qos[has].data) if has in qos else b'' for qos in there]
