"""A measured figure and where it was measured: what the benchmark writes and the page shows."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Row:
    """A figure: its median, tail and worst where they say something, all in `unit`.

    beside: the figure that it is compared with, named by beside_is; the ratio is median / beside.
    """

    part: str
    name: str
    median: float
    unit: str
    p99: float | None = None
    worst: float | None = None
    beside: float | None = None
    beside_is: str = ''
    note: str = ''

    @property
    def ratio(self) -> float | None:
        """To the figure beside it; None without one."""
        return self.median / self.beside if self.beside else None

    @classmethod
    def of(cls, part: str, name: str, values: Sequence[float], unit: str, **more: Any) -> 'Row':
        """From single measurements. Raises ValueError without any."""
        if not values:
            raise ValueError(f'{part}, {name}: nothing was measured')
        ordered = sorted(values)
        p99 = ordered[min(int(0.99 * len(ordered)), len(ordered) - 1)]
        return cls(part, name, statistics.median(ordered), unit, p99, ordered[-1], **more)


@dataclass(frozen=True)
class Results:
    """One benchmark of one machine."""

    machine: str
    cores: int
    python: str
    torch: str
    revision: str
    date: str
    command: str
    rows: tuple[Row, ...]

    @classmethod
    def here(cls, machine: str, command: str, rows: Sequence[Row]) -> 'Results':
        """Of this machine, today. machine: '' for what the system calls its processor."""
        return cls(
            machine or processor(),
            os.cpu_count() or 0,
            platform.python_version(),
            _version('torch'),
            _revision(),
            str(date.today()),
            command,
            tuple(rows),
        )

    @classmethod
    def read(cls, path: Path) -> 'Results':
        """Raises ValueError for a file that is none of ours."""
        try:
            found = json.loads(path.read_text())
            rows = tuple(Row(**row) for row in found.pop('rows'))
            return cls(rows=rows, **found)
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
            raise ValueError(f'{path} holds no results of `make bench`: {error}') from error

    def write(self, path: Path) -> None:
        """As JSON, rounded to what a measurement is worth."""
        path.parent.mkdir(parents=True, exist_ok=True)
        found = asdict(self)
        found['rows'] = [{k: _rounded(v) for k, v in row.items()} for row in found['rows']]
        path.write_text(json.dumps(found, indent=1) + '\n')


def number(value: float) -> str:
    """Three digits that count, and no power of ten."""
    return f'{value:.3g}' if abs(value) < 1000.0 else f'{value:.0f}'


def show(row: Row) -> None:
    """One line on the terminal, as soon as it is known."""
    tail = '' if row.p99 is None else f'p99 {number(row.p99)}'
    ratio = '' if row.ratio is None else f'{row.ratio:.3g} x {row.beside_is}'
    median = f'{number(row.median)} {row.unit}'
    print(f'{row.name:<45}{median:>18}  {tail:<12}{ratio:<30}{row.note}', flush=True)


def processor() -> str:
    """The processor's name as the kernel gives it, else its architecture."""
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(':', 1)[1].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.machine()


def _rounded(value: Any) -> Any:
    return float(f'{value:.4g}') if isinstance(value, float) else value


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ''


def _revision() -> str:
    asked = ['git', '-C', str(ROOT), 'describe', '--always', '--dirty']
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=10.0)
    except OSError:
        return ''
    return told.stdout.strip()
