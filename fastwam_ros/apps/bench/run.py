"""What the loop costs on the wire: the demo's processes at work, and the stand-in by itself.

The demo's figures are read off its recording, so they count what a subscriber sees.
"""

import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fastwam_ros.apps.bench.rows import ROOT, Row
from fastwam_ros.apps.demo import Run, watch
from fastwam_ros.apps.report import events
from fastwam_ros.apps.report.chunks import verdicts
from fastwam_ros.apps.report.run import Heard
from fastwam_ros.apps.report.run import Run as Recorded
from fastwam_ros.bag.reader import Bag
from fastwam_ros.robot.joints import SIDES

DEMO, STAND_IN = 'in the demo', 'the stand-in for rclpy'
_TICKS = os.sysconf('SC_CLK_TCK')


def demo(inference_alone: float, tick_alone: float) -> Iterator[Row]:
    """One demo. Raises RuntimeError when it does not go through.

    inference_alone [ms], tick_alone [us]: what the rows of the loaded machine are compared with.
    """
    with TemporaryDirectory() as folder:
        run = Run(Path(folder), seed=0)
        try:
            problem = watch(run)
            shares = list(cpu_shares(run.pid))
        finally:
            run.end()
        if problem:
            raise RuntimeError(f'the demo did not go through: {problem}')
        bag = Bag(run.recording)
        yield from _chunks(Recorded.read(bag), inference_alone)
        yield from _ticks(_diagnostics(bag), tick_alone)
    yield from (Row(DEMO, f'processor, {name}', share, '% of a core') for name, share in shares)


def _chunks(run: Recorded, alone: float) -> Iterator[Row]:
    took = [1e3 * message.inference_time for _, message in run.chunks]
    beside = {'beside': alone, 'beside_is': 'inference alone'}
    yield Row.of(DEMO, 'inference', took, 'ms', note='beside the other processes', **beside)
    delays = [1e3 * delay for delay in verdict_delays(run.chunks, run.states)]
    note = 'chunk on the wire to the state with its verdict; told at a tick, every 5 ms'
    yield Row.of(DEMO, 'publish to accept', delays, 'ms', note=note)
    ages = 1e3 * events.ages(events.starts(run.states), run.arms[SIDES[0]])
    note = 'head stamp to the first command from it'
    yield Row.of(DEMO, 'picture to command', ages.tolist(), 'ms', note=note)


def verdict_delays(chunks: list[Heard], states: list[Heard]) -> Iterator[float]:
    """Seconds from each chunk to the first state that judges it, both as the recorder got them.

    A negative one would say that the recorder got the answer first: it counts as nothing.
    """
    judged: dict[tuple[int, int], int] = {}
    for verdict in verdicts(states):
        judged.setdefault((verdict.epoch, verdict.sequence), verdict.received)
    for received, chunk in chunks:
        told = judged.get((chunk.epoch, chunk.sequence))
        if told is not None:
            yield max(told - received, 0) / 1e9


def _ticks(windows: list[dict[str, float]], alone: float) -> Iterator[Row]:
    for key, name, beside, beside_is in (
        ('lateness us', 'executor lateness', 5e3, 'period of 5 ms'),
        ('tick us', 'executor tick', alone, 'executor tick alone'),
    ):
        p50, p99 = (statistics.median(w[f'{key} {q}'] for w in windows) for q in ('p50', 'p99'))
        worst = max(w[f'{key} max'] for w in windows)
        note = f'medians over {len(windows)} windows of 1 s'
        yield Row(DEMO, name, p50, 'us', p99, worst, beside, beside_is, note)


def _diagnostics(bag: Bag) -> list[dict[str, float]]:
    windows = []
    for record in bag.records({'/diagnostics'}):
        for status in bag.decode(record).status:
            values = {pair.key: pair.value for pair in status.values}
            if 'lateness us p50' in values:
                windows.append(measured(values))
    return windows


def measured(values: Mapping[str, str]) -> dict[str, float]:
    """The figures among what a node tells of its health, without what it says in words."""
    keys = (key for key in values if key.startswith(('lateness us ', 'tick us ')))
    return {key: float(values[key]) for key in keys}


def cpu_shares(parent: int) -> Iterator[tuple[str, float]]:
    """Name and share [% of a core] of each child process over its life, from /proc."""
    up = float(Path('/proc/uptime').read_text().split()[0])
    for stat in Path('/proc').glob('[0-9]*/stat'):
        try:
            fields = stat.read_text().rpartition(')')[2].split()
            words = (stat.parent / 'cmdline').read_text().split('\0')
        except OSError:  # it ended meanwhile
            continue
        if int(fields[1]) == parent and 'run' in words:
            used, begun = (int(fields[11]) + int(fields[12])) / _TICKS, int(fields[19]) / _TICKS
            yield words[words.index('run') + 2], 100.0 * used / max(up - begun, 1.0)


def stand_in() -> Iterator[Row]:
    """The figures of rosless' own benchmark.

    Beside what was recorded of rclpy elsewhere; a timer's jitter beside that of a bare loop here.
    """
    command = [sys.executable, str(ROOT / 'rosless' / 'bench.py'), '--json']
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    of, loop = '', 0.0
    for found in json.loads(told.stdout)['figures']:
        name, value, recorded = found['name'], found['value'], found['recorded']
        if name.startswith(' '):  # more about the one before
            name = f'{of}: {name.strip()}'
        else:
            of = re.sub(r' p\d+$', '', name.split(':')[0])
        beside, beside_is = (recorded, 'rclpy, recorded') if recorded else (None, '')
        if name.endswith('jitter p99'):
            beside, beside_is = (loop, 'a loop without ROS') if loop else (None, '')
            loop = loop or value
        yield Row(STAND_IN, name, value, found['unit'], beside=beside, beside_is=beside_is)
