"""The ROS graph over DDS: which nodes there are, and which endpoints are theirs.

Knows ros_discovery_info (rmw_dds_common), the DDS built-in topics, and how the names of ROS topics
and services become those of DDS. Refuses to know what is sent on them. One Graph per context.
"""

import atexit
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from cyclonedds import builtin
from cyclonedds.core import InstanceState
from cyclonedds.qos import Policy

from rosless import interrupt
from rosless.calls import Answerer, Caller
from rosless.cdr import codec
from rosless.dds import FOREVER, Quality, Reader, Writer, join, ros_name
from rosless.messages import message
from rosless.service_types import Service

PREFIX = 'rt'  # of a ROS topic's name on DDS
REQUESTS = ('rq', 'Request', '_Request')  # of a service: around its name, and after its type
REPLIES = ('rr', 'Reply', '_Response')
Names = list[tuple[str, list[str]]]  # names of topics or services, each with its types
UNKNOWN = ('_NODE_NAME_UNKNOWN_', '_NODE_NAMESPACE_UNKNOWN_')
INFO = 'rmw_dds_common/msg/ParticipantEntitiesInfo'


@dataclass(eq=False)
class Member:
    """A node of this process, as the graph announces it. namespace: '/' or '/a/b'."""

    name: str
    namespace: str
    writers: list[Writer] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)

    def guids(self) -> list[bytes]:
        """Of all its endpoints."""
        return [w.guid for w in self.writers] + [r.guid for r in self.readers]


@dataclass(frozen=True)
class Endpoint:
    """A writer or reader somewhere in the domain; topic without the prefix of ROS topics."""

    topic: str
    type: str
    node: tuple[str, str]  # name, namespace
    guid: bytes
    quality: Quality


class Graph:
    """A DDS participant, and what it and the others tell each other about their nodes."""

    def __init__(self, domain_id: int) -> None:
        self.participant = join(domain_id)
        self._lock = threading.RLock()
        self._members: list[Member] = []
        latched = Quality(depth=1, latched=True)
        self._writer = Writer(self.participant, 'ros_discovery_info', INFO, latched)
        everything = Quality(depth=None, latched=True)
        self._reader = Reader(self.participant, 'ros_discovery_info', INFO, everything, True)
        self._participants = _Builtin(self.participant, builtin.BuiltinTopicDcpsParticipant)
        self._publications = _Builtin(self.participant, builtin.BuiltinTopicDcpsPublication)
        self._subscriptions = _Builtin(self.participant, builtin.BuiltinTopicDcpsSubscription)
        self._peers: dict[bytes, list[Any]] = {}  # participant guid -> NodeEntitiesInfo
        atexit.register(self.close)

    def close(self) -> None:
        """Leaves the domain at once; without this the others notice after 10 s."""
        self.participant.__del__()

    def writer(self, topic: str, type_name: str, quality: Quality) -> Writer:
        """A writer of the ROS topic `topic` ('/a/b')."""
        return Writer(self.participant, PREFIX + topic, type_name, quality)

    def reader(self, topic: str, type_name: str, quality: Quality) -> Reader:
        """A reader of the ROS topic `topic`."""
        return Reader(self.participant, PREFIX + topic, type_name, quality)

    def caller(self, service: str, kind: Service, quality: Quality) -> Caller:
        """A client's end of the ROS service `service` ('/a/b')."""
        return Caller(self.participant, kind, service, quality)

    def answerer(self, service: str, kind: Service, quality: Quality) -> Answerer:
        """A server's end of the ROS service `service`."""
        return Answerer(self.participant, kind, service, quality)

    def add(
        self, member: Member, writer: Writer | None = None, reader: Reader | None = None
    ) -> None:
        """Endpoints of a node, for the next announce()."""
        with self._lock:
            member.writers += [writer] if writer else []
            member.readers += [reader] if reader else []

    def drop(
        self, member: Member, writer: Writer | None = None, reader: Reader | None = None
    ) -> None:
        """Undoes add()."""
        with self._lock:
            member.writers = [w for w in member.writers if w is not writer]
            member.readers = [r for r in member.readers if r is not reader]

    def enter(self, member: Member) -> None:
        """A node appears."""
        with self._lock:
            self._members.append(member)
            self.announce()

    def leave(self, member: Member) -> None:
        """A node goes."""
        with self._lock:
            if member in self._members:
                self._members.remove(member)
                self.announce()

    def announce(self) -> None:
        """Tells the others what nodes and endpoints this process has."""
        with self._lock:
            nodes = [_node_info(m) for m in self._members]
            guid = self.participant.guid.bytes
            info = message(INFO)(gid=_gid(guid), node_entities_info_seq=nodes)
            self._writer.write(codec(INFO).serialize(info))

    def node_names(self) -> list[tuple[str, str]]:
        """Name and namespace of every node in the domain, ours first."""
        with self._lock:
            ours = [(m.name, m.namespace) for m in self._members]
            theirs = [n for nodes in self._known_peers().values() for n in nodes]
            return ours + [(n.node_name, n.node_namespace) for n in theirs]

    def _known_peers(self) -> dict[bytes, list[Any]]:
        for cdr in self._reader.drain():
            info: Any = codec(INFO).deserialize(cdr)
            self._peers[_guid(info.gid)] = info.node_entities_info_seq
        alive = {key.bytes for key in self._participants.refresh()}
        self._peers = {guid: nodes for guid, nodes in self._peers.items() if guid in alive}
        return self._peers

    def _owners(self) -> dict[bytes, tuple[str, str]]:
        owners = {}
        for member in self._members:
            for guid in member.guids():
                owners[guid] = (member.name, member.namespace)
        for nodes in self._known_peers().values():
            for node in nodes:
                for gid in (*node.reader_gid_seq, *node.writer_gid_seq):
                    owners[_guid(gid)] = (node.node_name, node.node_namespace)
        return owners

    def publishers(self, topic: str | None = None) -> list[Endpoint]:
        """The publishers of a ROS topic, or of all, in all of the domain."""
        return self._endpoints(self._publications, topic)

    def subscriptions(self, topic: str | None = None) -> list[Endpoint]:
        """The subscriptions of a ROS topic, or of all, in all of the domain."""
        return self._endpoints(self._subscriptions, topic)

    def _endpoints(self, which: '_Builtin', topic: str | None) -> list[Endpoint]:
        wanted = None if topic is None else PREFIX + topic
        found = [e for e in self._seen(which, wanted) if e.topic.startswith(PREFIX + '/')]
        return [replace(e, topic=e.topic.removeprefix(PREFIX)) for e in found]

    def _seen(self, which: '_Builtin', topic: str | None = None) -> list[Endpoint]:
        """Endpoints with the names that DDS has for their topics."""
        with self._lock:
            alive = which.refresh().values()
            found = [e for e in alive if topic in (None, e.topic_name)]
            owners = self._owners() if found else {}
            return [_endpoint(e, owners.get(e.key.bytes, UNKNOWN)) for e in found]

    def services(self) -> Names:
        """The services of the domain that have a server or a client."""
        ends = self._seen(self._publications) + self._seen(self._subscriptions)
        return _sorted(_service(e, part) for e in ends for part in (REQUESTS, REPLIES))

    def services_of(self, node: tuple[str, str]) -> Names:
        """The services that a node (name, namespace) serves."""
        return self._calls(node, REQUESTS)

    def clients_of(self, node: tuple[str, str]) -> Names:
        """The services that a node is a client of."""
        return self._calls(node, REPLIES)

    def _calls(self, node: tuple[str, str], part: tuple[str, str, str]) -> Names:
        ends = self._seen(self._subscriptions)
        return _sorted(_service(e, part) for e in ends if e.node == node)


