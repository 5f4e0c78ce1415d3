"""From which disagreement on a policy is doubted, from runs of it that succeeded.

`python -m fastwam_ros.apps.thresholds RUN.mcap RUN2.mcap ... --out thresholds.yaml`: a threshold
to slow plans and one to end them, such that a run like these is slowed or held with probability
alpha at most. Exit status 2 when none follow from the recordings.
"""

import argparse
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from fastwam_ros.apps.files import writing
from fastwam_ros.apps.thresholds.conformal import Alarms, needed, rank, replay, thresholds
from fastwam_ros.apps.thresholds.page import Result, document, lines
from fastwam_ros.apps.thresholds.runs import Doubted, read
from fastwam_ros.bag.reader import BagError


def result(recordings: Sequence[Path], successful: bool, slow: Fraction, hold: Fraction) -> Result:
    """Thresholds from the successes among these. Raises BagError, or ValueError for too few."""
    runs = tuple(_successes(recordings, successful))
    _check(runs)
    for alpha in (hold, slow):
        rank(len(runs), alpha)
    try:
        found = thresholds([run.largest for run in runs], slow, hold)
    except ValueError as error:
        raise ValueError(f'no thresholds follow from these runs: {error}') from None
    return Result(runs, slow, hold, found, held_out(runs, slow, hold))


def held_out(runs: Sequence[Doubted], slow: Fraction, hold: Fraction) -> Alarms | None:
    """What each run would have seen by the thresholds of the others; None for too few runs."""
    if len(runs) - 1 < needed(hold):
        return None
    total = Alarms()
    for out in runs:
        given = thresholds([run.largest for run in runs if run is not out], slow, hold)
        total += replay(given, out.epochs, out.seconds)
    return total


def _successes(recordings: Sequence[Path], successful: bool) -> list[Doubted]:
    """Reads all of them, and says what is left out."""
    found = []
    for path in recordings:
        run = read(path, successful)
        if isinstance(run, str):
            _tell(f'{path} is left out, it is no success: {run}')
            continue
        if run.problem:
            _tell(run.problem)
        found.append(run)
    if not found:
        raise ValueError('none of the runs is a success')
    return found


def _check(runs: Sequence[Doubted]) -> None:
    """Raises ValueError for the same recording twice and for runs of different bundles."""
    seen: dict[str, Doubted] = {}
    for run in runs:
        if run.digest in seen:
            raise ValueError(f'{seen[run.digest].path} and {run.path} are the same recording')
        seen[run.digest] = run
        if run.bundle != runs[0].bundle:
            raise ValueError(
                f'{runs[0].path} is of bundle {runs[0].bundle} and {run.path} of {run.bundle}: '
                'disagreements of different bundles do not compare'
            )


def _tell(line: str) -> None:
    print(f'thresholds: {line}', file=sys.stderr)


def _alpha(text: str) -> Fraction:
    """Exact: 0.05 is no binary number, and a rank may hang on it."""
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f'{text!r} is no number') from None
    if not 0 < found < 1:
        raise argparse.ArgumentTypeError(f'alpha is {text}: it is above 0 and below 1')
    return found


def _arguments() -> argparse.Namespace:
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.thresholds', description=__doc__.splitlines()[0]
    )
    ask.add_argument('recordings', type=Path, nargs='+', metavar='RUN.mcap')
    ask.add_argument(
        '--alpha',
        type=_alpha,
        nargs=2,
        default=[Fraction('0.2'), Fraction('0.05')],
        metavar=('SLOW', 'HOLD'),
        help='how often a run like these may be slowed at all, and held at all: 0.2 0.05',
    )
    ask.add_argument(
        '--successful', action='store_true', help='all of them succeeded, whatever they say'
    )
    ask.add_argument(
        '--out', type=Path, help='write the parameters of the executor into this YAML'
    )
    given = ask.parse_args()
    slow, hold = given.alpha
    if slow < hold:
        ask.error('runs are slowed at least as often as held: --alpha SLOW HOLD, SLOW not smaller')
    if given.out is not None and given.out.resolve() in [p.resolve() for p in given.recordings]:
        ask.error(f'--out {given.out} is one of the recordings')
    return given


def main() -> None:
    """Read, print, write; recordings that give no thresholds end it with one line."""
    given = _arguments()
    try:
        found = result(given.recordings, given.successful, *given.alpha)
        print(*lines(found), sep='\n')
        if given.out is not None:
            with writing(given.out):
                given.out.write_text(document(found), encoding='utf-8')
    except (BagError, ValueError, OSError) as error:
        _tell(str(error))
        sys.exit(2)


if __name__ == '__main__':
    main()
