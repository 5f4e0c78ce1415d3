"""The entries of a launch file that start nothing: arg, let, set_env, unset_env and namespaces.

Knows what each does to a scope. Refuses to know nodes and files. Facts: launch.actions of Humble
and launch_ros.actions.PushRosNamespace, whose namespace is the variable `ros_namespace`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rosless import names
from rosless.launch_entity import Entity
from rosless.substitution import Scope, filled, shown
from rosless.template import LaunchError, Template

NAMESPACE = 'ros_namespace'


@dataclass(frozen=True)
class Condition:
    """if or unless. text None: always holds."""

    text: Template | None = None
    wanted: bool = True

    @classmethod
    def of(cls, entity: Entity) -> 'Condition':
        """The condition of an entry. Raises LaunchError where it has both."""
        yes, no = entity.optional_template('if'), entity.optional_template('unless')
        if yes is not None and no is not None:
            raise LaunchError(f'{entity.kind} has both if and unless: one is covered')
        return cls(yes) if no is None else cls(no, False)

    def holds(self, scope: Scope) -> bool:
        """Raises LaunchError for what is neither true nor false."""
        if self.text is None:
            return True
        text = filled(self.text, scope)
        if text.strip().lower() not in ('true', '1', 'false', '0'):
            raise LaunchError(f'a condition is true, 1, false or 0, not {text!r}')
        return (text.strip().lower() in ('true', '1')) == self.wanted


class Action:
    """An entry of a launch file: `run` does it and yields the nodes to start, if any."""

    condition: Condition

    def visit(self, scope: Scope) -> Iterable[Any]:
        """Runs it where its condition holds."""
        return self.run(scope) if self.condition.holds(scope) else ()

    def run(self, scope: Scope) -> Iterable[Any]:
        """What it does; () where it starts nothing."""
        raise NotImplementedError


def _plain(text: str) -> str:
    """Names and descriptions know no substitutions, but backslashes."""
    return re.sub(r'\\(.)', r'\1', text)


@dataclass(frozen=True)
class Arg(Action):
    """A launch argument."""

    name: str
    default: Template | None
    description: str
    choices: tuple[str, ...]
    condition: Condition

    @classmethod
    def read(cls, entity: Entity) -> 'Arg':
        """From {name, default, description, choice: [{value}]}."""
        name, default = _plain(entity.text('name')), entity.optional_template('default')
        said = entity.optional('description')
        choices = tuple(_choice(each) for each in entity.entities('choice'))
        told = 'no description given' if said is None else _plain(said)
        return cls(name, default, told, choices, Condition.of(entity))

    def run(self, scope: Scope) -> Iterable[Any]:
        """Gives the variable its default. Raises LaunchError: no value, or not a choice."""
        scope.launch.declared.add(self.name)
        if self.name not in scope.values:
            if self.default is None:
                raise LaunchError(f'the launch argument {self.name} must be given: {self.name}:=')
            scope.values[self.name] = filled(self.default, scope)
        value = scope.values[self.name]
        if self.choices and value not in self.choices:
            valid = ', '.join(self.choices)
            raise LaunchError(f'the launch argument {self.name} is {value!r}: use one of {valid}')
        return ()

    def told(self, conditional: bool) -> str:
        """The lines of `ros2 launch --show-args` about it."""
        lines = [f"    '{self.name}':{'*' if conditional else ''}", f'        {self.description}']
        if self.choices:
            lines[-1] = f'{lines[-1].rstrip(".")}. Valid choices are: {list(self.choices)}'
        if self.default is not None:
            lines.append(f'        (default: {shown(self.default)})')
        return '\n'.join(lines)


def _choice(entity: Entity) -> str:
    value = _plain(entity.text('value'))
    entity.done()
    return value


@dataclass(frozen=True)
class Set(Action):
    """let and set_env: a variable, or an environment variable, gets a value."""

    name: Template
    value: Template
    environment: bool
    condition: Condition

    @classmethod
    def read(cls, entity: Entity) -> 'Set':
        """From {name, value}."""
        name, value = entity.template('name'), entity.template('value')
        return cls(name, value, entity.kind == 'set_env', Condition.of(entity))

    def run(self, scope: Scope) -> Iterable[Any]:
        """In this scope and those that start in it later."""
        where = scope.environ if self.environment else scope.values
        where[filled(self.name, scope)] = filled(self.value, scope)
        return ()


@dataclass(frozen=True)
class UnsetEnv(Action):
    """An environment variable goes, if it is there."""

    name: Template
    condition: Condition

    @classmethod
    def read(cls, entity: Entity) -> 'UnsetEnv':
        """From {name}."""
        return cls(entity.template('name'), Condition.of(entity))

    def run(self, scope: Scope) -> Iterable[Any]:
        """In this scope and those that start in it later."""
        scope.environ.pop(filled(self.name, scope), None)
        return ()


@dataclass(frozen=True)
class PushNamespace(Action):
    """Nodes from here to the end of the group get a namespace."""

    namespace: Template
    condition: Condition

    @classmethod
    def read(cls, entity: Entity) -> 'PushNamespace':
        """From {namespace}."""
        return cls(entity.template('namespace'), Condition.of(entity))

    def run(self, scope: Scope) -> Iterable[Any]:
        """A relative namespace goes below the one that holds here; an absolute one replaces it."""
        scope.values[NAMESPACE] = below(scope.values.get(NAMESPACE), filled(self.namespace, scope))
        return ()


def below(base: str | None, given: str) -> str:
    """The absolute namespace `given` below `base`. Raises LaunchError for an invalid one."""
    if base and not given.startswith('/'):
        given = f'{base.rstrip("/")}/{given}'
    full = given if given == '/' else given.rstrip('/')
    full = full if full.startswith('/') else f'/{full}'
    if not names.valid_namespace(full):
        raise LaunchError(f'{full!r} is no valid namespace: letters, digits, _ and / are')
    return full
