"""What a recorder costs beside the simulated loop: `python -m fastwam_ros.apps.bench recorder`.

Simulator and executor hold the engaged arms, with a recorder and without in turns. How late the
executor's ticks are is what it tells of its health.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT
from tempfile import TemporaryDirectory
from typing import IO

from fastwam_ros.apps.bench.rows import ROOT
from fastwam_ros.apps.bench.run import cpu_shares

_ROSLESS = [sys.executable, '-m', 'rosless']
_LAUNCH = [*_ROSLESS, 'launch', str(ROOT / 'launch' / 'sim.launch.yaml'), 'policy:=false']
_STARTS = 15.0  # [s] until everything runs, on a busy machine
_FIGURE = r"key: lateness us (p50|p99|max)\s+value: '?([\d.e+-]+)"


def main(words: list[str]) -> None:
    """Print a line per turn and their medians."""
    ask = ArgumentParser('python -m fastwam_ros.apps.bench recorder')
    ask.add_argument('--turns', type=int, default=4, help='with and without, each; 4 by default')
    ask.add_argument('--seconds', type=float, default=20.0, help='per turn, 20 by default')
    given = ask.parse_args(words)
    found: dict[str, list[list[float]]] = {'without': [], 'with': []}
    for turn in range(2 * given.turns):
        name = ('without', 'with')[turn % 2]
        found[name].append(_turn(given.seconds, name == 'with'))
        print(_line(name, found[name][-1]), flush=True)
    for name, rows in found.items():
        print(_line(f'{name}, median', [statistics.median(c) for c in zip(*rows, strict=True)]))


def _line(name: str, row: list[float]) -> str:
    p50, p99, worst, recorder, executor, sim = row
    return (
        f'{name:16} executor late p50 {p50:6.1f} us, p99 {p99:7.1f} us, max {worst:8.1f} us; '
        f'% of a core: recorder {recorder:4.1f}, executor {executor:4.1f}, sim {sim:4.1f}'
    )


def _turn(seconds: float, recorded: bool) -> list[float]:
    """Lateness [us] p50, p99 (medians of windows of 1 s), max; shares [% of a core]."""
    with TemporaryDirectory() as folder, _running(_LAUNCH) as loop:
        script = ['--ros-args', '-p', 'script:=[engage]']
        time.sleep(_STARTS)
        subprocess.run([*_ROSLESS, 'run', 'fastwam_ros', 'person', *script], check=True)
        said = Path(folder) / 'health'
        given = ['--ros-args', '-p', f'output:={folder}/run.mcap', '-p', 'min_free:=0.1']
        words = ['run', 'fastwam_ros', 'recorder', *given] if recorded else ['--help']
        with said.open('w') as out, _running([*_ROSLESS, *words]):
            time.sleep(_STARTS / 3.0)
            with _running([*_ROSLESS, 'topic', 'echo', '/diagnostics'], out):
                time.sleep(seconds)
            shares = dict(cpu_shares(loop.pid)) | dict(cpu_shares(os.getpid()))
        figures = list(_figures(said.read_text()))
    medians = [statistics.median(v for k, v in figures if k == q) for q in ('p50', 'p99')]
    worst = max(v for k, v in figures if k == 'max')
    return [*medians, worst, *(shares.get(n, 0.0) for n in ('recorder', 'executor', 'sim'))]


def _figures(text: str) -> Iterator[tuple[str, float]]:
    return ((key, float(value)) for key, value in re.findall(_FIGURE, text))


@contextmanager
def _running(
    command: list[str], out: IO[str] | int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(SIGINT)
        process.wait()
