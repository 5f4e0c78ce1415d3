"""Reads a ROS 2 YAML launch file: what nodes to start, with what. Data in, data out.

A file is parsed as a whole, then run entry by entry; what is not covered is refused by name, under
a false condition, too. Refuses to know processes. Facts: launch, launch_yaml and launch_ros of
Humble, e.g. that an include shares its scope and a group does not.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from rosless import scalars
from rosless.launch_actions import NAMESPACE, Action, Arg, Condition, PushNamespace, Set, UnsetEnv
from rosless.launch_entity import Entity
from rosless.launch_node import LaunchNode, NodeAction
from rosless.packages import PackageError, find_share
from rosless.substitution import Scope, filled
from rosless.template import LaunchError, Template


def arguments(given: tuple[str, ...]) -> dict[str, str]:
    """The launch arguments of a command line: ('rate:=5.0',) -> {'rate': '5.0'}."""
    pairs = [word.partition(':=') for word in given]
    for word, (name, sign, value) in zip(given, pairs, strict=True):
        if not (name and sign and value):
            raise LaunchError(f'launch argument {word!r} is not of the form name:=value')
    return {name: value for name, _, value in pairs}


def read(file: str, given: dict[str, str], environ: dict[str, str]) -> list[LaunchNode]:
    """The nodes of a launch file. Raises LaunchError, PackageError (lists what there is)."""
    scope = Scope({}, dict(environ))
    scope.launch.folder = str(Path(file).absolute().parent)
    nodes = list(_run_file(file, given, scope))
    if unknown := given.keys() - scope.launch.declared - {NAMESPACE}:
        names = ', '.join(sorted(scope.launch.declared)) or 'none'
        raise LaunchError(f'{file} has no argument {", ".join(sorted(unknown))}: it has {names}')
    return nodes


def find(first: str, rest: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The launch file that `FILE [args]` or `PACKAGE FILE [args]` names, and the arguments.

    Raises LaunchError, PackageError.
    """
    if Path(first).is_file() or not rest or ':=' in rest[0]:
        return first, rest
    there = list(_files(find_share(first)))
    found = [path for path in there if path.name == rest[0]]
    if len(found) != 1:
        names = ', '.join(sorted(p.name for p in there if p.name.endswith('.launch.yaml')))
        raise LaunchError(
            f'package {first!r} has {len(found)} files {rest[0]!r}: its launch files are {names}'
        )
    return str(found[0]), rest[1:]


def _files(folder: Path) -> Iterator[Path]:
    """All files below; a source folder has others inside that are none of the package's."""
    for place, folders, files in os.walk(folder):
        if 'COLCON_IGNORE' in files:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith('.')]
        yield from (Path(place, name) for name in files)


def load(file: str) -> list[Action]:
    """The parsed entries of a launch file. Raises LaunchError."""
    try:
        tree = yaml.safe_load(Path(file).read_text())
    except OSError as problem:
        raise LaunchError(f'launch file {file}: {problem.strerror}') from None
    except UnicodeDecodeError:
        raise LaunchError(f'launch file {file} is not text: want YAML in UTF-8') from None
    except yaml.YAMLError as problem:
        raise LaunchError(f'launch file {file} is not YAML: {scalars.flaw(problem)}') from None
    if not isinstance(tree, dict) or list(tree) != ['launch']:
        raise LaunchError(f"{file}: a YAML launch file has a list under 'launch:' and no more")
    try:
        return _actions(Entity('launch', tree['launch']))
    except LaunchError as problem:
        raise LaunchError(f'{file}: {problem}') from None


def _actions(entity: Entity) -> list[Action]:
    found = [_action(child) for child in entity.children()]
    entity.done()
    return found


def _action(entity: Entity) -> Action:
    if entity.kind not in READERS:
        known = ', '.join(READERS)
        raise LaunchError(f'{entity.kind!r} is not covered in launch files: {known} are')
    action = READERS[entity.kind](entity)
    entity.done()
    return action


def _run_file(file: str, given: dict[str, str], scope: Scope) -> Iterator[LaunchNode]:
    """As launch does, an argument without default must be given here, whatever the scope has."""
    actions = load(file)
    if missing := sorted(_missing(actions, set(given), {file})):
        raise LaunchError(f'{file}: the launch argument {", ".join(missing)} must be given')
    scope.values.update(given)
    for action in actions:
        yield from action.visit(scope)


