"""Figures of the stand-in: round trips, what a control node costs, how regular its timer is.

`python rosless/bench.py` prints a table beside what was recorded of real rclpy; `--json` prints
the same as data. No asserts. `BENCH_REAL=1 python rosless/bench.py` measures a sourced ROS 2 with
the same code. The recorded figures: rclpy 3.3.15 (Humble) on rmw_cyclonedds_cpp, 2 cores, Debian
12, loopback, 2026-11-20, one run of 6 s each. They are of another machine than yours: compare
ratios with care, and measure both on one machine where you can.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROLES = Path(__file__).with_name('bench_roles.py')
START = """
import json, os, resource, time
begun = time.perf_counter()
if 'BENCH_REAL' not in os.environ:
    from rosless import stage
    stage.set_up()
import rclpy
from rclpy.node import Node
from sensor_msgs.msg import JointState
imported = time.perf_counter()
rclpy.init(args=[])
Node('start')
up = time.perf_counter()
pages = int(open('/proc/self/statm').read().split()[1])
figures = {'import': imported - begun, 'init': up - imported}
print(json.dumps(figures | {'rss': pages * resource.getpagesize() / 1e6}))
"""

# What is measured: the role, who is on the other side, and the figures to show of it:
# name, key, unit, what was recorded of real rclpy (None: nothing). Its CPU per trip is 61 % of the
# 288 us that a trip took.
PLAN = (
    (
        'ping',
        'pong',
        (
            ('round trip of a JointState p50', 'p50', 'us', 288.0),
            ('round trip of a JointState p95', 'p95', 'us', 344.0),
            ('round trip of a JointState p99', 'p99', 'us', 548.0),
            ('  CPU per trip of the pinging process', 'cpu', 'us', 176.0),
        ),
    ),
    (
        'call',
        'pong',
        (
            ('round trip of a service call p50', 'p50', 'us', 460.0),
            ('round trip of a service call p99', 'p99', 'us', None),
        ),
    ),
    (
        'bare',
        None,
        (
            ('200 Hz loop without ROS: jitter p99', 'jitter_p99', 'ms', None),
            ('  largest', 'jitter_max', 'ms', None),
        ),
    ),
    (
        'alone',
        None,
        (
            ('200 Hz timer alone: jitter p50', 'jitter_p50', 'ms', None),
            ('200 Hz timer alone: jitter p99', 'jitter_p99', 'ms', 0.30),
            ('  largest', 'jitter_max', 'ms', 1.6),
            ('  CPU', 'cpu', '%', 10.0),
        ),
    ),
    (
        'with_cameras',
        'cameras',
        (
            ('+ 3 cameras 30 Hz 100 KB: jitter p50', 'jitter_p50', 'ms', None),
            ('+ 3 cameras 30 Hz 100 KB: jitter p99', 'jitter_p99', 'ms', 0.51),
            ('  largest', 'jitter_max', 'ms', 1.6),
            ('  age of an image p50', 'age_p50', 'ms', 0.87),
            ('  images received', 'images', '1/s', 90.0),
            ('  CPU', 'cpu', '%', 13.0),
        ),
    ),
    (
        'with_all',
        'feed',
        (
            ('+ feedback 200 Hz: jitter p50', 'jitter_p50', 'ms', None),
            ('+ feedback 200 Hz: jitter p99', 'jitter_p99', 'ms', None),
            ('  age of an image p50', 'age_p50', 'ms', None),
            ('  messages lost', 'lost', '', None),
            ('  CPU', 'cpu', '%', None),
        ),
    ),
    (
        'publishing',
        None,
        (
            ('building and sending an image', 'image', 'ms', 0.21),
            ('  CPU of three cameras', 'cpu', '%', 3.0),
        ),
    ),
    (
        'start',
        None,
        (
            ('import', 'import', 's', 0.10),
            ('init and a node', 'init', 's', 0.04),
            ('resident memory', 'rss', 'MB', 48.0),
        ),
    ),
)


@dataclass(frozen=True)
class Figure:
    """One measured figure; recorded: of real rclpy, None where nobody measured it."""

    name: str
    unit: str
    value: float
    recorded: float | None

    @property
    def ratio(self) -> float | None:
        """Below 1: less than real rclpy took."""
        return self.value / self.recorded if self.recorded else None

    def line(self) -> str:
        """A row of the table."""
        recorded = '' if self.recorded is None else f'{self.recorded:g}'
        ratio = '' if self.ratio is None else f'{self.ratio:.2f}'
        return f'{self.name:40} {self.value:9.2f} {self.unit:4} {recorded:>9} {ratio:>7}'


def measure(role: str, other: str | None) -> dict[str, float]:
    """The figures of a role, with the other side running."""
    command = [sys.executable, ROLES, other]  # what it prints is no figure
    helper = subprocess.Popen(command, stdout=subprocess.DEVNULL) if other else None
    try:
        words = ['-c', START] if role == 'start' else [str(ROLES), role]
        ran = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE)
        if ran.returncode:
            raise SystemExit(f'bench: {role} ended with status {ran.returncode}')
        return json.loads(ran.stdout)
    finally:
        if helper:
            helper.terminate()
            helper.wait()


def figures(chosen: list[str]) -> list[Figure]:
    """The figures of the chosen roles, in order."""
    found = []
    for role, other, rows in PLAN:
        if role in chosen:
            got = measure(role, other)
            found += [Figure(name, unit, got[key], known) for name, key, unit, known in rows]
    return found


def main() -> None:
    """Measures and prints what the command line asks for."""
    known = [role for role, *_ in PLAN]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--json', action='store_true', help='as data on stdout')
    parser.add_argument('--only', nargs='+', choices=known, default=known, metavar='ROLE')
    given = parser.parse_args()
    os.environ.setdefault('ROSLESS_QUIET', '1')
    before = os.getloadavg()[0]
    found = figures(given.only)
    if given.json:
        rows = [asdict(figure) | {'ratio': figure.ratio} for figure in found]
        print(json.dumps({'load': before, 'figures': rows}, indent=1))
        return
    print(f'load average before: {before:.2f}')
    print(f'{"":40} {"here":>9} {"":4} {"rclpy":>9} {"ratio":>7}')
    for figure in found:
        print(figure.line())


if __name__ == '__main__':
    main()
