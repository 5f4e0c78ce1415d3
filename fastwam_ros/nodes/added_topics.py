"""Topics that a person adds to those which are recorded, by name."""

import time
from collections.abc import Iterator

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from fastwam_ros.bag.definitions import definition
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.streams import Stream, message_class, streams
from fastwam_ros.robot.qualities import Quality

_PATIENCE = 3.0  # [s] until a topic is in the graph
_LOOK = 0.1  # [s]


def added(node: Node, names: str) -> Iterator[Stream]:
    """The topics that are not recorded anyway, as streams without a role.

    names: separated by spaces. Raises ValueError for one that nobody publishes, with what there
    is, and for one whose messages are unknown here.
    """
    known = {node.resolve_topic_name(stream.topic) for stream in streams()}
    wanted = dict.fromkeys(node.resolve_topic_name(name) for name in names.split())
    new = [name for name in wanted if name not in known]
    there = _there(node, new)
    for name in new:
        if name not in there:
            others = ', '.join(sorted(set(there) - known)) or 'none'
            raise ValueError(f'nobody publishes {name}: what is there beside the usual: {others}')
        yield Stream('', _kind(name, there[name]), name, _offered(node, name))


def _there(node: Node, names: list[str]) -> dict[str, str]:
    """Topics that somebody publishes, with their type, once all that are asked for are there."""
    end = time.monotonic() + _PATIENCE
    while True:
        there = {
            name: kinds[0]
            for name, kinds in node.get_topic_names_and_types()
            if node.count_publishers(name)
        }
        if all(name in there for name in names) or time.monotonic() > end:
            return there
        time.sleep(_LOOK)


def _kind(name: str, kind: str) -> type:
    try:
        definition(kind)
        return message_class(kind)
    except (ValueError, ImportError, AttributeError) as error:
        raise ValueError(f'{name} cannot be recorded here: {error}') from None


def _offered(node: Node, name: str) -> QoSProfile:
    """What every publisher of it offers: a listener that asks for more hears nothing."""
    offers = [info.qos_profile for info in node.get_publishers_info_by_topic(name)]
    reliable = all(o.reliability == ReliabilityPolicy.RELIABLE for o in offers)
    latched = all(o.durability == DurabilityPolicy.TRANSIENT_LOCAL for o in offers)
    return qos.profile(Quality(reliable, latched, 1 if latched else 10))
