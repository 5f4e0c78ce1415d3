"""Parameters of a node from one frozen dataclass: declared, typed, in their range and complete.

rclpy drops what a YAML file misspells without a word; here an unknown name, a wrong type or a
value out of its range ends the start with one line that says what is valid.
"""

from collections.abc import Collection
from dataclasses import MISSING, Field, fields
from dataclasses import field as dataclass_field
from typing import Any, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    ParameterType,
)
from rclpy.node import Node

Settings = TypeVar('Settings')
SIM_TIME = 'use_sim_time'
_ROS_OWN = (SIM_TIME, 'start_type_description_service')  # rclpy declares them: Humble, Jazzy
_OVERRIDES = 'qos_overrides.'
_TYPES: dict[Any, int] = {
    bool: ParameterType.PARAMETER_BOOL,
    int: ParameterType.PARAMETER_INTEGER,
    float: ParameterType.PARAMETER_DOUBLE,
    str: ParameterType.PARAMETER_STRING,
    list[str]: ParameterType.PARAMETER_STRING_ARRAY,
}
_QUOTES = ' (put it in quotes)'  # off, on, yes and no are none in YAML, and 7 is a number


def setting(default: Any, about: str, **more: Any) -> Any:
    """A parameter: what it is when nobody sets it, and what it is for in one sentence."""
    return dataclass_field(default=default, metadata={'about': about, **more})


def required(about: str) -> Any:
    """One that must be given."""
    return dataclass_field(kw_only=True, metadata={'about': about})


def within(
    default: float, low: float, high: float, unit: str, about: str, settable: bool = False
) -> Any:
    """A number from low to high, both included; type it int or float.

    settable: while the node runs; all others are read at the start.
    """
    return setting(default, about, range=(low, high), unit=unit, settable=settable)


def one_of(default: str, valid: Collection[str], about: str) -> Any:
    """One of some words."""
    return setting(default, about, valid=tuple(valid))


def read(node: Node, kind: type[Settings]) -> Settings:
    """The dataclass filled from the node's parameters; fields without a default are required.

    The node must be made with automatically_declare_parameters_from_overrides, so that whatever
    was given is there to be compared. Raises ValueError naming the parameter.
    """
    known: tuple[Field[Any], ...] = fields(kind)  # type: ignore[arg-type]
    names = [field.name for field in known]
    given = node.get_parameters_by_prefix('')
    for name in given:
        if name not in (*names, *_ROS_OWN) and not name.startswith(_OVERRIDES):
            valid = ', '.join(names)
            raise ValueError(f'unknown parameter {name!r} for {node.get_name()}: it has {valid}')
    _check_clock(given)
    made = kind(**{field.name: _value(node, field, given) for field in known})
    for field in known:
        if field.name in given:
            node.set_descriptor(field.name, descriptor(field))
    return made


def descriptor(of: Field[Any]) -> ParameterDescriptor:
    """What `ros2 param describe` and sliders know of a parameter."""
    about = dict(of.metadata)
    made = ParameterDescriptor(
        type=_TYPES[of.type],
        description=about['about'],
        read_only=not about.get('settable', False),
    )
    if 'valid' in about:
        made.additional_constraints = f'one of {", ".join(about["valid"])}'
    if 'range' in about:
        low, high = about['range']
        if of.type is int:
            made.integer_range = [IntegerRange(from_value=low, to_value=high, step=1)]
        else:
            ends = FloatingPointRange(from_value=float(low), to_value=float(high), step=0.0)
            made.floating_point_range = [ends]
    return made


def check(kind: type, name: str, value: Any) -> None:
    """Raises ValueError for a value that a field of the dataclass cannot have."""
    for field in fields(kind):
        if field.name == name:
            _checked(field, value)


def _check_clock(given: dict[str, Any]) -> None:
    """rclpy only logs what is no bool and goes on with the machine's clock."""
    if SIM_TIME in given and type(value := given[SIM_TIME].value) is not bool:
        raise ValueError(f'parameter {SIM_TIME!r} is {value!r}, want true or false')


def _value(node: Node, field: Field[Any], given: dict[str, Any]) -> Any:
    if field.name not in given:
        if field.default is MISSING:
            raise ValueError(f'parameter {field.name!r} of {node.get_name()} must be given')
        return node.declare_parameter(field.name, field.default, descriptor(field)).value
    return _checked(field, given[field.name].value)


def _fits(value: Any, kind: Any) -> bool:
    if kind == list[str]:
        return type(value) is list and all(type(each) is str for each in value)
    return type(value) is kind


def _wanted(field: Field[Any], value: Any) -> str:
    if field.type == list[str]:
        return 'a list of texts: [a, b]'
    kind = getattr(field.type, '__name__', field.type)
    hints = {'int float': ' (write it with a point: 1.0)', 'int str': _QUOTES, 'bool str': _QUOTES}
    article = 'an' if kind == 'int' else 'a'
    return f'{article} {kind}{hints.get(f"{type(value).__name__} {kind}", "")}'


def _checked(of: Field[Any], value: Any) -> Any:
    """Raises ValueError for a value that is not valid; a NaN is in no range."""
    if not _fits(value, of.type):
        raise ValueError(f'parameter {of.name!r} is {value!r}, want {_wanted(of, value)}')
    if 'range' in of.metadata:
        low, high = of.metadata['range']
        if not low <= value <= high:
            unit = f' {of.metadata["unit"]}'.rstrip()
            raise ValueError(f'parameter {of.name!r} is {value}: {low:g} to {high:g}{unit}')
    elif value not in of.metadata.get('valid', (value,)):
        known = ', '.join(of.metadata['valid'])
        raise ValueError(f'parameter {of.name!r} is {value!r}: it is one of {known}')
    return value
