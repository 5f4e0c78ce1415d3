"""What a message field accepts, as rosidl's generated Python setters have it.

Knows the types of ROS interface definitions and Python's. Refuses to know messages and bytes.
Source: rosidl_generator_py's template (Humble) and outcomes recorded there: a refused value is an
AssertionError; a setter never converts a number, a constructor converts sequences of numbers.
"""

import array
import math
import warnings
from collections import UserList, UserString
from collections.abc import Callable, Sequence, Set
from typing import Any

import numpy as np

from rosless.interfaces import Field

# ROS type -> type code of array.array (and of struct): sequences of these are array.array objects
CODES = {
    'int8': 'b',
    'uint8': 'B',
    'char': 'B',
    'int16': 'h',
    'uint16': 'H',
    'int32': 'i',
    'uint32': 'I',
    'int64': 'q',
    'uint64': 'Q',
    'float32': 'f',
    'float64': 'd',
}
DTYPES = {'char': 'uint8'}
FLOAT_MAX = {'float32': 3.402823466e38, 'float64': 1.7976931348623157e308}

Check = Callable[[Any], bool]
Convert = Callable[[Any], Any]


def dtype(kind: str) -> np.dtype:
    """The numpy type of a fixed array of `kind`."""
    return np.dtype(DTYPES.get(kind, kind))


def item_check(kind: str, bound: int = 0) -> tuple[Check, str]:
    """What one value of a base type must be, as a test and in words."""
    if kind == 'string':
        return (lambda v: isinstance(v, str) and (not bound or len(v) <= bound)), 'a str'
    if kind == 'bool':
        return (lambda v: isinstance(v, bool)), 'a bool'
    if kind in ('byte', 'octet'):
        return (lambda v: isinstance(v, (bytes, bytearray)) and len(v) == 1), 'one byte'
    if kind in FLOAT_MAX:
        top = FLOAT_MAX[kind]
        return (
            lambda v: isinstance(v, float) and (-top <= v <= top or not math.isfinite(v)),
            f'a float within {kind}',
        )
    if kind not in CODES:
        raise NotImplementedError(f'rosless: fields of type {kind} are not covered')
    limits = np.iinfo(dtype(kind))
    low, high = int(limits.min), int(limits.max)
    return (lambda v: isinstance(v, int) and low <= v <= high), f'an int from {low} to {high}'


def _is_row(value: Any) -> bool:
    rows = (Sequence, Set, UserList)
    return isinstance(value, rows) and not isinstance(value, (str, UserString))


def _fits(field: Field, count: int) -> bool:
    if field.shape == 'array':
        return count == field.length
    return not field.length or count <= field.length


def setter(field: Field, nested: type | None) -> Convert:
    """A function that returns what to store for a value, or raises AssertionError.

    `nested`: the message class where the field's type is a message.
    """
    if nested is not None:
        check, words = (lambda v: isinstance(v, nested)), f'a {nested.__name__}'
    else:
        check, words = item_check(field.type, field.string_bound)
    if field.shape == 'one':
        return _one(field, check, words)
    if nested is None and field.type in CODES:
        return _numbers(field, check, words)
    return _row(field, check, words)


def _refuse(field: Field, words: str, value: Any) -> AssertionError:
    return AssertionError(f'field {field.name!r} takes {words}, not {value!r:.80}')


def _one(field: Field, check: Check, words: str) -> Convert:
    def store(value: Any) -> Any:
        if not check(value):
            raise _refuse(field, words, value)
        return value

    return store


def _row(field: Field, check: Check, words: str) -> Convert:
    def store(value: Any) -> Any:
        if not (_is_row(value) and _fits(field, len(value)) and all(map(check, value))):
            raise _refuse(field, _many(field, words), value)
        return value

    return store


def _numbers(field: Field, check: Check, words: str) -> Convert:
    held = array.array if field.shape == 'sequence' else np.ndarray
    code, kind = CODES[field.type], dtype(field.type)

    def right(value: Any) -> bool:
        same = value.typecode == code if held is array.array else value.dtype == kind
        return same and _fits(field, len(value))

    def store(value: Any) -> Any:
        if isinstance(value, held):
            if not right(value):
                raise _refuse(field, f'{held.__name__} of {field.type}, {_count(field)}', value)
            return value
        if not (_is_row(value) and _fits(field, len(value)) and all(map(check, value))):
            raise _refuse(field, _many(field, words), value)
        if isinstance(value, (bytes, bytearray)):
            slow(field)
        return array.array(code, value) if held is array.array else np.array(value, kind)

    return store


def slow(field: Field) -> None:
    """Warns once per field: rclpy looks at each byte, 0.2 s for a picture of 720p."""
    if field not in _warned:
        _warned.add(field)
        text = f"field {field.name!r} was given bytes, slow in rclpy: use array.array('B', ...)"
        warnings.warn(text, RuntimeWarning, stacklevel=4)


_warned: set[Field] = set()


def _count(field: Field) -> str:
    if field.shape == 'array':
        return f'{field.length} items'
    return f'at most {field.length} items' if field.length else 'any number of items'


def _many(field: Field, words: str) -> str:
    return f'a list ({_count(field)}) of which each is {words}'


def converter(field: Field) -> Convert | None:
    """What the constructor does with a given value before the setter sees it; None: nothing."""
    if field.nested or field.type not in CODES or field.shape == 'one':
        return None
    if field.shape == 'sequence':
        code = CODES[field.type]
        return lambda value: array.array(code, value)
    kind = dtype(field.type)
    return lambda value: np.array(value, kind)


def default(field: Field, nested: type | None) -> Callable[[], Any]:
    """A factory of the field's initial value."""
    base = nested or _zero(field.type)
    if field.shape == 'one':
        return base if field.default is None else lambda: field.default
    if field.shape == 'sequence':
        return (lambda: array.array(CODES[field.type])) if _packed(field) else list
    if _packed(field):
        return lambda: np.zeros(field.length, dtype(field.type))
    return lambda: [base() for _ in range(field.length)]


def _zero(kind: str) -> Callable[[], Any]:
    if kind in ('byte', 'octet'):
        return lambda: b'\0'
    plain: dict[str, Callable[[], Any]] = {'string': str, 'bool': bool}
    return plain.get(kind, float if kind in FLOAT_MAX else int)


def _packed(field: Field) -> bool:
    return not field.nested and field.type in CODES
