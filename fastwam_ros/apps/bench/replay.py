"""How fast a long recording is replayed, and in how much memory: `bench replay RECORDING`.

A recording is repeated, with later stamps and few pictures, until it is long enough; then
`fastwam-replay` goes over its first minutes. Memory is the most until everything was replayed, and
the most of the whole command, with the measures and the page that it makes in the end.
"""

import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fastwam_ros.apps.memory import most_memory
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.run import Facts
from fastwam_ros.bag.streams import SECOND, later, stamp_of
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.robot.roles import is_sensor

_REPLAY = [sys.executable, '-m', 'fastwam_ros.apps.replay']
_SPEED = re.compile(r'^replayed\s+.*: (\S+) times as fast$', re.MULTILINE)
_MEMORY = re.compile(r'^most memory until here\s+(\S+) MB$', re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What a replay of some minutes took. speed: times real time; memory, whole: most [MB]."""

    minutes: float
    speed: float
    memory: float
    whole: float

    def __str__(self) -> str:
        return (
            f'{self.minutes:g} min: {self.speed:.1f} times real time, {self.memory:.0f} MB, '
            f'with measures and page {self.whole:.0f} MB'
        )


def main(words: list[str]) -> None:
    """Print a line per length."""
    ask = ArgumentParser('python -m fastwam_ros.apps.bench replay')
    ask.add_argument('recording', type=Path, help='what is repeated, of this package')
    ask.add_argument('--minutes', type=float, nargs='+', default=[1.0, 10.0, 60.0])
    ask.add_argument('--pictures', type=float, default=0.2, help='[Hz] per camera, 0.2 by default')
    given, more = ask.parse_known_args(words)  # more: for fastwam-replay
    with TemporaryDirectory() as folder:
        long = Path(folder) / 'long.mcap'
        repeated(Bag(given.recording), long, max(given.minutes) * 60.0, given.pictures)
        print(f'{max(given.minutes):g} min in {long.stat().st_size / 1e6:.0f} MB', flush=True)
        for minutes in given.minutes:
            print(_row(long, minutes, more), flush=True)


def repeated(bag: Bag, output: Path, seconds: float, pictures: float) -> None:
    """A recording over and over, for so many seconds, with pictures [Hz] of each camera.

    Sensors, commands and chunks alone, each with its stamps. Raises BagError for a recording of
    another kind, OSError.
    """
    roles = Roles.of(bag, '')
    topics = {t: role for role, t in roles.topics.items() if _goes_on(role)}
    records = list(_thinned(bag, topics, round(SECOND / pictures)))
    if not records:
        raise BagError(f'{bag.path} has nothing that can be replayed')
    period = records[-1].received - records[0].received + SECOND // 200
    with BagWriter(output) as out:
        Facts.read(bag).write(out)
        offered = quality(True, False, 10)
        channels = {topic: out.channel(topic, bag.topics[topic], offered) for topic in topics}
        for turn in range(int(seconds * SECOND // period) + 1):
            for record in records:
                data = later(record.data, turn * period)
                out.write(channels[record.topic], record.received + turn * period, data)


def _goes_on(role: str) -> bool:
    return is_sensor(role) or '_command_' in role or role == 'chunk'


def _thinned(bag: Bag, topics: dict[str, str], apart: int) -> Iterator[Record]:
    """All records but for pictures that come sooner than `apart` [ns] after those of their kind.

    The cells are those of the stamps, so that pictures of one moment stay together.
    """
    cells: dict[str, int] = {}
    for record in bag.records(topics):
        role = topics[record.topic]
        if role.startswith('image_'):
            cell = stamp_of(record.data) // apart
            if cells.get(role) == cell:
                continue
            cells[role] = cell
        yield record


def _row(bag: Path, minutes: float, more: list[str]) -> Row:
    out = bag.with_name(f'out_{minutes:g}')
    words = [*_REPLAY, str(bag), '--out', str(out), '--duration', str(60.0 * minutes), *more]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    whole = 0.0
    while process.poll() is None:
        whole = max(whole, most_memory(process.pid))  # NaN, when it has just ended, is no more
        time.sleep(0.05)
    said = process.stdout.read() if process.stdout else ''
    speed, memory = _SPEED.search(said), _MEMORY.search(said)
    if speed is None or memory is None:
        raise SystemExit(f'bench replay: {" ".join(words)} ended with {process.returncode}')
    return Row(minutes, float(speed[1]), float(memory[1]), whole)
