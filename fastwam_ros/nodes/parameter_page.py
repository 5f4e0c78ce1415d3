"""docs/parameters.md: every node's parameters, from the dataclasses that the nodes read.

`make parameters` writes it, and a test holds the page to what the nodes declare.
"""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from fastwam_ros.nodes import (
    check_node,
    executor_parameters,
    paths_node,
    person_node,
    player_node,
    policy_parameters,
    recorder_node,
    server_node,
    sim_node,
    teleop_node,
)

NODES: dict[str, type] = {
    'executor': executor_parameters.Parameters,
    'policy': policy_parameters.Parameters,
    'server': server_node.ServerParameters,
    'sim': sim_node.Parameters,
    'teleop': teleop_node.Parameters,
    'person': person_node.Parameters,
    'recorder': recorder_node.Parameters,
    'player': player_node.Parameters,
    'check': check_node.Parameters,
    'paths': paths_node.Parameters,
}
_HEAD = """# Parameters

Written by `make parameters` from what the nodes declare. A name that is unknown, a value of
another type or out of its range ends a node's start with one line that says what is valid. What
is not settable is read at the start: `ros2 param set` refuses it. Every node has `use_sim_time`.
"""


def page() -> str:
    """The whole page."""
    return _HEAD + ''.join(_section(name, kind) for name, kind in NODES.items())


def write(path: Path | str) -> None:
    """Put the page there."""
    Path(path).write_text(page())


def _section(node: str, kind: type) -> str:
    own: tuple[Field[Any], ...] = fields(kind)
    policy = {field.name for field in fields(policy_parameters.Parameters)}
    if node == 'server':  # the policy's are listed there
        own = tuple(field for field in own if field.name not in policy)
    head = f'\n## {node}\n\n{kind.__doc__}\n\n'
    table = '| parameter | type | default | valid | what for |\n|---|---|---|---|---|\n'
    return head + table + ''.join(f'| {" | ".join(_cells(field))} |\n' for field in own)


def _cells(of: Field[Any]) -> Iterator[str]:
    about = of.metadata
    yield f'`{of.name}`'
    yield 'list of texts' if of.type == list[str] else str(getattr(of.type, '__name__', of.type))
    yield 'must be given' if of.default is MISSING else f'`{_written(of.default)}`'
    yield _valid(of)
    yield about['about'] + (' (settable)' if about.get('settable') else '')


def _written(value: object) -> str:
    """As in YAML."""
    if isinstance(value, bool):
        return str(value).lower()
    return "''" if value == '' else str(value)


def _valid(of: Field[Any]) -> str:
    about = of.metadata
    if 'valid' in about:
        return ', '.join(f'`{word}`' for word in about['valid'])
    if 'range' not in about:
        return ''
    low, high = about['range']
    return f'{low:g} to {high:g} {about["unit"]}'.rstrip()
