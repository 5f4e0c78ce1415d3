"""The topics of a run (`robot.roles`) with rclpy's classes and profiles."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from rclpy.qos import QoSProfile

from fastwam_ros.nodes import qos
from fastwam_ros.robot.roles import ROLES


@dataclass(frozen=True)
class Stream:
    """One topic: its role in a recording, and the quality that its publishers offer."""

    role: str
    kind: type
    topic: str
    offered: QoSProfile

    @property
    def moves(self) -> bool:
        """Whether a robot that listens to it moves."""
        return '_command_' in self.role

    @property
    def is_image(self) -> bool:
        """Whether it is a camera's."""
        return self.role.startswith('image_')


def streams() -> Iterator[Stream]:
    """Everything that is recorded, and may be played again."""
    for role, (topic, kind, offered) in ROLES.items():
        yield Stream(role, message_class(kind), topic, qos.profile(offered))


def message_class(kind: str) -> type:
    """rclpy's class of a type such as 'std_msgs/msg/String'.

    Raises ImportError for a package, AttributeError for a message that is not there.
    """
    package, _, name = kind.partition('/msg/')
    found: type = getattr(import_module(f'{package}.msg'), name)
    return found
