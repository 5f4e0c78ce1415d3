"""Tapes as files: what an executor was told, line by line, and what it commanded then.

A line is a call as JSON, `{"on_speed": [1700000000050000000, 0.5]}`; that of a tick also has what
came of it. The first line says what the executor was made for. Floats are written so that they
read back as the same ones, commands to 1e-10 rad.
"""

import json
import lzma
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from fastwam_ros.apps.chaos.draw import limited
from fastwam_ros.apps.chaos.tape import Call, played, rows
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import Array
from fastwam_ros.motion.status import Measured, Settings

_DECIMALS = 10
_RECORDS: dict[str, Callable[..., Any]] = {'Chunk': Chunk, 'Measured': Measured}


@dataclass(frozen=True)
class Golden:
    """made: arguments of `limited`; calls in their order; commands [T, D] of the ticks in them.

    openings: [T, G]. NaN where nothing was commanded.
    """

    made: dict[str, Any]
    calls: tuple[Call, ...]
    commands: Array
    openings: Array

    @property
    def settings(self) -> Settings:
        """What the executor is made for."""
        return limited(**self.made)

    @classmethod
    def of(cls, made: dict[str, Any], calls: Sequence[Call]) -> 'Golden':
        """Play the calls: what is commanded now is what shall be commanded from now on."""
        settings = limited(**made)
        points = played(settings, calls)
        grips = np.full(len(settings.grippers.names), np.nan)
        openings = np.array([grips if p is None else p.openings for p in points])
        commands = rows(points, len(settings.limits.names))
        return cls(made, tuple(calls), commands, openings)

    def again(self) -> 'Golden':
        """What this version of the executor commands."""
        return Golden.of(self.made, self.calls)

    def write(self, path: Path) -> None:
        """Equal tapes give equal files."""
        lines, tick = [json.dumps(self.made)], 0
        for call in self.calls:
            line: dict[str, Any] = {call.verb: [_plain(each) for each in call.given]}
            if call.verb == 'tick':
                line['q'], line['openings'] = _row(self.commands[tick]), _row(self.openings[tick])
                tick += 1
            lines.append(json.dumps(line, separators=(',', ':')))
        text = '\n'.join(lines) + '\n'
        path.write_bytes(lzma.compress(text.encode(), preset=9))

    @classmethod
    def read(cls, path: Path) -> 'Golden':
        """Raises ValueError for a file that is none."""
        made, *lines = map(json.loads, lzma.decompress(path.read_bytes()).decode().splitlines())
        calls, commands, openings = [], [], []
        for line in lines:
            if 'q' in line:
                commands.append(line.pop('q'))
                openings.append(line.pop('openings'))
            ((verb, given),) = line.items()
            calls.append(Call(verb, tuple(map(_record, given))))
        return cls(made, tuple(calls), _filled(commands), _filled(openings))


class Coarse:
    """What is told so that its tape is small: arrays to 1e-5, one reading in `every`."""

    def __init__(self, every: int) -> None:
        self._every, self._readings = every, 0

    def __call__(self, call: Call) -> Call | None:
        if call.verb == 'on_measured':
            self._readings += 1
            if self._readings % self._every:
                return None
        return Call(call.verb, tuple(map(_rounded, call.given)))


def _rounded(given: Any) -> Any:
    if isinstance(given, np.ndarray):
        return np.round(given, 5)
    if isinstance(given, (Chunk, Measured)):
        parts = {each.name: _rounded(getattr(given, each.name)) for each in fields(given)}
        return type(given)(**parts)
    return given


def _plain(given: Any) -> Any:
    if isinstance(given, (Chunk, Measured)):
        return {type(given).__name__: {k: _plain(v) for k, v in asdict(given).items()}}
    return given.tolist() if isinstance(given, np.ndarray) else given


def _record(given: Any) -> Any:
    """The inverse of `_plain`."""
    if isinstance(given, dict):
        ((name, parts),) = given.items()
        return _RECORDS[name](**{k: _field(k, v) for k, v in parts.items()})
    return np.array(given, np.float64) if isinstance(given, list) else given


def _field(name: str, value: Any) -> Any:
    if name == 'names':
        return tuple(value)
    return np.array(value, np.float64) if isinstance(value, list) else value


def _row(values: Array) -> list[float] | None:
    return None if np.isnan(values).all() else np.round(values, _DECIMALS).tolist()


def _filled(found: list[list[float] | None]) -> Array:
    """Rows; NaN for those that are None."""
    size = next((len(row) for row in found if row is not None), 0)
    return np.array([[np.nan] * size if row is None else row for row in found])
