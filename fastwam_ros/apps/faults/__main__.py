"""`make faults`: processes are killed and stalled, messages lost; what did the arms do?

The simulator, the executor, the policy and a person run as processes on a wire of their own. Each
trial breaks one thing at a random moment; its figures come from a recording. A trial that does
not go as docs/executor.md has it is printed with its seed, and its part of the recording is kept.
"""

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fastwam_ros.apps.faults import page
from fastwam_ros.apps.faults.cases import CASES, Plan
from fastwam_ros.apps.faults.keep import keep
from fastwam_ros.apps.faults.operator import GoneError
from fastwam_ros.apps.faults.results import (
    AS_EXPECTED,
    DEVIATES,
    VOID,
    Outcome,
    judged,
    machine,
    write,
)
from fastwam_ros.apps.faults.session import Session
from fastwam_ros.apps.faults.stage import StageError
from fastwam_ros.apps.files import writing
from fastwam_ros.bag.reader import BagError

DOMAIN = 94
PARTS, JSON = 'parts', 'faults.json'


class Progress:
    """A line of where we are."""

    def __init__(self, count: int) -> None:
        self._count, self._at = count, 0
        self._shown = sys.stderr.isatty()
        self._begun = time.monotonic()

    def tell(self, plan: Plan) -> None:
        """A trial begins."""
        self._at += 1
        seconds = time.monotonic() - self._begun
        line = f'{seconds:4.0f} s  {self._at}/{self._count}  seed {plan.seed}: {plan.case}'
        if self._shown:
            print(f'\r{line:<100}', end='', file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def end(self) -> None:
        """No more of it."""
        if self._shown:
            print(file=sys.stderr)


def judge(session: Session, out: Path) -> list[Outcome]:
    """All trials of a session; parts of recordings that are worth a look are kept in `out`.

    Raises BagError, OSError.
    """
    found = []
    for path, trials in session.done.items():
        if not trials:
            continue
        outcomes = judged(path, trials)
        for outcome in outcomes:
            if outcome.verdict != AS_EXPECTED and outcome.marks.fault:
                keep(path, outcome.marks, out / f'seed_{outcome.plan.seed}.mcap')
        found += outcomes
    return found


def clear(out: Path) -> None:
    """Remove what an earlier session left. Raises OSError."""
    if (out / PARTS).exists():
        shutil.rmtree(out / PARTS)
    for path in (*out.glob('seed_*.mcap'), out / JSON):
        path.unlink(missing_ok=True)


def trials(plans: Sequence[Plan], out: Path, domain: int, minutes: float) -> tuple[Session, str]:
    """Run them; the session, and what ended it before its time or ''."""
    session = Session(out / PARTS, domain, time.monotonic() + 60.0 * minutes)
    progress = Progress(len(plans))
    why = ''
    try:
        session.run(plans, progress.tell)
        why = session.ended_early
    except KeyboardInterrupt:
        why = 'interrupted'
    except (StageError, GoneError) as error:
        why = str(error)
    progress.end()
    return session, why


def tell(outcomes: Sequence[Outcome], out: Path) -> None:
    """Page, picture and JSON into a folder. Raises OSError."""
    with writing(out):
        where = machine()
        words = f'{where.machine}, {where.cores} cores, Python {where.python}; {where.date}'
        write(out / JSON, where, outcomes)
        page.draw(outcomes, out / 'faults.png')
        text = page.page(outcomes, f'{words}, revision {where.revision}', 'faults.png')
        (out / 'faults.md').write_text(text)


def _asked() -> argparse.Namespace:
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.faults', description=__doc__.splitlines()[0]
    )
    ask.add_argument('--trials', type=int, default=2 * len(CASES))
    ask.add_argument(
        '--seed', type=int, default=0, help='of the first trial; the next has the next'
    )
    ask.add_argument('--minutes', type=float, help='after which none is begun (1/2 per trial)')
    ask.add_argument('--domain', type=int, default=DOMAIN, help='ROS_DOMAIN_ID of the processes')
    ask.add_argument('--out', type=Path, default=Path('out/faults'), help='logs, recordings, JSON')
    ask.add_argument('--page', type=Path, help='folder for faults.md and faults.png')
    ask.add_argument('--keep', action='store_true', help='the whole recordings and all logs')
    given = ask.parse_args()
    if given.minutes is None:
        given.minutes = 0.5 * given.trials
    if given.trials < 1 or given.seed < 0 or not given.minutes > 0.0:
        ask.error('at least 1 trial, seeds from 0 on, and some time')
    return given


def main() -> None:
    """Run the trials, print the table, write the rest.

    Exit status 1 where one deviates, where not all were run, and where all are void.
    """
    given = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plans = [Plan.drawn(seed, CASES) for seed in range(given.seed, given.seed + given.trials)]
    folders = (given.out, given.page) if given.page else (given.out,)
    try:
        for folder in folders:  # what is wrong with it is said before minutes of work
            with writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
        with writing(given.out):
            clear(given.out)
        session, why = trials(plans, given.out, given.domain, given.minutes)
        outcomes = judge(session, given.out)
        if outcomes:
            print(*page.table(outcomes), sep='\n')
            for folder in folders:
                tell(outcomes, folder)
        if not why and not given.keep:
            shutil.rmtree(given.out / PARTS)
    except (BagError, OSError) as error:
        sys.exit(f'faults: {error}')
    except KeyboardInterrupt:
        sys.exit(130)
    if why:
        sys.exit(f'faults: {why}')
    if all(outcome.verdict == VOID for outcome in outcomes):
        sys.exit('faults: every trial is void: is the machine too slow, or too busy?')
    sys.exit(any(outcome.verdict == DEVIATES for outcome in outcomes))


if __name__ == '__main__':
    main()
