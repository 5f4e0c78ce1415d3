"""What a YAML value of a ROS parameter means, by the rules of rcl_yaml_param_parser.

Knows YAML nodes. They are not PyYAML's rules: here `1e-3` is a double, `y` a bool, `010` is 8,
a quoted value always a string, and a list holds values of one type only. Refuses to know which
parameter of which node it is. Source: rcl_yaml_param_parser/src/parse.c (Humble).
"""

import re
from typing import Any

import yaml

TRUE = {'Y', 'y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'}
FALSE = {'N', 'n', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'}
INTEGER = re.compile(r'[-+]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)')
DOUBLE = re.compile(r'[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|inf|infinity|nan)', re.I)
DOTTED = re.compile(r'[-+]?\.(nan|NaN|NAN|inf|Inf|INF)')


class ValueProblem(ValueError):
    """A YAML value that no ROS parameter can hold."""


def read(text: str) -> Any:
    """The parameter value of one YAML text, e.g. what follows `-p name:=`."""
    try:
        return value(yaml.compose(text, yaml.BaseLoader))
    except yaml.YAMLError as problem:
        raise ValueProblem(f'{text!r} is not YAML: {flaw(problem)}') from None


def flaw(problem: yaml.YAMLError) -> str:
    """Where a text is no YAML, and why, in one line."""
    mark, why = getattr(problem, 'problem_mark', None), getattr(problem, 'problem', None)
    if mark is None:
        return ' '.join(str(problem).split())
    return f'line {mark.line + 1}, column {mark.column + 1}: {why}'


def value(node: yaml.Node | None) -> Any:
    """bool, int, float, str, or a list of one of these. Raises ValueProblem."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return _list(node)
    raise ValueProblem('a parameter cannot be a mapping or nothing')


def _scalar(node: yaml.ScalarNode) -> Any:
    if node.tag != 'tag:yaml.org,2002:str':
        raise ValueProblem(f'the YAML tag {node.tag} is not covered')
    if node.style in ("'", '"'):
        return node.value
    if node.value == '':
        raise ValueProblem(f'no value{_where(node)}')
    return _plain(node.value, node)


def _plain(text: str, node: yaml.Node) -> Any:
    if text in TRUE or text in FALSE:
        return text in TRUE
    if match := INTEGER.fullmatch(text):
        return _integer(text, match[1], node)
    if DOTTED.fullmatch(text):
        return float(text.replace('.', '').lower())
    return float(text) if DOUBLE.fullmatch(text) else text


def _integer(text: str, digits: str, node: yaml.Node) -> int:
    base = 16 if digits[1:2] in ('x', 'X') else 8 if digits[0] == '0' else 10
    number = int(digits, base) * (-1 if text.startswith('-') else 1)
    if not -(2**63) <= number < 2**63:
        raise ValueProblem(f'{text} does not fit into 64 bits{_where(node)}')
    return number


def _list(node: yaml.SequenceNode) -> list[Any]:
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        raise ValueProblem(f'a list holds single values only{_where(node)}')
    items = [_scalar(item) for item in node.value]
    kinds = sorted({type(item).__name__ for item in items})
    if not items:
        raise ValueProblem(f'an empty list has no type{_where(node)}: leave the line out')
    if len(kinds) > 1:
        hint = 'put texts in quotes' if 'str' in kinds else 'write 1.0, not 1'
        raise ValueProblem(f'a list mixes {", ".join(kinds)}{_where(node)}: {hint}')
    return items


def _where(node: yaml.Node) -> str:
    return f' in line {node.start_mark.line + 1}' if node.start_mark else ''
