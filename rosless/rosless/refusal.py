"""What rosless says of the parts of rclpy that it does not have. Knows no part of rclpy itself.

A stand-in that passes over what it does not know is worse than none: everything outside the
covered part raises NotImplementedError with its name.
"""

from collections.abc import Callable
from typing import Any


def not_covered(name: str, why: str = '') -> NotImplementedError:
    """The error for `name` (e.g. 'Node.create_timer'), which rclpy may well have."""
    reason = why or 'rosless is a part of rclpy: its README says which'
    return NotImplementedError(f'rosless: {name} is not covered ({reason})')


def lookup(module: str, submodules: frozenset[str] = frozenset()) -> Callable[[str], Any]:
    """A module's __getattr__: dunder names are absent as usual, every other name is refused.

    Import machinery and debuggers probe dunder names and the names of submodules that were not
    imported yet, so these raise AttributeError.
    """

    def absent(name: str) -> Any:
        if name.startswith('__') or name in submodules:
            raise AttributeError(f'module {module!r} has no attribute {name!r}')
        raise not_covered(f'{module}.{name}')

    return absent


def refuse_options(where: str, **given: Any) -> None:
    """Raises NotImplementedError when an option that rclpy has, and rosless has not, is used."""
    for name, value in given.items():
        if value is not None:
            raise not_covered(f'{where}({name}=...)')


class Partial:
    """Base of stand-in classes: names that rclpy's class has and ours has not are refused.

    Subclasses list them in `_absent`; a name that is in neither stays an AttributeError.
    """

    _absent: frozenset[str] = frozenset()

    def __getattr__(self, name: str) -> Any:
        if name in self._absent:
            raise not_covered(f'{type(self).__name__}.{name}')
        raise AttributeError(f'{type(self).__name__!r} object has no attribute {name!r}')
