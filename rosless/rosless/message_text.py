"""Messages as YAML text, and from it: what `echo` prints and `service call` takes.

Knows the form of rosidl_runtime_py (Humble): fields in order, long values cut, arrays named by
type where they are not wanted. Refuses to know topics.
"""

import array
from typing import Any

import numpy as np
import yaml

LONGEST = 128  # elements or characters that are shown of a value
ARRAYS = (list, tuple, array.array, np.ndarray)


class FieldProblem(ValueError):
    """A field that a message does not have, or a value that does not fit into it."""


def to_yaml(message: Any, longest: int | None = LONGEST, arrays: bool = True) -> str:
    """The fields of a message as YAML. arrays False: types and lengths instead of elements."""
    return yaml.safe_dump(
        _shown(message, longest, arrays),
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=float('inf'),
    )


def _shown(message: Any, longest: int | None, arrays: bool) -> dict[str, Any]:
    types = message.get_fields_and_field_types()
    return {
        name: _array_type(kind, getattr(message, name))
        if not arrays and isinstance(getattr(message, name), ARRAYS)
        else _value(getattr(message, name), longest, arrays)
        for name, kind in types.items()
    }


def _value(value: Any, longest: int | None, arrays: bool) -> Any:
    if isinstance(value, bytes):
        value = value.decode('latin-1')
    if isinstance(value, str):
        return value if longest is None or len(value) <= longest else value[:longest] + '...'
    if isinstance(value, ARRAYS):
        cut = longest is not None and len(value) > longest
        plain = value[:longest] if cut else value
        plain = plain.tolist() if isinstance(plain, np.ndarray) else plain
        return [_value(item, longest, arrays) for item in plain] + (['...'] if cut else [])
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, (bool, int, float)) else _shown(value, longest, arrays)


def _array_type(kind: str, value: Any) -> str:
    """'sequence<double>' -> '<sequence type: double, length: 6>'."""
    if not kind.startswith('sequence<'):
        return f'<array type: {_full(kind[: kind.index("[")])}{kind[kind.index("[") :]}>'
    inside, _, bound = kind.removeprefix('sequence<').removesuffix('>').partition(', ')
    return f'<sequence type: {_full(inside)}{f"[{bound}]" if bound else ""}, length: {len(value)}>'


def _full(kind: str) -> str:
    """Message types with their middle part: 'std_msgs/Header' -> 'std_msgs/msg/Header'."""
    return kind.replace('/', '/msg/') if '/' in kind else kind.partition('<')[0]


def fill(message: Any, values: Any) -> None:
    """Sets fields from a mapping as YAML has it. Raises FieldProblem that lists the fields."""
    name = type(message).__name__
    if not isinstance(values, dict):
        raise FieldProblem(f'{name} is filled from a mapping, not from {values!r}')
    types = message.get_fields_and_field_types()
    for key, value in values.items():
        if key not in types:
            raise FieldProblem(f'{name} has no field {key}: it has {", ".join(types) or "none"}')
        try:
            setattr(message, key, _converted(getattr(message, key), types[key], value))
        except (AssertionError, TypeError, ValueError, OverflowError) as problem:
            told = str(problem) if isinstance(problem, FieldProblem) else ''
            raise FieldProblem(
                told or f'{name}.{key} is a {types[key]}: {value!r} does not fit'
            ) from None


def _converted(present: Any, kind: str, value: Any) -> Any:
    if isinstance(present, array.array):
        return array.array(present.typecode, value)
    if isinstance(present, np.ndarray):
        return np.array(value, present.dtype)
    if hasattr(present, 'get_fields_and_field_types'):
        fill(present, value)
        return present
    if isinstance(present, list) and '/' in kind:
        return [_element(kind, item) for item in value]
    if isinstance(present, (float, bytes)) and type(value) is not type(present):
        return type(present)(value)
    return value


def _element(kind: str, value: Any) -> Any:
    from rosless.messages import message

    inside = kind.removeprefix('sequence<').partition('[')[0].rstrip('>').partition(',')[0]
    made = message(_full(inside))()
    fill(made, value)
    return made
