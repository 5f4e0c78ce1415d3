"""What a node is told on its command line: --ros-args with remaps, parameters and log level.

Knows the grammar of ROS 2 command lines (design.ros2.org 'ROS Command Line Arguments') and of
parameter files. Refuses to know nodes: it is asked with a node's name.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rosless import names, scalars
from rosless.refusal import not_covered

LEVELS = ('DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL')


class InvalidROSArgs(RuntimeError):
    """--ros-args that ROS 2 would not accept."""


@dataclass(frozen=True)
class Rule:
    """One remap rule. node '': for every node."""

    node: str
    old: str
    new: str


@dataclass
class Arguments:
    """The parsed ROS arguments of a process."""

    rules: list[Rule] = field(default_factory=list)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)  # node pattern -> values
    level: str | None = None
    levels: dict[str, str] = field(default_factory=dict)  # logger name -> level

    def name(self, given: str) -> str:
        """A node's name after remapping."""
        return next((r.new for r in self._special(given, '__node', '__name')), given)

    def namespace(self, node: str, given: str) -> str:
        """A node's namespace after remapping."""
        return next((r.new for r in self._special(node, '__ns')), given)

    def _special(self, node: str, *old: str) -> list[Rule]:
        return [r for r in self.rules if r.node in ('', node) and r.old in old]

    def remap(self, topic: str, node: str, namespace: str) -> str:
        """The full name `topic` after the first rule that fits, as a full name."""
        for rule in self.rules:
            fits = rule.node in ('', node) and not rule.old.startswith('__')
            if fits and names.expand(rule.old, node, namespace) == topic:
                return names.expand(rule.new, node, namespace)
        return topic

    def overrides(self, full_name: str) -> dict[str, Any]:
        """The parameter values given for a node; later patterns win, as in rclpy."""
        found: dict[str, Any] = {}
        for pattern, values in self.params.items():
            if re.fullmatch(pattern.replace('/*', r'(/\w+)'), full_name, re.ASCII):
                found |= values
        return found

    def add(self, node: str, values: dict[str, Any]) -> None:
        """Adds parameter values for the nodes that a pattern ('/**', '/ns/name') names."""
        pattern = node if node.startswith('/') else f'/{node}'
        self.params.setdefault(pattern, {}).update(values)


def parse(argv: list[str]) -> Arguments:
    """The ROS arguments in argv. Raises InvalidROSArgs, NotImplementedError."""
    found, words, ros = Arguments(), iter(argv), False
    for word in words:
        if word == '--ros-args':
            ros = True
        elif word == '--' and ros:
            ros = False
        elif ros:
            _option(found, word, words)
    return found


def _option(found: Arguments, word: str, words: Any) -> None:
    readers = {
        '-r': _remap,
        '--remap': _remap,
        '-p': _param,
        '--param': _param,
        '--params-file': _file,
        '--log-level': _level,
    }
    if word in ('-e', '--enclave', '--log-config-file') or word.startswith(
        ('--enable', '--disable')
    ):
        raise not_covered(f'the ROS argument {word}')
    if word not in readers:
        known = ', '.join(readers)
        raise InvalidROSArgs(f'unknown ROS argument {word!r}: known are {known}')
    try:
        readers[word](found, next(words))
    except StopIteration:
        raise InvalidROSArgs(f'{word} needs a value') from None
    except scalars.ValueProblem as problem:
        raise InvalidROSArgs(f'{word}: {problem}') from None


def _split(text: str) -> tuple[str, str, str]:
    """'node:old:=new' -> node, old, new; 'old:=new' -> '', old, new."""
    left, sign, new = text.partition(':=')
    if not sign or not left or not new:
        raise InvalidROSArgs(f'{text!r} is not of the form name:=value, without blanks')
    node, _, old = left.rpartition(':')
    return node, old, new


def _remap(found: Arguments, text: str) -> None:
    if text.startswith(('rostopic://', 'rosservice://')):
        raise not_covered(f'the remap rule {text}')
    rule = Rule(*_split(text))
    node = (names.valid_node_name, 'a node name has letters, digits and _')
    topic = (names.valid_topic, 'a topic has letters, digits, _ and / between them')
    space = (names.valid_namespace, 'a namespace begins with /, as /left')
    special = {'__node': node, '__name': node, '__ns': space}
    valid, form = special.get(rule.old, topic)
    for name in (rule.new,) if rule.old in special else (rule.old, rule.new):
        if not valid(name):
            raise InvalidROSArgs(f'remap rule {text!r}: {name!r} is not a valid name: {form}')
    found.rules.append(rule)


def _param(found: Arguments, text: str) -> None:
    node, name, given = _split(text)
    found.add(node or '/**', {name: scalars.read(given)})


def _level(found: Arguments, text: str) -> None:
    logger, sign, level = text.rpartition(':=')
    if level.upper() not in LEVELS:
        raise InvalidROSArgs(f'log level {level!r}: use one of {", ".join(LEVELS)}')
    if sign:
        found.levels[logger] = level.upper()
    else:
        found.level = level.upper()


def _file(found: Arguments, path: str) -> None:
    try:
        tree = yaml.compose(Path(path).read_text(encoding='utf-8'), yaml.BaseLoader)
        if tree is not None:  # an empty file is none to rcl either
            _nodes(found, tree, '')
    except OSError as problem:
        raise InvalidROSArgs(f'parameter file {path}: {problem.strerror}') from None
    except UnicodeDecodeError:
        raise InvalidROSArgs(f'parameter file {path} is not text: want YAML in UTF-8') from None
    except yaml.YAMLError as problem:
        raise InvalidROSArgs(
            f'parameter file {path} is not YAML: {scalars.flaw(problem)}'
        ) from None
    except scalars.ValueProblem as problem:
        raise InvalidROSArgs(f'parameter file {path}: {problem}') from None


def _nodes(found: Arguments, tree: yaml.Node, at: str) -> None:
    if not isinstance(tree, yaml.MappingNode):
        raise scalars.ValueProblem('it is a mapping of node names, ros__parameters below')
    for key, below in tree.value:
        if key.value == 'ros__parameters':
            if not isinstance(below, yaml.MappingNode):
                raise scalars.ValueProblem(f'ros__parameters of {at or "/"} is not a mapping')
            found.add(at, dict(_flatten(below, '')))
        elif isinstance(below, yaml.MappingNode):
            _nodes(found, below, f'{at}/{key.value.strip("/")}')
        else:
            where = key.start_mark.line + 1
            raise scalars.ValueProblem(
                f'line {where}: {key.value} has a value before ros__parameters: '
                'values stand under NODE, ros__parameters'
            )


def _flatten(tree: yaml.MappingNode, prefix: str) -> list[tuple[str, Any]]:
    found = []
    for key, below in tree.value:
        if isinstance(below, yaml.MappingNode):
            found += _flatten(below, f'{prefix}{key.value}.')
        else:
            found.append((prefix + key.value, _named(prefix + key.value, below)))
    return found


def _named(name: str, node: yaml.Node) -> Any:
    try:
        return scalars.value(node)
    except scalars.ValueProblem as problem:
        raise scalars.ValueProblem(f'{name}: {problem}') from None