def _missing(actions: list[Action], known: set[str], seen: set[str]) -> Iterator[str]:
    """Arguments that nobody gives; in files included under a condition, too, as in launch."""
    for arg, conditional in declared(actions):
        if arg.default is None and not conditional and arg.name not in known:
            yield arg.name
        known = known | {arg.name}
    for include in _includes(actions):
        file, inner = include.fixed()
        if file not in seen:
            yield from _missing(inner, known | include.names(), seen | {file})


def declared(actions: list[Action]) -> Iterator[tuple[Arg, bool]]:
    """The arguments that a file declares, in groups, too. True: under a condition only."""
    for action in actions:
        conditional = action.condition.text is not None
        if isinstance(action, Arg):
            yield action, conditional
        elif isinstance(action, Group):
            for arg, inner in declared(action.actions):
                yield arg, conditional or inner


@dataclass(frozen=True)
class Group(Action):
    """Entries whose changes of variables and environment end with the group, if scoped."""

    actions: list[Action]
    scoped: bool
    condition: Condition

    @classmethod
    def read(cls, entity: Entity) -> 'Group':
        """From a list, or {children, scoped}."""
        condition, scoped = Condition.of(entity), entity.flag('scoped', True)
        return cls([_action(child) for child in entity.children()], scoped, condition)

    def run(self, scope: Scope) -> Iterator[LaunchNode]:
        """The nodes of its entries."""
        inside = scope.inner() if self.scoped else scope
        for action in self.actions:
            yield from action.visit(inside)


@dataclass(frozen=True)
class Include(Action):
    """Another launch file, in the same scope."""

    file: Template
    arguments: tuple[tuple[Template, Template], ...]
    condition: Condition

    @classmethod
    def read(cls, entity: Entity) -> 'Include':
        """From {file, arg: [{name, value}]}."""
        pairs = []
        for each in entity.entities('arg'):
            pairs.append((each.template('name'), each.template('value')))
            each.done()
        return cls(entity.template('file'), tuple(pairs), Condition.of(entity))

    def fixed(self) -> tuple[str, list[Action]]:
        """The file and its entries, where no variable decides which it is; else '' and none."""
        try:
            file = filled(self.file, Scope({}, {}))
            return file, load(file)
        except (LaunchError, PackageError):
            return '', []

    def names(self) -> set[str]:
        """Of the arguments that it gives."""
        return {''.join(p for p in name if isinstance(p, str)) for name, _ in self.arguments}

    def run(self, scope: Scope) -> Iterator[LaunchNode]:
        """The nodes of the file; its arguments stay set behind it."""
        file = filled(self.file, scope)
        scope.launch.folder = str(Path(file).absolute().parent)
        given: dict[str, str] = {}
        for name, value in self.arguments:
            given[filled(name, scope)] = scope.values[filled(name, scope)] = filled(value, scope)
        yield from _run_file(file, given, scope)


READERS: dict[str, Callable[[Entity], Action]] = {
    'arg': Arg.read,
    'let': Set.read,
    'node': NodeAction.read,
    'group': Group.read,
    'include': Include.read,
    'push_ros_namespace': PushNamespace.read,
    'push-ros-namespace': PushNamespace.read,
    'set_env': Set.read,
    'unset_env': UnsetEnv.read,
}


def show_arguments(file: str) -> str:
    """What `ros2 launch --show-args` prints of a launch file. Raises LaunchError."""
    found: dict[str, tuple[Arg, bool]] = {}
    for arg, conditional in _all_declared(load(file), {file}):
        found.setdefault(arg.name, (arg, conditional))
    parts = ["Arguments (pass arguments as '<name>:=<value>'):"]
    parts += [arg.told(conditional) for arg, conditional in found.values()] or ['  No arguments.']
    if any(conditional for _, conditional in found.values()):
        parts.append('* argument(s) which are only used if specific conditions occur')
    return '\n\n'.join(parts)


def _all_declared(actions: list[Action], seen: set[str]) -> Iterator[tuple[Arg, bool]]:
    """With those of included files, where no variable decides which file it is."""
    yield from declared(actions)
    for include in _includes(actions):
        file, inner = include.fixed()
        if file not in seen:
            yield from _all_declared(inner, seen | {file})


def _includes(actions: list[Action]) -> Iterator[Include]:
    for action in actions:
        if isinstance(action, Include):
            yield action
        elif isinstance(action, Group):
            yield from _includes(action.actions)
