"""Message definitions: rosbags' typestore of a ROS distribution, and the .msg files of packages.

Knows what fields a message type has; the two halves of a service are message types, too
(service_types.py). Refuses to know what a message object is, or its bytes.
ROS_DISTRO picks the distribution (default humble): a few types, e.g. rmw_dds_common/Gid, differ.
"""

import functools
import os
import re
from dataclasses import dataclass
from typing import Any

from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from rosless.packages import PackageError, find_share
from rosless.refusal import not_covered

DISTRO = os.environ.get('ROS_DISTRO', 'humble')
PLACEHOLDER = 'structure_needs_at_least_one_member'  # rosidl's one byte in an empty message
EMPTY: Any = (PLACEHOLDER, (Nodetype.BASE, ('uint8', 0)))

# rosbags drops default values; this is the one of the common interfaces.
DEFAULTS = {'geometry_msgs/msg/Quaternion': {'w': 1.0}}


@dataclass(frozen=True)
class Field:
    """One field of a message type.

    type: 'float64', 'string', ... or, when `nested`, a message name 'std_msgs/msg/Header'.
    shape: 'one', 'sequence' or 'array'; length: of the array, or the sequence's bound (0: none).
    string_bound: most characters of a string (0: any).
    """

    name: str
    type: str
    nested: bool = False
    shape: str = 'one'
    length: int = 0
    string_bound: int = 0
    default: Any = None


@functools.cache
def _store() -> Any:
    try:
        return get_typestore(Stores(f'ros2_{DISTRO}'))
    except ValueError:
        known = ', '.join(s.value[5:] for s in Stores if s.value.startswith('ros2_'))
        raise SystemExit(f'rosless: ROS_DISTRO={DISTRO} is unknown: use one of {known}') from None


@functools.cache
def register(package: str) -> bool:
    """Registers the .msg files of a package that has any. False: no such package or no files."""
    try:
        files = sorted(find_share(package).glob('msg/*.msg'))
    except PackageError:
        return False
    for file in files:
        define(f'{package}/msg/{file.stem}', file.read_text())
    return bool(files)


def define(name: str, text: str) -> None:
    """Adds the message type `name`, in the words of a .msg file, where it is not known yet.

    Default values, which rosbags would drop, are refused.
    """
    package, kind, short = name.split('/')
    for line in text.splitlines():
        words = line.split('#')[0].split()
        if len(words) > 2 and not re.search(r'^\S+\s+\w+\s*=', line.strip()):
            raise not_covered(f'the default value in {short}.{kind}: {line.strip()!r}')
    ((constants, fields),) = get_types_from_msg(text, f'{package}/msg/{short}').values()
    if name not in _store().fielddefs:
        _store().fielddefs[name] = constants, fields or [EMPTY]


def exists(name: str) -> bool:
    """Is `name` ('sensor_msgs/msg/Image') a known message type?"""
    return name in _store().fielddefs


def has_package(package: str) -> bool:
    """Does the distribution, or a package found on this machine, define messages for it?"""
    prefix = f'{package}/msg/'
    return any(n.startswith(prefix) for n in _store().fielddefs) or register(package)


def names(package: str) -> list[str]:
    """The short names of a package's messages."""
    prefix = f'{package}/msg/'
    return sorted(n.removeprefix(prefix) for n in _store().fielddefs if n.startswith(prefix))


def constants(name: str) -> dict[str, Any]:
    """The constants of a message type; those of type byte are one byte long, as in rosidl."""
    found = {}
    for key, kind, value in _store().fielddefs[name][0]:
        found[key] = bytes([value]) if kind in ('byte', 'octet') else value
    return found


@functools.cache
def fields(name: str) -> tuple[Field, ...]:
    """The fields of a message type, in wire order."""
    if name not in _store().fielddefs:
        register(name.partition('/')[0])  # of a package that nobody asked for, in a field of ours
    defaults = DEFAULTS.get(name, {})
    return tuple(_field(key, desc, defaults.get(key)) for key, desc in _store().fielddefs[name][1])


def _field(name: str, desc: Any, default: Any) -> Field:
    kind, inner = desc
    shape, length = 'one', 0
    if kind in (Nodetype.ARRAY, Nodetype.SEQUENCE):
        shape = 'array' if kind == Nodetype.ARRAY else 'sequence'
        (kind, inner), length = inner
    if kind == Nodetype.NAME:
        return Field(name, inner, True, shape, length)
    return Field(name, inner[0], False, shape, length, inner[1], default)
