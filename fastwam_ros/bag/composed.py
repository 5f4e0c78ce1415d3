"""Serialized messages from plain values, for who writes a recording without ROS.

Refuses to know what they mean: fields by name, a time or duration as ns, and what is not given is
zero or empty, as in a new message of ROS.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from rosbags.interfaces import Nodetype

from fastwam_ros.bag.definitions import known_types

_TIMES = ('builtin_interfaces/msg/Time', 'builtin_interfaces/msg/Duration')
_SECOND = 10**9


def cdr(type_name: str, fields: Mapping[str, Any]) -> bytes:
    """A message of a type such as 'sensor_msgs/msg/JointState' with its CDR header.

    Raises ValueError for a field that the type does not have.
    """
    store = known_types()
    return bytes(store.serialize_cdr(_message(type_name, fields), type_name))


def _message(type_name: str, fields: Mapping[str, Any]) -> Any:
    store = known_types()
    members = store.fielddefs[type_name][1]
    names = [name for name, _ in members]
    if unknown := sorted(set(fields) - set(names)):
        raise ValueError(f'{type_name} has no {", ".join(unknown)}: it has {", ".join(names)}')
    values = {name: _value(kind, fields.get(name)) for name, kind in members}
    return store.types[type_name](**values)


def _value(kind: Any, given: Any) -> Any:
    sort, detail = kind
    if sort == Nodetype.NAME:
        return _named(detail, given)
    if sort == Nodetype.BASE:
        return _base(detail[0], given)
    (of, what), size = detail
    if of == Nodetype.BASE and what[0] != 'string':
        none = np.zeros(size, what[0]) if sort == Nodetype.ARRAY else np.zeros(0, what[0])
        return none if given is None else np.ascontiguousarray(given, what[0])
    return [_value((of, what), each) for each in given or ()]


def _named(name: str, given: Any) -> Any:
    if name not in _TIMES:
        return _message(name, given or {})
    sec, nanosec = divmod(given or 0, _SECOND)
    return known_types().types[name](sec=sec, nanosec=nanosec)


def _base(name: str, given: Any) -> Any:
    if given is not None:
        return given
    return {'string': '', 'bool': False, 'float32': 0.0, 'float64': 0.0}.get(name, 0)
