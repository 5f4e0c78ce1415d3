"""The figures of a whole run, where it was made, and their file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastwam_ros.apps.bench.rows import Results
from fastwam_ros.apps.splice.figures import FIGURES, Figures, together

Each = dict[str, tuple[float, float]]  # median and worst seed, by figure
Table = dict[str, Each]  # by method
TRUTH = 'truth'  # the wanted motion itself, as if it were known in time


@dataclass(frozen=True)
class Splices:
    """What all methods came to: the table of each scenario."""

    made: str
    command: str
    seeds: int
    seconds: float
    figures: dict[str, Table]

    @classmethod
    def here(cls, seeds: int, seconds: float, figures: dict[str, Table]) -> 'Splices':
        """Of this machine, today."""
        here = Results.here('', 'python -m fastwam_ros.apps.splice', ())
        machine = f'{here.machine}, {here.cores} cores, Python {here.python}'
        made = f'{here.date}, revision {here.revision}, {machine}'
        return cls(made, here.command, seeds, seconds, figures)

    @staticmethod
    def table(seeds: Sequence[Mapping[str, Figures]]) -> Table:
        """Median and worst of every method's figures, from the figures of each seed."""
        return {method: together([each[method] for each in seeds]) for method in seeds[0]}

    @classmethod
    def read(cls, path: Path) -> 'Splices':
        """Raises ValueError for a file that is none of ours."""
        try:
            found = json.loads(path.read_text())
            figures = {
                scenario: {
                    method: {name: (float(a), float(b)) for name, (a, b) in each.items()}
                    for method, each in methods.items()
                }
                for scenario, methods in found.pop('figures').items()
            }
            _known(figures)
            return cls(figures=figures, **found)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(
                f'{path} holds no results of the splice benchmark: {error}'
            ) from error

    def write(self, path: Path) -> None:
        """As JSON, a method per line, rounded to what a figure is worth."""
        path.parent.mkdir(parents=True, exist_ok=True)
        head = {
            'made': self.made,
            'command': self.command,
            'seeds': self.seeds,
            'seconds': self.seconds,
        }
        scenarios = ',\n'.join(_scenario(*item) for item in self.figures.items())
        text = json.dumps(head, indent=1)[:-2] + f',\n "figures": {{\n{scenarios}\n }}\n}}\n'
        path.write_text(text)


def _scenario(name: str, methods: Table) -> str:
    lines = ',\n'.join(
        f'   {json.dumps(method)}: {json.dumps({k: _rounded(v) for k, v in each.items()})}'
        for method, each in methods.items()
    )
    return f'  {json.dumps(name)}: {{\n{lines}\n  }}'


def _rounded(both: tuple[float, float]) -> list[float]:
    return [float(f'{value:.4g}') for value in both]


def _known(figures: Mapping[str, Table]) -> None:
    for methods in figures.values():
        for each in methods.values():
            if unknown := set(each) - set(FIGURES):
                raise ValueError(f'unknown figures {sorted(unknown)}')
