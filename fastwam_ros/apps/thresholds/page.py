"""Thresholds as a file of ROS parameters that says what they come from, and as lines to read."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from fractions import Fraction

import yaml

from fastwam_ros.apps.thresholds.conformal import Alarms, needed, plain, rank
from fastwam_ros.apps.thresholds.runs import Doubted
from fastwam_ros.bag.streams import SECOND
from fastwam_ros.motion.uncertainty import Thresholds

_LABEL = 12  # column width


@dataclass(frozen=True)
class Result:
    """Thresholds of n runs at two alphas; held_out: alarms on runs left out, None: too few."""

    runs: tuple[Doubted, ...]
    slow: Fraction
    hold: Fraction
    thresholds: Thresholds
    held_out: Alarms | None


def lines(result: Result) -> Iterator[str]:
    """What was found, for people."""
    runs = result.runs
    chunks, silent = (
        sum(run.chunks for run in runs),
        sum(run.chunks - len(run.said) for run in runs),
    )
    seconds = sum(run.seconds for run in runs)
    without = f', {silent} of them without a disagreement' if silent else ''
    yield _row('bundle', _one_line(runs[0].bundle))
    yield _row('tasks', ', '.join(sorted({_one_line(task) for run in runs for task in run.tasks})))
    yield _row('runs', f'{len(runs)} that succeeded ({_word(runs)}), {_dates(runs)}')
    yield _row('chunks', f'{chunks:,} executed{without}; {seconds:.0f} s under the policy')
    for name, alpha, value in (
        ('slow', result.slow, result.thresholds.slow),
        ('hold', result.hold, result.thresholds.hold),
    ):
        place = f'number {rank(len(runs), alpha)} of {len(runs)} largest disagreements'
        yield _row(f'{name} above', f'{value:.4g}: alpha {plain(alpha)}, {place}')
    yield _row('held out', _held_out(result))


def document(result: Result) -> str:
    """The file: comments, then parameters of the executor."""
    head = (
        "Disagreements above which the executor slows a policy's plans, and ends them.",
        'By python -m fastwam_ros.apps.thresholds; they hold for this bundle alone.',
        '',
    )
    found = ('', 'recordings: sha256, largest disagreement, file')
    files = [f'{run.digest} {run.largest:.4g} {_one_line(run.path.name)}' for run in result.runs]
    text = [*head, *lines(result), *found, *files]
    parameters = {
        'disagreement_slow': result.thresholds.slow,
        'disagreement_hold': result.thresholds.hold,
    }
    body = yaml.safe_dump({'executor': {'ros__parameters': parameters}}, sort_keys=False)
    return ''.join(f'# {line}'.rstrip() + '\n' for line in text) + body


def _row(label: str, value: str) -> str:
    return f'{label:{_LABEL}}{value}'


def _held_out(result: Result) -> str:
    alarms = result.held_out
    if alarms is None:
        least = needed(result.hold) + 1
        return (
            f'not known: to hold one of them out takes {least} runs for alpha {plain(result.hold)}'
        )
    slowed = f'{alarms.slowed} of {alarms.chunks:,} chunks slowed'
    begun = f'{alarms.begun} times ({alarms.per_hour(alarms.begun):.3g} per hour)'
    holds = f'held {alarms.holds} times ({alarms.per_hour(alarms.holds):.3g} per hour)'
    return f'each run by the thresholds of the others: {slowed}, {begun}; {holds}'


def _word(runs: Sequence[Doubted]) -> str:
    return ', '.join(sorted({run.success for run in runs}))


def _dates(runs: Sequence[Doubted]) -> str:
    """When they were recorded, as the recordings have it."""
    ends = (min(run.since for run in runs), max(run.until for run in runs))
    days = [f'{datetime.fromtimestamp(ns / SECOND, timezone.utc):%Y-%m-%d}' for ns in ends]
    return f'recorded {days[0]}' if days[0] == days[1] else f'recorded {days[0]} to {days[1]}'


def _one_line(text: str) -> str:
    """A recorded text, or a file's name, that cannot end a comment."""
    return json.dumps(text)[1:-1]
