"""ROS names: what is valid, and how a relative name becomes a full one.

Knows the rules of rcl and rmw (design.ros2.org 'Topic and Service name mapping';
rmw/validate_*.h). Refuses to know remap rules and nodes.
"""

import re

TOKEN = '[A-Za-z_][A-Za-z0-9_]*'
NODE_NAME = re.compile(TOKEN)
NAMESPACE = re.compile(f'/|(/{TOKEN})+')
GIVEN_NAME = re.compile(f'~|(~/|/)?{TOKEN}(/{TOKEN})*')
LONGEST = 255 - 8  # rmw: DDS names are at most 255 long, ROS prefixes and suffixes take 8
LONGEST_NODE_NAME = 255


def valid_node_name(name: str) -> bool:
    """Letters, digits and underscores, not a digit first."""
    return bool(NODE_NAME.fullmatch(name)) and len(name) <= LONGEST_NODE_NAME


def valid_namespace(name: str) -> bool:
    """'/' or '/a/b'."""
    return bool(NAMESPACE.fullmatch(name)) and len(name) <= LONGEST


def valid_topic(name: str) -> bool:
    """A relative ('a/b'), private ('~/a') or full ('/a/b') topic name, without {} parts."""
    return bool(GIVEN_NAME.fullmatch(name)) and len(name) <= LONGEST


def full_node_name(name: str, namespace: str) -> str:
    """'/a/b/node'."""
    return f'{namespace.rstrip("/")}/{name}'


def expand(topic: str, node: str, namespace: str) -> str:
    """The full name of a topic for a node, before remapping."""
    if topic.startswith('~'):
        return full_node_name(node, namespace) + topic[1:]
    return topic if topic.startswith('/') else f'{namespace.rstrip("/")}/{topic}'
