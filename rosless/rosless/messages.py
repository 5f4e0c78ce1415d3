"""Message classes, built from definitions, with the behaviour of rosidl's generated Python.

Knows how a message object is made, set, compared and shown. Refuses to know its bytes (cdr.py)
and where it is imported from (finder.py).
"""

import array
import functools
from typing import Any

import numpy as np

from rosless import fields as rules
from rosless.interfaces import PLACEHOLDER, Field, constants, fields


class Message:
    """Base of all message classes: checked fields, keyword-only constructor, equality."""

    __slots__ = ()
    __msgtype__ = ''
    _setters: dict[str, rules.Convert] = {}  # noqa: RUF012  (filled per class)
    _makers: tuple = ()
    _types: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, **given: Any) -> None:
        if not given.keys() <= self._setters.keys():
            unknown = ', '.join(sorted(given.keys() - self._setters.keys()))
            known = ', '.join(self._setters)
            raise AssertionError(f'{type(self).__name__} has no field {unknown}: it has {known}')
        for name, store, make, convert in self._makers:
            if name not in given:
                store(self, make())
            else:
                setattr(self, name, convert(given[name]) if convert else given[name])

    def __setattr__(self, name: str, value: Any) -> None:
        check = self._setters.get(name)
        if check is None:
            raise AttributeError(f'{type(self).__name__!r} object has no attribute {name!r}')
        object.__setattr__(self, name, check(value))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return False
        return all(_same(getattr(self, n), getattr(other, n)) for n in self._setters)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ', '.join(f'{n}={_show(getattr(self, n))}' for n in self._setters)
        return f'{type(self).__module__}.{type(self).__name__}({shown})'

    @classmethod
    def get_fields_and_field_types(cls) -> dict[str, str]:
        """Field names with their ROS types, e.g. {'position': 'sequence<double>'}."""
        return dict(cls._types)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other))
    return bool(one == other)


def _show(value: Any) -> str:
    return repr(value.tolist()) if isinstance(value, (array.array, np.ndarray)) else repr(value)


@functools.cache
def message(name: str) -> type[Message]:
    """The class of message type `name`, e.g. 'sensor_msgs/msg/JointState'."""
    package, kind, short = name.split('/')
    shown = [f for f in fields(name) if f.name != PLACEHOLDER]
    nested = {f.name: message(f.type) if f.nested else None for f in shown}
    clash = constants(name).keys() & nested.keys()
    assert not clash, f'{name}: {clash} are constants and fields'
    made: Any = type(
        short,
        (Message,),
        {
            '__slots__': tuple(f.name for f in shown),
            '__module__': f'{package}.{kind}',
            '__msgtype__': name,
            '_setters': {f.name: rules.setter(f, nested[f.name]) for f in shown},
            '_types': {f.name: _ros_type(f) for f in shown},
            **constants(name),
        },
    )
    made._makers = tuple(
        (
            f.name,
            made.__dict__[f.name].__set__,
            rules.default(f, nested[f.name]),
            rules.converter(f),
        )
        for f in shown
    )
    return made


IDL_NAMES = {
    'bool': 'boolean',
    'byte': 'octet',
    'char': 'uint8',
    'float32': 'float',
    'float64': 'double',
}


def _ros_type(field: Field) -> str:
    base = (
        field.type.replace('/msg/', '/') if field.nested else IDL_NAMES.get(field.type, field.type)
    )
    if field.string_bound:
        base = f'string<{field.string_bound}>'
    if field.shape == 'array':
        return f'{base}[{field.length}]'
    if field.shape == 'sequence':
        return f'sequence<{base}, {field.length}>' if field.length else f'sequence<{base}>'
    return base
