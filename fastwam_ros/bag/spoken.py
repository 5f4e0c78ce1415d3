"""A recording that is written by roles: who plays which, and on which topic, in one namespace.

For who tells a run without ROS. Refuses to know what is said.
"""

from collections.abc import Mapping
from typing import Any

from fastwam_ros.bag.composed import cdr
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.robot.roles import ROLES, Played


class Spoken:
    """Messages by role. topics: of the roles that were spoken of, their full names."""

    def __init__(self, bag: BagWriter, namespace: str) -> None:
        """namespace: the robot's, '' for none."""
        self._bag, self._namespace = bag, namespace
        self._channels: dict[str, int] = {}
        self.topics: dict[str, str] = {}

    def full(self, name: str) -> str:
        """A topic's full name."""
        return name if name.startswith('/') else f'{self._namespace}/{name}'

    def tell(self, role: str, now: int, fields: Mapping[str, Any]) -> None:
        """Something by its role and the fields of its message, received now [ns]."""
        played = ROLES[role]
        self.write(role, played, now, cdr(played.kind, fields))

    def write(self, role: str, played: Played, now: int, data: bytes) -> None:
        """A serialized message. played: its topic, relative or full, its type, its quality."""
        channel = self._channels.get(role)
        if channel is None:
            topic = self.topics[role] = self.full(played.name)
            channel = self._bag.channel(topic, played.kind, quality(*played.offered))
            self._channels[role] = channel
        self._bag.write(channel, now, data)
