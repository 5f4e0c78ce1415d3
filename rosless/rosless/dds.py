"""Bytes on Cyclone DDS: writers and readers of serialized samples, and waiting for them.

Knows the public API of cyclonedds-python. Refuses to know messages, nodes and rclpy.
Cyclone's own Python CDR is never used: an IDL type is built for its name and layout only, and its
samples carry bytes. Policies are those of rmw_cyclonedds (ros2/rmw_cyclonedds, rmw_node.cpp).
"""

import functools
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cyclonedds.core import (
    GuardCondition,
    InstanceState,
    ReadCondition,
    SampleState,
    ViewState,
    WaitSet,
)
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import make_idl_struct
from cyclonedds.idl import types as idl
from cyclonedds.pub import DataWriter
from cyclonedds.qos import Policy, Qos
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration

from rosless import interrupt
from rosless.interfaces import Field, fields

ANY = ViewState.Any | InstanceState.Any | SampleState.Any
FOREVER = duration(infinite=True)
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


@dataclass(frozen=True)
class Quality:
    """The quality of service of a writer or reader. depth None: keep all; lifespan in ns."""

    depth: int | None = 10
    reliable: bool = True
    latched: bool = False  # transient local
    lifespan: int | None = None

    def policies(self, ignore_local: bool = False) -> Qos:
        """The same as a Cyclone Qos."""
        if self.depth is None:
            keep = Policy.History.KeepAll
        else:
            keep = Policy.History.KeepLast(max(1, self.depth))
        reliable = Policy.Reliability.Reliable(FOREVER)
        chosen = [
            keep,
            reliable if self.reliable else Policy.Reliability.BestEffort,
            Policy.DataRepresentation(use_cdrv0_representation=True),
            Policy.WriterDataLifecycle(autodispose=False),
        ]
        if self.latched:
            chosen.append(Policy.Durability.TransientLocal)
            chosen.append(Policy.DurabilityService(0, keep, -1, -1, -1))
        if self.lifespan is not None:
            chosen.append(Policy.Lifespan(self.lifespan))
        if ignore_local:
            chosen.append(Policy.IgnoreLocal.Participant)
        return Qos(*chosen)


def join(domain_id: int) -> DomainParticipant:
    """A participant of a DDS domain, marked as ROS 2 peers expect it (enclave '/')."""
    return DomainParticipant(domain_id, qos=Qos(Policy.Userdata(b'enclave=/;')))


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
    package, _, short = type_name.split('/')
    layout = {field.name: _idl(field) for field in fields(type_name)}
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

    def __init__(self, participant: Any, topic: str, type_name: str, quality: Quality) -> None:
        self._type = sample_type(type_name)
        handle = Topic(participant, topic, self._type)
        self._entity: Any = DataWriter(participant, handle, qos=quality.policies())
        self.guid: bytes = self._entity.guid.bytes

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

    def close(self) -> None:
        """Leaves the topic."""
        self._entity = None


class Reader:
    """Takes serialized samples from a DDS topic."""

    def __init__(
        self,
        participant: Any,
        topic: str,
        type_name: str,
        quality: Quality,
        ignore_local: bool = False,
    ) -> None:
        handle = Topic(participant, topic, sample_type(type_name))
        policies = quality.policies(ignore_local)
        self._entity: Any = DataReader(participant, handle, qos=policies)
        self.condition: Any = ReadCondition(self._entity, ANY)
        self.guid: bytes = self._entity.guid.bytes
        self._waits: weakref.WeakSet[Wait] = weakref.WeakSet()

    def take(self) -> bytes | None:
        """The next sample (CDR with its header), or None. Raises Closed."""
        if self._entity is None:
            raise Closed
        while True:
            got = self._entity.take(1)
            interrupt.check()
            if not got:
                return None
            if got[0].sample_info.valid_data:
                return got[0].cdr

    def drain(self) -> Iterator[bytes]:
        """All samples that are there."""
        while (cdr := self.take()) is not None:
            yield cdr

    def close(self) -> None:
        """Leaves the topic and every Wait."""
        for wait in list(self._waits):
            wait.detach(self)
        self.condition = self._entity = None


class Wait:
    """Blocks until a reader has something, someone calls wake(), or time is up."""

    def __init__(self, participant: Any) -> None:
        self._set, self._guard = WaitSet(participant), GuardCondition(participant)
        self._set.attach(self._guard)

    def attach(self, reader: Reader) -> None:
        """Waits for this reader, too."""
        self._set.attach(reader.condition)
        reader._waits.add(self)

    def detach(self, reader: Reader) -> None:
        """Waits for this reader no longer."""
        if reader.condition is not None:
            self._set.detach(reader.condition)
        reader._waits.discard(self)

    def wake(self) -> None:
        """Ends a wait, in whatever thread, or the next one."""
        self._guard.set(True)

    def wait(self, nanoseconds: int | None) -> bool:
        """Waits at most that long (None: for ever). False: time was up."""
        ready = self._set.wait(FOREVER if nanoseconds is None else nanoseconds)
        if ready:
            self._guard.take()
        return bool(ready)
