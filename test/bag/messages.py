"""Serialized messages for tests, without ROS."""

from typing import Any

import numpy as np
from rosbags.typesys.store import Typestore

from fastwam_ros.bag.definitions import decoder, definition

TYPES = (
    'sensor_msgs/msg/JointState',
    'sensor_msgs/msg/CompressedImage',
    'sensor_msgs/msg/Image',
    'std_msgs/msg/Bool',
    'std_msgs/msg/String',
    'diagnostic_msgs/msg/DiagnosticStatus',
    'fastwam_ros/msg/ActionChunk',
    'fastwam_ros/msg/ExecutorRequest',
    'fastwam_ros/msg/ExecutorState',
)
STORE: Typestore = decoder({name: definition(name) for name in TYPES})
SECOND = 10**9


def made(kind: str, /, **fields: Any) -> Any:
    """A message by its short type name; fields that are not given are zero or empty."""
    full = next(key for key in STORE.types if key.endswith(f'/{kind}'))
    layout = STORE.fielddefs[full][1]
    return STORE.types[full](**{k: fields.get(k, _empty(v)) for k, v in layout})


def cdr(kind: str, /, **fields: Any) -> bytes:
    """The bytes of such a message."""
    message = made(kind, **fields)
    return bytes(STORE.serialize_cdr(message, message.__msgtype__))


def header(stamp: int, frame: str = '') -> Any:
    """A std_msgs/Header stamped at `stamp` [ns]."""
    return made('Header', stamp=time(stamp), frame_id=frame)


def time(ns: int) -> Any:
    """A builtin_interfaces/Time."""
    return made('Time', sec=ns // SECOND, nanosec=ns % SECOND)


def joint_state(stamp: int, position: Any, names: list[str] | None = None) -> bytes:
    """A JointState with these positions."""
    return cdr(
        'JointState',
        header=header(stamp),
        name=names or [],
        position=np.asarray(position, np.float64),
    )


def _empty(kind: Any) -> Any:
    node, inner = kind
    if node.name == 'NAME':
        return header(0) if inner.endswith('Header') else made(inner.rsplit('/', 1)[1])
    if node.name == 'SEQUENCE':
        element = inner[0][1][0]
        return [] if element == 'string' else np.zeros(0, element.replace('octet', 'uint8'))
    return {'string': '', 'bool': False, 'float64': 0.0}.get(inner[0], 0)
