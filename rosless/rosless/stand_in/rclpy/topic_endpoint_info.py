"""What the graph tells of an endpoint. Knows no DDS."""

import enum

from rosless.refusal import Partial, lookup

from .qos import profile_seen

__getattr__ = lookup(__name__)

GID_BYTES = 24  # Humble; the 16 bytes of a DDS guid, filled up


class TopicEndpointTypeEnum(enum.IntEnum):
    """Which end of a topic."""

    INVALID = 0
    PUBLISHER = 1
    SUBSCRIPTION = 2


class TopicEndpointInfo(Partial):
    """A publisher or subscription somewhere in the domain, with its node and its policies."""

    _absent = frozenset({'topic_type_hash'})

    def __init__(self, endpoint, endpoint_type):
        self.node_name, self.node_namespace = endpoint.node
        self.topic_type = endpoint.type
        self.endpoint_type = endpoint_type
        self.endpoint_gid = list(endpoint.guid.ljust(GID_BYTES, b'\0'))
        self.qos_profile = profile_seen(endpoint.quality)
