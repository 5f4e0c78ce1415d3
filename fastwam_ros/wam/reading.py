"""A mapping read from YAML as a tree of frozen dataclasses, strictly, and written as one.

Every key must be a field, and every field without a default must be there; a mistake is named by
its path with the valid names beside it. Knows nothing about what the fields mean.
"""

from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import yaml

T = TypeVar('T')


def read_yaml(path: Path, kind: type[T]) -> T:
    """The file as a `kind`. Raises FileNotFoundError or ValueError (with the path of the key)."""
    if not path.is_file():
        raise FileNotFoundError(f'{path} is missing: is {path.parent} a checkpoint bundle?')
    try:
        tree = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is no YAML: {" ".join(str(error).split())}') from None
    return build(kind, tree, path.name)


def write_yaml(path: Path, value: Any) -> None:
    """A tree of dataclasses as `read_yaml` reads it; fields at their default are left out."""
    path.write_text(yaml.safe_dump(_plain(value), sort_keys=False, width=99), encoding='utf-8')


def build(kind: Any, value: Any, where: str) -> Any:
    """`value` as a `kind`: a dataclass, a tuple of one kind, str, int, float or bool.

    A kind may be optional (`Kind | None`): then its key may be left out, not be empty.
    Raises ValueError naming `where` the value stands, what it is and what it should be.
    """
    if isinstance(kind, UnionType):
        kind = get_args(kind)[0]
    if is_dataclass(kind):
        return _dataclass(kind, value, where)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind)[0], value, where)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:  # not isinstance: True is no 1
        raise ValueError(f'{where}: {value!r} is {type(value).__name__}, expected {kind.__name__}')
    return value


def _dataclass(kind: Any, value: Any, where: str) -> Any:
    names = [field.name for field in fields(kind)]
    if not isinstance(value, dict):
        raise ValueError(f'{where}: {value!r} should hold the keys {", ".join(names)}')
    unknown = [key for key in value if key not in names]
    if unknown:
        raise ValueError(f'{where}: unknown key {unknown[0]!r}; valid keys: {", ".join(names)}')
    needed = [field.name for field in fields(kind) if field.default is MISSING]
    missing = [name for name in needed if name not in value]
    if missing:
        raise ValueError(f'{where}: key {missing[0]!r} is missing; valid keys: {", ".join(names)}')
    hints = get_type_hints(kind)
    read = {name: build(hints[name], item, f'{where}: {name}') for name, item in value.items()}
    try:
        return kind(**read)
    except ValueError as error:
        raise ValueError(f'{where}: {error}') from None


def _tuple(kind: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f'{where}: {value!r} should be a list')
    return tuple(build(kind, item, f'{where}[{index}]') for index, item in enumerate(value))


def _plain(value: Any) -> Any:
    """Mappings and lists: YAML's safe dumper knows neither a dataclass nor a tuple."""
    if is_dataclass(value):
        held = {field: getattr(value, field.name) for field in fields(value)}
        return {f.name: _plain(item) for f, item in held.items() if item != f.default}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
