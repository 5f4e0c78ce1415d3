"""Reads a ROS 2 YAML launch file: what nodes to start, with what. Data in, data out.

Covered: arg, let, node, group, include; if and unless; $(var), $(env), $(find-pkg-share).
Everything else is refused by name. Refuses to know processes. Facts: launch, launch_yaml and
launch_ros of Humble, e.g. that an include shares its scope and a group does not.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rosless.packages import module_of
from rosless.substitution import LaunchError, Scope, substitute, words

NODE_KEYS = {'pkg', 'exec', 'name', 'namespace', 'args', 'param', 'remap', 'output'}
CONDITIONS = {'if', 'unless'}


@dataclass(frozen=True)
class LaunchNode:
    """One node to start: arguments as on a ROS 2 command line."""

    package: str
    executable: str
    arguments: tuple[str, ...]

    def command(self) -> list[str]:
        """The command that runs it. Raises PackageError where there is no such executable."""
        module_of(self.package, self.executable)
        run = [sys.executable, '-m', 'rosless', 'run', self.package, self.executable]
        return [*run, *self.arguments]


def arguments(given: tuple[str, ...]) -> dict[str, str]:
    """The launch arguments of a command line: ('rate:=5.0',) -> {'rate': '5.0'}."""
    pairs = [word.partition(':=') for word in given]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise LaunchError(f'launch argument {name!r} is not of the form name:=value')
    return {name: value for name, _, value in pairs}


def read(file: str, given: dict[str, str], environ: dict[str, str]) -> list[LaunchNode]:
    """The nodes of a launch file. Raises LaunchError, PackageError (lists what there is)."""
    scope = Scope(dict(given), environ)
    nodes = list(_entries(_load(file), scope))
    if unknown := given.keys() - scope.declared:
        names = ', '.join(sorted(scope.declared)) or 'none'
        raise LaunchError(f'{file} has no argument {", ".join(unknown)}: it has {names}')
    return nodes


def _load(file: str) -> list[Any]:
    try:
        tree = yaml.safe_load(Path(file).read_text())
    except (OSError, yaml.YAMLError) as problem:
        raise LaunchError(f'{file}: {problem}') from None
    entries = tree.get('launch') if isinstance(tree, dict) else None
    if not isinstance(entries, list):
        raise LaunchError(f"{file}: a launch file has a list under 'launch:'")
    return entries


def _entries(entries: list[Any], scope: Scope) -> Iterator[LaunchNode]:
    readers = {'arg': _arg, 'let': _let, 'node': _node, 'group': _group, 'include': _include}
    for entry in entries:
        if not isinstance(entry, dict) or len(entry) != 1:
            raise LaunchError(f'a launch entry has one name, and this has not: {entry!r:.80}')
        ((kind, body),) = entry.items()
        if kind not in readers:
            known = ', '.join(readers)
            raise LaunchError(f'{kind!r} is not covered in launch files: {known} are')
        yield from readers[kind](body, scope)


def _checked(body: Any, what: str, allowed: set[str], required: set[str]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise LaunchError(f'{what} is a mapping, not {body!r:.80}')
    if unknown := body.keys() - allowed:
        names = ', '.join(sorted(allowed))
        raise LaunchError(f'{what}: {", ".join(unknown)} is not covered: {names} are')
    if missing := required - body.keys():
        raise LaunchError(f'{what} needs {", ".join(sorted(missing))}')
    return body


def _holds(body: dict[str, Any], scope: Scope) -> bool:
    for key, wanted in (('if', True), ('unless', False)):
        if key in body and _truth(substitute(body[key], scope, key)) != wanted:
            return False
    return True


def _truth(text: str) -> bool:
    if text.lower() not in ('true', '1', 'false', '0'):
        raise LaunchError(f'a condition is true, 1, false or 0, not {text!r}')
    return text.lower() in ('true', '1')


def _arg(body: Any, scope: Scope) -> Iterator[LaunchNode]:
    body = _checked(body, 'arg', {'name', 'default', 'description'}, {'name'})
    name = substitute(body['name'], scope, 'name')
    default = body.get('default')
    scope.declare(name, None if default is None else substitute(default, scope, 'default'))
    yield from ()


def _let(body: Any, scope: Scope) -> Iterator[LaunchNode]:
    body = _checked(body, 'let', {'name', 'value', *CONDITIONS}, {'name', 'value'})
    if _holds(body, scope):
        scope.values[body['name']] = substitute(body['value'], scope, 'value')
    yield from ()


def _group(body: Any, scope: Scope) -> Iterator[LaunchNode]:
    if isinstance(body, list):
        body = {'children': body}
    body = _checked(body, 'group', {'children', *CONDITIONS}, {'children'})
    if _holds(body, scope):
        yield from _entries(body['children'], scope.inner())


def _include(body: Any, scope: Scope) -> Iterator[LaunchNode]:
    body = _checked(body, 'include', {'file', 'arg', *CONDITIONS}, {'file'})
    if not _holds(body, scope):
        return
    for given in body.get('arg', []):
        given = _checked(given, 'arg of include', {'name', 'value'}, {'name', 'value'})
        scope.values[given['name']] = substitute(given['value'], scope, 'value')
    yield from _entries(_load(substitute(body['file'], scope, 'file')), scope)


def _node(body: Any, scope: Scope) -> Iterator[LaunchNode]:
    body = _checked(body, 'node', NODE_KEYS | CONDITIONS, {'pkg', 'exec'})
    if body.get('output', 'screen') != 'screen':
        raise LaunchError(f'node: output {body["output"]!r} is not covered: screen is')
    if _holds(body, scope):
        plain = words(body.get('args', ''), scope)
        ros = [*_identity(body, scope), *_params(body, scope), *_remaps(body, scope)]
        package, executable = (substitute(body[key], scope, key) for key in ('pkg', 'exec'))
        yield LaunchNode(package, executable, (*plain, '--ros-args', *ros))


def _name_and_space(body: dict[str, Any], scope: Scope) -> tuple[str, str]:
    name = substitute(body.get('name', ''), scope, 'name')
    space = substitute(body.get('namespace', ''), scope, 'namespace')
    return name, space if space.startswith('/') or not space else f'/{space}'


def _identity(body: dict[str, Any], scope: Scope) -> Iterator[str]:
    for rule, value in zip(('__node', '__ns'), _name_and_space(body, scope), strict=True):
        if value:
            yield from ('-r', f'{rule}:={value}')


def _params(body: dict[str, Any], scope: Scope) -> Iterator[str]:
    """launch_ros names the node in its parameter file where name and namespace are given."""
    name, space = _name_and_space(body, scope)
    node = f'{space.rstrip("/")}/{name}:' if name and space else ''
    for entry in body.get('param', []):
        if isinstance(entry, dict) and 'from' in entry:
            _checked(entry, 'param', {'from'}, set())
            yield from ('--params-file', substitute(entry['from'], scope, 'from'))
        else:
            _checked(entry, 'param', {'name', 'value'}, {'name', 'value'})
            yield from ('-p', f'{node}{entry["name"]}:={_value(entry, scope)}')


def _value(entry: dict[str, Any], scope: Scope) -> str:
    """The value as YAML text; launch_ros substitutes a string and then reads it as YAML."""
    value = entry['value']
    if isinstance(value, str):
        value = yaml.safe_load(substitute(value, scope, 'value'))
    if isinstance(value, dict) or value is None:
        raise LaunchError(f'param {entry["name"]!r} has the value {entry["value"]!r}')
    return json.dumps(value)


def _remaps(body: dict[str, Any], scope: Scope) -> Iterator[str]:
    for entry in body.get('remap', []):
        _checked(entry, 'remap', {'from', 'to'}, {'from', 'to'})
        old, new = (substitute(entry[key], scope, key) for key in ('from', 'to'))
        yield from ('-r', re.sub(r'\s', '', f'{old}:={new}'))
