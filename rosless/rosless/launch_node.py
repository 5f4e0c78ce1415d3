"""The entry `node` of a launch file: one process, with its command line and environment.

Knows how launch_ros of Humble turns name, namespace, param and remap into ROS arguments. Refuses
to know what surrounds the node in its file.
"""

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from rosless import names
from rosless.launch_actions import NAMESPACE, Action, Condition, below
from rosless.launch_entity import Entity
from rosless.packages import module_of
from rosless.substitution import Scope, compiled, filled, words
from rosless.template import LaunchError, Template

SCALARS = (str, bool, int, float)


@dataclass(frozen=True)
class LaunchNode:
    """One node to start: arguments as on a ROS 2 command line, and the whole environment."""

    package: str
    executable: str
    arguments: tuple[str, ...]
    environ: dict[str, str]
    prefix: tuple[str, ...] = ()  # a command that runs it, such as a terminal

    def command(self) -> list[str]:
        """The command that runs it.

        Raises PackageError where there is no such executable, LaunchError for a prefix that is no
        command.
        """
        if self.prefix and shutil.which(self.prefix[0]) is None:
            raise LaunchError(f'launch-prefix {self.prefix[0]!r} is no command on this machine')
        module_of(self.package, self.executable)
        run = [sys.executable, '-m', 'rosless', 'run', self.package, self.executable]
        return [*self.prefix, *run, *self.arguments]


@dataclass(frozen=True)
class Param:
    """A parameter (name, value), or a file of them (file)."""

    name: Template = ()
    value: Any = None  # a scalar, a Template, or a list of these
    file: Template | None = None

    @classmethod
    def read(cls, entity: Entity) -> 'Param':
        """From {name, value} or {from}."""
        if entity.has('from'):
            made = cls(file=entity.template('from'))
        else:
            made = cls(entity.template('name'), _parsed(entity.text('name'), entity))
        entity.done()
        return made

    def arguments(self, node: str, scope: Scope) -> tuple[str, str]:
        """The ROS arguments. node: '/ns/name:', or '' for whatever node runs there."""
        if self.file is not None:
            return '--params-file', filled(self.file, scope)
        name, value = filled(self.name, scope), _evaluated(self.value, scope)
        return '-p', f'{node}{name}:={_written(name, value)}'


def _parsed(name: str, entity: Entity) -> Any:
    """Texts with substitutions become templates; a text without any stays the text it is."""
    value = entity.value('value')
    if not isinstance(value, (list, *SCALARS)):
        raise LaunchError(f'param {name!r} has the value {value!r}: a single value or a list is')
    items = [_item(each) for each in value] if isinstance(value, list) else [_item(value)]
    if len({type(item) for item in items} - {tuple}) > 1:
        raise LaunchError(f'param {name!r} mixes types: {value!r}')
    return items if isinstance(value, list) else items[0]


def _item(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    template = compiled(value)
    plain = [piece for piece in template if isinstance(piece, str)]
    return ''.join(plain) if len(plain) == len(template) else template


def _evaluated(value: Any, scope: Scope) -> Any:
    if isinstance(value, list):
        return [_evaluated(item, scope) for item in value]
    if not isinstance(value, tuple):
        return value
    text = filled(value, scope)
    try:
        return yaml.safe_load(text) if text else text
    except yaml.YAMLError as problem:
        raise LaunchError(f'{text!r} is not YAML: {problem}') from None


def _written(name: str, value: Any) -> str:
    """The value as the YAML that launch_ros writes to a parameter file."""
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, SCALARS) for item in items) or len(set(map(type, items))) > 1:
        raise LaunchError(f'param {name!r} has the value {value!r}: one type of value is covered')
    text = yaml.safe_dump([value], default_flow_style=True, width=float('inf'))
    return text.strip()[1:-1]


@dataclass(frozen=True)
class NodeAction(Action):
    """The entry `node`."""

    package: Template
    executable: Template
    name: Template | None
    namespace: Template | None
    args: Template | None
    params: tuple[Param, ...]
    remaps: tuple[tuple[Template, Template], ...]
    env: tuple[tuple[Template, Template], ...]
    prefix: Template | None
    condition: Condition

    @classmethod
    def read(cls, entity: Entity) -> 'NodeAction':
        """From {pkg, exec, name, namespace, args, param, remap, env, launch-prefix, output}."""
        if (output := entity.optional('output')) not in (None, 'screen'):
            raise LaunchError(f'node: output {output!r} is not covered: screen is')
        return cls(
            entity.template('pkg'),
            entity.template('exec'),
            entity.optional_template('name'),
            entity.optional_template('namespace'),
            entity.optional_template('args'),
            tuple(Param.read(each) for each in entity.entities('param')),
            tuple(_pair(each, 'from', 'to') for each in entity.entities('remap')),
            tuple(_pair(each, 'name', 'value') for each in entity.entities('env')),
            entity.optional_template('launch-prefix'),
            Condition.of(entity),
        )

    def run(self, scope: Scope) -> Iterator[LaunchNode]:
        """The node as it stands in this scope."""
        plain = [] if self.args is None else words(self.args, scope)
        extra = {filled(name, scope): filled(value, scope) for name, value in self.env}
        yield LaunchNode(
            filled(self.package, scope),
            filled(self.executable, scope),
            (*plain, '--ros-args', *self._ros_arguments(scope)),
            scope.environ | extra,
            () if self.prefix is None else tuple(shlex.split(filled(self.prefix, scope))),
        )

    def _ros_arguments(self, scope: Scope) -> Iterator[str]:
        name, space = self._name(scope), self._namespace(scope)
        for rule, value in (('__node', name), ('__ns', space)):
            if value is not None:
                yield from ('-r', f'{rule}:={value}')
        full = name and space and f'{names.full_node_name(name, space)}:'
        for param in self.params:
            yield from param.arguments(full or '', scope)
        for old, new in self.remaps:
            yield from ('-r', re.sub(r'\s', '', f'{filled(old, scope)}:={filled(new, scope)}'))

    def _name(self, scope: Scope) -> str | None:
        name = None if self.name is None else filled(self.name, scope)
        if name is not None and not names.valid_node_name(name):
            raise LaunchError(f'{name!r} is no valid node name: letters, digits and _ are')
        return name

    def _namespace(self, scope: Scope) -> str | None:
        """None where neither the node nor what is around it has one."""
        base = scope.values.get(NAMESPACE)
        given = None if self.namespace is None else filled(self.namespace, scope)
        return base if given is None else below(base, given)


def _pair(entity: Entity, first: str, second: str) -> tuple[Template, Template]:
    pair = entity.template(first), entity.template(second)
    entity.done()
    return pair
