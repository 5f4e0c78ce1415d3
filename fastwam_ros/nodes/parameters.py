"""Parameters of a node from one frozen dataclass: declared, typed and complete.

rclpy drops what a YAML file misspells without a word; here an unknown name or a wrong type ends
the start with one line that lists the valid names.
"""

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

from rclpy.node import Node

Settings = TypeVar('Settings')
_ROS_OWN = ('use_sim_time', 'qos_overrides')


def read(node: Node, kind: type[Settings]) -> Settings:
    """The dataclass filled from the node's parameters; fields without a default are required.

    The node must be made with automatically_declare_parameters_from_overrides, so that whatever
    was given is there to be compared. Raises ValueError naming the parameter.
    """
    known: tuple[Field[Any], ...] = fields(kind)  # type: ignore[arg-type]
    names = [field.name for field in known]
    given = node.get_parameters_by_prefix('')
    for name in given:
        if name not in names and not name.startswith(_ROS_OWN):
            valid = ', '.join(names)
            raise ValueError(f'unknown parameter {name!r} for {node.get_name()}: it has {valid}')
    return kind(**{field.name: _value(node, field, given) for field in known})


def _value(node: Node, field: Field[Any], given: dict[str, Any]) -> Any:
    if field.name not in given:
        if field.default is MISSING:
            raise ValueError(f'parameter {field.name!r} of {node.get_name()} must be given')
        return node.declare_parameter(field.name, field.default).value
    value = given[field.name].value
    if type(value).__name__ != field.type and type(value) is not field.type:
        hint = ' (write it with a point: 1.0)' if isinstance(value, int) else ''
        want = getattr(field.type, '__name__', field.type)
        raise ValueError(f'parameter {field.name!r} is {value!r}, want a {want}{hint}')
    return value