def _service(end: Endpoint, part: tuple[str, str, str]) -> tuple[str, str] | None:
    """Name and type of the service that an endpoint on requests or replies belongs to."""
    before, after, after_type = part
    if not (end.topic.startswith(f'{before}/') and end.topic.endswith(after)):
        return None
    return end.topic[len(before) : -len(after)], end.type.removesuffix(after_type)


def names_and_types(ends: Iterable[Endpoint]) -> Names:
    """The topics of endpoints with their types, sorted."""
    return _sorted((end.topic, end.type) for end in ends)


def _sorted(pairs: Iterable[tuple[str, str] | None]) -> Names:
    found: dict[str, set[str]] = {}
    for name, kind in filter(None, pairs):
        found.setdefault(name, set()).add(kind)
    return [(name, sorted(kinds)) for name, kinds in sorted(found.items())]


class _Builtin:
    """What a DDS built-in topic says exists now, by key."""

    def __init__(self, participant: Any, topic: Any) -> None:
        self._reader = builtin.BuiltinDataReader(participant, topic)
        self._alive: dict[Any, Any] = {}

    def refresh(self) -> dict[Any, Any]:
        while samples := self._reader.take(100):
            for sample in samples:
                info = sample.sample_info
                if info.valid_data and info.instance_state == InstanceState.Alive:
                    self._alive[sample.key] = sample
                else:
                    self._alive.pop(getattr(sample, 'key', None), None)
        interrupt.check()
        return self._alive


def _endpoint(found: Any, node: tuple[str, str]) -> Endpoint:
    return Endpoint(
        found.topic_name,
        ros_name(found.type_name),
        node,
        found.key.bytes,
        _quality(found.qos),
    )


def _quality(qos: Any) -> Quality:
    """The part of an endpoint's policies that discovery carries; history is not among them."""
    alive = qos[Policy.Liveliness]
    return Quality(
        depth=0,
        reliable=isinstance(qos[Policy.Reliability], Policy.Reliability.Reliable),
        latched=qos[Policy.Durability] == Policy.Durability.TransientLocal,
        lifespan=_of(qos, Policy.Lifespan, 'lifespan'),
        deadline=_of(qos, Policy.Deadline, 'deadline'),
        manual=isinstance(alive, Policy.Liveliness.ManualByTopic),
        lease=_finite(alive.lease_duration),
    )


def _of(qos: Any, policy: Any, part: str) -> int | None:
    return _finite(getattr(qos[policy], part)) if policy in qos else None


def _finite(nanoseconds: int) -> int | None:
    return nanoseconds if nanoseconds < FOREVER else None


def _gid(guid: bytes) -> Any:
    made: Any = message('rmw_dds_common/msg/Gid')()
    made.data = np.frombuffer(guid.ljust(made.data.size, b'\0'), np.uint8).copy()
    return made


def _guid(gid: Any) -> bytes:
    return gid.data.tobytes()[:16]


def _node_info(member: Member) -> Any:
    return message('rmw_dds_common/msg/NodeEntitiesInfo')(
        node_name=member.name,
        node_namespace=member.namespace,
        reader_gid_seq=[_gid(r.guid) for r in member.readers],
        writer_gid_seq=[_gid(w.guid) for w in member.writers],
    )
