"""`rosless param list|get|set|describe|dump`. Knows the form of ros2param (Humble)."""

import argparse
from typing import Any

import yaml

from rosless.observer import Observer, Trouble, echo, fail, message_class, observer

# Number of a parameter type (rcl_interfaces/msg/ParameterType): its name and its label in `get`.
TYPES = {
    1: ('bool', 'boolean', 'Boolean value is:'),
    2: ('integer', 'integer', 'Integer value is:'),
    3: ('double', 'double', 'Double value is:'),
    4: ('string', 'string', 'String value is:'),
    5: ('byte_array', 'byte array', 'Byte values are:'),
    6: ('bool_array', 'boolean array', 'Boolean values are:'),
    7: ('integer_array', 'integer array', 'Integer values are:'),
    8: ('double_array', 'double array', 'Double values are:'),
    9: ('string_array', 'string array', 'String values are:'),
}
NODE = 'its full name, e.g. /robot/talker'
KINDS = {bool: 1, int: 2, float: 3, str: 4}
LISTS = {bool: 6, int: 7, float: 8, str: 9}


def add(verbs: Any) -> None:
    """Adds the verbs to the command line."""
    verb = verbs.add_parser('list', help='the parameters of a node, or of all')
    verb.add_argument('node', nargs='?', help=f'{NODE}; without it: all nodes')
    verb.set_defaults(call=_list)
    for name, told, call in (
        ('get', 'the value of a parameter', _get),
        ('set', 'give a parameter a value', _set),
    ):
        verb = verbs.add_parser(name, help=told)
        verb.add_argument('node', help=NODE)
        verb.add_argument('parameter', help='its name, e.g. rate')
        if name == 'set':
            verb.add_argument('value', help='as YAML: 1.5, true, [a, b]')
        else:
            verb.add_argument('--hide-type', action='store_true', help='the value alone')
        verb.set_defaults(call=call)
    verb = verbs.add_parser('describe', help='type and limits of parameters')
    verb.add_argument('node', help=NODE)
    verb.add_argument('parameters', nargs='+', help='their names')
    verb.set_defaults(call=_describe)
    verb = verbs.add_parser('dump', help='all parameters of a node as a parameter file')
    verb.add_argument('node', help=NODE)
    verb.set_defaults(call=_dump)


class Remote:
    """The parameters of another node, over its services."""

    def __init__(self, look: Observer, node: str) -> None:
        self._look = look
        self.node = look.await_name(node, 'node', lambda: look.nodes(True))

    def _ask(self, kind: str, service: str, **fields: Any) -> Any:
        made = message_class(f'rcl_interfaces/srv/{kind}')
        return self._look.ask(made, f'{self.node}/{service}', made.Request(**fields))

    def names(self) -> list[str]:
        """Of all declared parameters, sorted."""
        return sorted(self._ask('ListParameters', 'list_parameters').result.names)

    def values(self, names: list[str]) -> list[Any]:
        """A ParameterValue for each name. Raises Trouble for one that is not declared."""
        self.require(names)
        return list(self._ask('GetParameters', 'get_parameters', names=names).values)

    def descriptors(self, names: list[str]) -> list[Any]:
        """A ParameterDescriptor for each name. Raises Trouble as values() does."""
        self.require(names)
        found = self._ask('DescribeParameters', 'describe_parameters', names=names)
        return list(found.descriptors)

    def set(self, name: str, value: Any) -> Any:
        """The SetParametersResult."""
        parameter = message_class('rcl_interfaces/msg/Parameter')(name=name, value=value)
        return self._ask('SetParameters', 'set_parameters', parameters=[parameter]).results[0]

    def require(self, names: list[str]) -> None:
        """They are declared. Raises Trouble that lists those that are."""
        there = self.names()
        if unknown := [name for name in names if name not in there]:
            fail(f'{self.node} has no parameter {", ".join(unknown)}', 'parameters', there)


def _list(given: argparse.Namespace) -> None:
    with observer() as look:
        if given.node is not None:
            _tell_names(Remote(look, given.node).names())
            return
        look.settle()
        services = look.services(True)
        for node in look.nodes():
            if f'{node}/list_parameters' in services and (found := Remote(look, node).names()):
                echo(f'{node}:')
                _tell_names(found)


def _tell_names(names: list[str]) -> None:
    for name in names:
        echo(f'  {name}')


def _get(given: argparse.Namespace) -> None:
    with observer() as look:
        (value,) = Remote(look, given.node).values([given.parameter])
        if value.type not in TYPES:
            echo('Parameter not set.')
            return
        field, _, label = TYPES[value.type]
        found = getattr(value, f'{field}_value')
        echo(str(found) if given.hide_type else f'{label} {found}')


def _set(given: argparse.Namespace) -> None:
    with observer() as look:
        remote = Remote(look, given.node)
        result = remote.set(given.parameter, _parameter_value(given.value))
        reason = f': {result.reason}' if result.reason else ''
        if not result.successful:
            remote.require([given.parameter])
            raise Trouble(f'setting parameter failed{reason}')
        echo(f'Set parameter successful{reason}')


def _parameter_value(text: str) -> Any:
    """By the rules of ros2 param set: YAML; what is no value or list of one type is a string."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = text
    kind = KINDS.get(type(found), 4)
    if isinstance(found, list) and len(set(map(type, found))) < 2:
        kind = LISTS.get(type(found[0]), 4) if found else 6
    field, *_ = TYPES[kind]
    value = text if kind == 4 and not isinstance(found, str) else found
    made = message_class('rcl_interfaces/msg/ParameterValue')
    return made(**{'type': kind, f'{field}_value': value})


def _describe(given: argparse.Namespace) -> None:
    with observer() as look:
        for descriptor in Remote(look, given.node).descriptors(given.parameters):
            _tell(descriptor)


def _tell(descriptor: Any) -> None:
    echo(f'Parameter name: {descriptor.name}')
    echo(f'  Type: {TYPES[descriptor.type][1] if descriptor.type in TYPES else "not set"}')
    if descriptor.description:
        echo(f'  Description: {descriptor.description}')
    echo('  Constraints:')
    if descriptor.read_only:
        echo('    Read only: true')
    for limits in [*descriptor.floating_point_range, *descriptor.integer_range][:1]:
        echo(f'    Min value: {limits.from_value}')
        echo(f'    Max value: {limits.to_value}')
        if limits.step:
            echo(f'    Step: {limits.step}')
    if descriptor.additional_constraints:
        echo(f'    Additional constraints: {descriptor.additional_constraints}')


def _dump(given: argparse.Namespace) -> None:
    with observer() as look:
        remote = Remote(look, given.node)
        names = remote.names()
        tree: dict[str, Any] = {}
        for name, value in zip(names, remote.values(names), strict=True):
            *path, last = name.split('.')
            place = tree
            for part in path:
                place = place.setdefault(part, {})
            place[last] = _plain(value)
        told = {remote.node: {'ros__parameters': tree}}
        echo(yaml.safe_dump(told, default_flow_style=False))


def _plain(value: Any) -> Any:
    if value.type not in TYPES:
        return None
    found = getattr(value, f'{TYPES[value.type][0]}_value')
    return found if isinstance(found, (bool, int, float, str)) else list(found)
