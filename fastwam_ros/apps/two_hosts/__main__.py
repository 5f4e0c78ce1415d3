"""Policy and executor on two hosts: what do the arms do when the network fails, or a clock is off?

`python -m fastwam_ros.apps.two_hosts`, as root. The hosts are network namespaces of this machine.
"""

import argparse
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from fastwam_ros.apps.bench.rows import Results as Machine
from fastwam_ros.apps.faults.operator import GoneError
from fastwam_ros.apps.faults.stage import StageError
from fastwam_ros.apps.files import writing
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.two_hosts.cases import Case, named
from fastwam_ros.apps.two_hosts.figures import Seen
from fastwam_ros.apps.two_hosts.hosts import Hosts
from fastwam_ros.apps.two_hosts.network import Network, NoNetworkError
from fastwam_ros.apps.two_hosts.page import cells, page, table
from fastwam_ros.apps.two_hosts.trial import Trial, Trials
from fastwam_ros.bag.reader import Bag, BagError

DOMAIN = 93


def trials(cases: Sequence[Case], folder: Path, domain: int) -> list[tuple[Trial, Seen | None]]:
    """Run them, and what was seen. Raises NoNetworkError, StageError, GoneError, BagError."""
    found = []
    with Network() as network:
        hosts = Hosts(folder, domain, network)
        try:
            running = Trials(hosts, network, folder)
            for case in cases:
                print(case.name, file=sys.stderr, flush=True)
                found.append(running.run(case))
        finally:
            hosts.end()
    run = Run.read(Bag(running.recording))
    return [(each, Seen.of(run, each) if each.marks.watched else None) for each in found]


def _asked() -> argparse.Namespace:
    ask = argparse.ArgumentParser('python -m fastwam_ros.apps.two_hosts')
    ask.add_argument('--only', default='', help='cases whose names hold these words')
    ask.add_argument('--domain', type=int, default=DOMAIN, help='ROS_DOMAIN_ID of the processes')
    ask.add_argument('--out', type=Path, default=Path('out/two_hosts'), help='logs, recording')
    ask.add_argument('--page', type=Path, help='the page to write')
    return ask.parse_args()


def main() -> None:
    """Print the table; exit status 1 where a limit was exceeded or a policy never drove again."""
    given = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        cases = named(given.only)
        shutil.rmtree(given.out, ignore_errors=True)
        given.out.mkdir(parents=True)
        found = trials(cases, given.out, given.domain)
        rows = [cells(*each) for each in found]
        print(*table(rows), sep='\n')
        if given.page:
            where = Machine.here('', 'two_hosts', ())
            words = f'{where.machine}, {where.cores} cores, Python {where.python}; {where.date}'
            with writing(given.page):
                given.page.write_text(page(rows, f'{words}, revision {where.revision}'))
    except (NoNetworkError, StageError, GoneError, BagError, OSError, ValueError) as error:
        sys.exit(f'two_hosts: {error}')
    except KeyboardInterrupt:
        sys.exit(130)
    wrong = [words for _, seen in found if seen is not None for words in seen.beyond()]
    print(*wrong, sep='\n', end='' if not wrong else '\n')
    sys.exit(bool(wrong) or any(trial.marks.trouble for trial, _ in found))


if __name__ == '__main__':
    main()
