"""Endpoints of a domain as DDS discovery tells of them, and what they are in ROS.

Knows the built-in topics of DDS, and how names of ROS topics and services become those of DDS.
Refuses to know whose endpoints they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cyclonedds import builtin
from cyclonedds.core import InstanceState, ReadCondition
from cyclonedds.qos import Policy

from rosless import interrupt
from rosless.dds import ANY, ros_name
from rosless.quality import FOREVER, Quality
from rosless.waits import Source

PREFIX = 'rt'  # of a ROS topic's name on DDS
REQUESTS = ('rq', 'Request', '_Request')  # of a service: around its name, and after its type
REPLIES = ('rr', 'Reply', '_Response')
Names = list[tuple[str, list[str]]]  # names of topics or services, each with its types


@dataclass(frozen=True)
class Endpoint:
    """A writer or reader somewhere in the domain; topic without the prefix of ROS topics."""

    topic: str
    type: str
    node: tuple[str, str]  # name, namespace
    guid: bytes
    quality: Quality


class Builtin(Source):
    """What a DDS built-in topic says exists now, by key."""

    def __init__(self, participant: Any, topic: Any) -> None:
        super().__init__()
        self._reader = builtin.BuiltinDataReader(participant, topic)
        self.condition = ReadCondition(self._reader, ANY)
        self._alive: dict[Any, Any] = {}

    def refresh(self) -> dict[Any, Any]:
        """All of it."""
        while samples := self._reader.take(100):
            for sample in samples:
                info = sample.sample_info
                if info.valid_data and info.instance_state == InstanceState.Alive:
                    self._alive[sample.key] = sample
                else:
                    self._alive.pop(getattr(sample, 'key', None), None)
        interrupt.check()
        return self._alive


def endpoint(found: Any, node: tuple[str, str]) -> Endpoint:
    """What a built-in topic tells of an endpoint that belongs to `node`."""
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


def service_of(end: Endpoint, part: tuple[str, str, str]) -> tuple[str, str] | None:
    """Name and type of the service that an endpoint on requests or replies belongs to."""
    before, after, after_type = part
    if not (end.topic.startswith(f'{before}/') and end.topic.endswith(after)):
        return None
    return end.topic[len(before) : -len(after)], end.type.removesuffix(after_type)


def names_and_types(ends: Iterable[Endpoint]) -> Names:
    """The topics of endpoints with their types, sorted."""
    return by_name((end.topic, end.type) for end in ends)


def by_name(pairs: Iterable[tuple[str, str] | None]) -> Names:
    """Names with all their types, sorted; None is left out."""
    found: dict[str, set[str]] = {}
    for name, kind in filter(None, pairs):
        found.setdefault(name, set()).add(kind)
    return [(name, sorted(kinds)) for name, kinds in sorted(found.items())]
