"""Two spellings of one tensor's name, as a table that is read in both directions.

Knows no file and no module. A template's `{n}` stands for a number, `{expert}` and `{side}` for a
word; both columns of a row use the same placeholders.
"""

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

_FIELD = re.compile(r'\\{(\w+)\\}')
_PATTERNS = {'n': r'\d+', 'm': r'\d+', 'expert': 'video|action', 'side': 'encoder|decoder'}


class KeyTable:
    """Rows of (released, ours); a name matches a row when it equals its template entirely."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        pairs = tuple(rows)
        self._to_ours = [(_compiled(released), ours) for released, ours in pairs]
        self._to_released = [(_compiled(ours), released) for released, ours in pairs]

    def ours(self, released: str) -> str | None:
        """Our name of a released tensor; None when no row knows it."""
        return _translate(released, self._to_ours)

    def released(self, ours: str) -> str | None:
        """The released name of one of our tensors; None when no row knows it."""
        return _translate(ours, self._to_released)

    def rename(self, tensors: Mapping[str, Tensor], what: str) -> dict[str, Tensor]:
        """Released names -> ours. Raises ValueError naming the first names no row knows."""
        named = {key: self.ours(key) for key in tensors}
        unknown = sorted(key for key, ours in named.items() if ours is None)
        if unknown:
            raise ValueError(
                f'{what} holds {len(unknown)} tensors that no key of ours stands for, first '
                f'{unknown[:3]}: is it the checkpoint of another model?'
            )
        return {ours: tensors[key] for key, ours in named.items() if ours is not None}


def parameters(released: str, ours: str, kinds: str = 'weight bias') -> list[tuple[str, str]]:
    """One row per kind of parameter of a layer."""
    return [(f'{released}.{kind}', f'{ours}.{kind}') for kind in kinds.split()]


def _compiled(template: str) -> re.Pattern[str]:
    escaped = re.escape(template)
    return re.compile(_FIELD.sub(lambda m: f'(?P<{m[1]}>{_PATTERNS[m[1]]})', escaped))


def _translate(name: str, rows: list[tuple[re.Pattern[str], str]]) -> str | None:
    for pattern, template in rows:
        if match := pattern.fullmatch(name):
            return template.format(**match.groupdict())
    return None
