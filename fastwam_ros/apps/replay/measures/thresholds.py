"""What a replay must reach: a YAML of metrics with their bounds, and which of them were missed.

    action_error.rad.mae: {max: 0.05}
    chunks.accepted_share: {min: 0.9, change: 0.1}
    every: {change: 0.05}

`change` is the part by which a metric may be worse than in a baseline, `every` that of all others.
"""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fastwam_ros.apps.replay.measures.metric import Metric

CHANGE = 0.05  # part by which a metric may be worse where nothing else is said
_EVERY, _WORDS = 'every', ('max', 'min', 'change')
_NEAR = 3  # names that are told first beside an unknown one


@dataclass(frozen=True)
class Bound:
    """max, min: what a metric must not be beyond; change: by which part it may be worse."""

    max: float = math.inf
    min: float = -math.inf
    change: float | None = None


@dataclass(frozen=True)
class Missed:
    """A metric beyond its bound; value NaN: it could not be measured."""

    metric: Metric
    bound: str

    def __str__(self) -> str:
        """One line."""
        found = self.metric
        if math.isnan(found.value):
            return f'{found.name} could not be measured, want {self.bound}'
        return f'{found.name} is {found.value:.4g} {found.unit}'.rstrip() + f', want {self.bound}'


@dataclass(frozen=True)
class Thresholds:
    """bounds by metric; change: the part that all others may be worse by."""

    bounds: Mapping[str, Bound] = field(default_factory=dict)
    change: float = CHANGE

    @classmethod
    def read(cls, path: Path, names: Iterable[str]) -> 'Thresholds':
        """names: of the metrics that there are.

        Raises ValueError for a file that is none, and for a name or a word that is not known.
        """
        tree = _tree(path)
        every = _bound(path, _EVERY, tree.pop(_EVERY, {}))
        known = list(names)
        for name in tree:
            _check(path, str(name), known)
        bounds = {name: _bound(path, name, given) for name, given in tree.items()}
        return cls(bounds, CHANGE if every.change is None else every.change)

    def missed(self, metrics: Iterable[Metric]) -> list[Missed]:
        """Those beyond a bound, or that have one and could not be measured."""
        found = {metric.name: metric for metric in metrics}
        return [
            Missed(found[name], words)
            for name, bound in self.bounds.items()
            for words in _beyond(found[name].value, bound)
        ]

    def allowed(self, name: str) -> float:
        """The part by which a metric may be worse than in a baseline."""
        change = self.bounds[name].change if name in self.bounds else None
        return self.change if change is None else change


def _beyond(value: float, bound: Bound) -> list[str]:
    """Bounds that a value does not keep; NaN keeps none."""
    kept = {
        f'{bound.max:g} at most': bound.max == math.inf or value <= bound.max,
        f'{bound.min:g} at least': bound.min == -math.inf or value >= bound.min,
    }
    return [words for words, good in kept.items() if not good]


def _tree(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise ValueError(f'{path}: {error.strerror}') from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is no YAML: {" ".join(str(error).split())}') from None
    if not isinstance(tree, dict):
        raise ValueError(f'{path} holds no names of metrics with their bounds')
    return tree


def _check(path: Path, name: str, known: list[str]) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, _NEAR, 0.4)
    hint = f'near are {", ".join(near)}; ' if near else ''
    raise ValueError(f'{path}: no metric {name!r}: {hint}there are {", ".join(known)}')


def _bound(path: Path, name: str, given: Any) -> Bound:
    words = given if isinstance(given, dict) else {'': given}
    if name == _EVERY and set(words) - {'change'}:
        raise ValueError(f'{path}: {name} is {given!r}, want {{change: a number}}')
    wrong = [w for w, value in words.items() if w not in _WORDS or not _is_number(value)]
    if wrong or words.get('change', 0.0) < 0.0 or not (words or name == _EVERY):
        raise ValueError(
            f'{path}: {name} is {given!r}, want numbers by {", ".join(_WORDS)}, '
            'change not below zero'
        )
    return Bound(**{word: float(value) for word, value in words.items()})


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
