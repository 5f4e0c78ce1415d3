"""The ROS graph over DDS: which nodes there are, and which endpoints are theirs.

Knows ros_discovery_info (rmw_dds_common) and what DDS discovery tells. Refuses to know what is
sent on topics. One Graph per context. What the others announce piles up until it is taken:
whoever waits for something watches that, too (watch), and takes it (drain).
"""

import atexit
import threading
import weakref
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from cyclonedds import builtin

from rosless.calls import Answerer, Caller
from rosless.cdr import codec
from rosless.dds import Reader, Writer
from rosless.domain import join
from rosless.endpoints import (
    PREFIX,
    REPLIES,
    REQUESTS,
    Builtin,
    Endpoint,
    Names,
    by_name,
    endpoint,
    service_of,
)
from rosless.messages import message
from rosless.quality import Quality
from rosless.service_types import Service
from rosless.waits import Source, Wait

UNKNOWN = ('_NODE_NAME_UNKNOWN_', '_NODE_NAMESPACE_UNKNOWN_')
INFO = 'rmw_dds_common/msg/ParticipantEntitiesInfo'
PARTICIPANTS = builtin.BuiltinTopicDcpsParticipant
PUBLICATIONS = builtin.BuiltinTopicDcpsPublication
SUBSCRIPTIONS = builtin.BuiltinTopicDcpsSubscription
MANY = 200  # participants heard of, before those that have left are forgotten


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
        self._builtins: dict[Any, Builtin] = {}  # those that somebody asked for
        self._heard: dict[bytes, bytes] = {}  # participant guid -> CDR that nobody read so far
        self._peers: dict[bytes, list[Any]] = {}  # participant guid -> NodeEntitiesInfo
        self._waits: weakref.WeakSet[Wait] = weakref.WeakSet()
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

    def watch(self, wait: Wait) -> None:
        """`wait` also ends when the others announce something: drain() is to be called then."""
        with self._lock:
            self._waits.add(wait)
            for source in self._sources():
                wait.attach(source)

    def _sources(self) -> list[Source]:
        return [self._reader, *self._builtins.values()]

    def drain(self) -> None:
        """Takes what the others announced."""
        with self._lock:
            for cdr in self._reader.drain():
                self._heard[cdr[4:20]] = cdr  # a message begins with its participant's guid
            for seen in self._builtins.values():
                seen.refresh()
            if len(self._heard) + len(self._peers) > MANY:
                self._known_peers()

    def _builtin(self, topic: Any) -> Builtin:
        if topic not in self._builtins:
            self._builtins[topic] = Builtin(self.participant, topic)
            for wait in self._waits:
                wait.attach(self._builtins[topic])
        return self._builtins[topic]

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
            self._heard[cdr[4:20]] = cdr
        while self._heard:
            guid, cdr = self._heard.popitem()
            info: Any = codec(INFO).deserialize(cdr)
            self._peers[guid] = info.node_entities_info_seq
        alive = {key.bytes for key in self._builtin(PARTICIPANTS).refresh()}
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
        return self._endpoints(PUBLICATIONS, topic)

    def subscriptions(self, topic: str | None = None) -> list[Endpoint]:
        """The subscriptions of a ROS topic, or of all, in all of the domain."""
        return self._endpoints(SUBSCRIPTIONS, topic)

    def _endpoints(self, which: Any, topic: str | None) -> list[Endpoint]:
        wanted = None if topic is None else PREFIX + topic
        found = [e for e in self._seen(which, wanted) if e.topic.startswith(PREFIX + '/')]
        return [replace(e, topic=e.topic.removeprefix(PREFIX)) for e in found]

    def _seen(self, which: Any, topic: str | None = None) -> list[Endpoint]:
        """Endpoints with the names that DDS has for their topics."""
        with self._lock:
            alive = self._builtin(which).refresh().values()
            found = [e for e in alive if topic in (None, e.topic_name)]
            owners = self._owners() if found else {}
            return [endpoint(e, owners.get(e.key.bytes, UNKNOWN)) for e in found]

    def services(self) -> Names:
        """The services of the domain that have a server or a client."""
        ends = self._seen(PUBLICATIONS) + self._seen(SUBSCRIPTIONS)
        return by_name(service_of(e, part) for e in ends for part in (REQUESTS, REPLIES))

    def services_of(self, node: tuple[str, str]) -> Names:
        """The services that a node (name, namespace) serves."""
        return self._calls(node, REQUESTS)

    def clients_of(self, node: tuple[str, str]) -> Names:
        """The services that a node is a client of."""
        return self._calls(node, REPLIES)

    def _calls(self, node: tuple[str, str], part: tuple[str, str, str]) -> Names:
        ends = self._seen(SUBSCRIPTIONS)
        return by_name(service_of(e, part) for e in ends if e.node == node)


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
