"""How often a scripted person succeeds through the executor, and what its limits cost.

`python -m fastwam_ros.apps.trials --task fold --trials 50`: the same seeds with and without the
executor, in this process and faster than real time. Trial n has seed n, whatever the machine.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from fastwam_ros.apps.trials.run import KINDS, Bench, Trial
from fastwam_ros.apps.trials.ways import Straight, ThroughExecutor

WAYS: dict[str, type[Straight] | type[ThroughExecutor]] = {
    'executor': ThroughExecutor,
    'straight': Straight,
}
_HEAD = (
    '| task | commands | success | median duration | velocity | acceleration | jerk |',
    '|---|---|---|---|---|---|---|',
)
_NAMES = {'executor': 'through the executor', 'straight': "straight to the robot's tracker"}


@dataclass(frozen=True)
class Row:
    """One task by one way: what its trials came to."""

    task: str
    way: str
    trials: tuple[Trial, ...]

    @property
    def successes(self) -> int:
        return sum(trial.success for trial in self.trials)

    @property
    def duration(self) -> float:
        """Median seconds of the trials that succeeded; NaN without any."""
        good = [trial.duration for trial in self.trials if trial.success]
        return median(good) if good else float('nan')

    @property
    def ratios(self) -> tuple[float, ...]:
        """Worst shares of the limits over all trials: velocity, acceleration, jerk."""
        return tuple(max(column) for column in zip(*(t.ratios for t in self.trials), strict=True))

    def line(self) -> str:
        """As a line of a table."""
        shares = ' | '.join(f'{ratio:.2f}' for ratio in self.ratios)
        return (
            f'| {self.task} | {_NAMES[self.way]} | {self.successes}/{len(self.trials)} '
            f'| {self.duration:.1f} s | {shares} |'
        )

    def figures(self) -> dict[str, Any]:
        """For --json."""
        trials = [asdict(trial) for trial in self.trials]
        return {'task': self.task, 'way': self.way, 'successes': self.successes, 'trials': trials}


def measure(task: str, seeds: Sequence[int]) -> list[Row]:
    """Both ways of one task, the same seeds each."""
    bench, rows = Bench(task), []
    for name, way in WAYS.items():
        trials = []
        for seed in seeds:
            trials.append(bench.trial(seed, way))
            _tell(task, name, trials[-1])
        rows.append(Row(task, name, tuple(trials)))
    return rows


def _tell(task: str, way: str, trial: Trial) -> None:
    shown = sys.stderr.isatty()
    if shown or not trial.success:
        done = 'ok' if trial.success else f'failed: {trial.words}'
        line = f'{trial.task}, {_NAMES[way]}, seed {trial.seed}: {done}'
        print(f'\r{line:<79}', end='' if trial.success else '\n', file=sys.stderr, flush=True)


def main() -> None:
    """Run the trials and print the table, or the figures."""
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.trials', description=__doc__.splitlines()[0]
    )
    ask.add_argument('--task', choices=(*KINDS, 'all'), default='all')
    ask.add_argument('--trials', type=int, default=50, help='trials per task and way')
    ask.add_argument('--seed', type=int, default=0, help='of the first trial')
    ask.add_argument('--json', action='store_true', help='every trial instead of the table')
    given = ask.parse_args()
    if given.trials < 1 or given.seed < 0:
        ask.error(f'{given.trials} trials from seed {given.seed}: at least 1, from 0 on')
    tasks = KINDS if given.task == 'all' else (given.task,)
    seeds = range(given.seed, given.seed + given.trials)
    rows = [row for task in tasks for row in measure(task, seeds)]
    if given.json:
        print(json.dumps([row.figures() for row in rows], indent=1))
        return
    print(*_HEAD, *(row.line() for row in rows), sep='\n')


if __name__ == '__main__':
    main()
