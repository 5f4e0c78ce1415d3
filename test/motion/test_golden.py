"""Tapes that are kept: this version commands what the one that wrote them did.

Compared to 1e-9 rad, because libraries of linear algebra may differ in the last bits from machine
to machine; two plays in one process agree to the last bit. A change of the executor that changes
commands on purpose writes the tapes anew, and its commit says so:

    python -m test.motion.test_golden

A tape is lines of JSON, compressed (`xzcat`): what was told, and at every tick what was commanded.
"""

from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.chaos.draw import Draw, limited
from fastwam_ros.apps.chaos.golden import Coarse, Golden
from fastwam_ros.apps.chaos.run import play
from fastwam_ros.apps.chaos.tape import taped
from fastwam_ros.motion.executor import Executor

FOLDER = Path(__file__).parents[1] / 'fixtures' / 'golden'
SAME = 1e-9  # [rad], [m]
LENGTH, EVERY = 6.0, 8  # [s]; readings that are kept: 25 of 200 a second
# By name: what the executor is made for, and the seed of what happens to it.
TAPES = {
    'fast': ({'rate': 200.0, 'share': 1.0, 'bridge': 'fast'}, 3),
    'smooth': ({'rate': 200.0, 'share': 1.0, 'bridge': 'smooth'}, 5),
    'slow': ({'rate': 100.0, 'share': 0.6, 'bridge': 'fast', 'blending': 'cross_fade'}, 10),
}


def path(name: str) -> Path:
    return FOLDER / f'{name}.jsonl.xz'


@pytest.fixture(scope='module', params=TAPES)
def golden(request):
    return Golden.read(path(request.param))


def test_what_was_commanded_is_commanded(golden):
    again = golden.again()
    silent = np.isnan(golden.commands)
    assert np.array_equal(np.isnan(again.commands), silent)
    gap = np.abs(again.commands - golden.commands)
    late = np.nan_to_num(gap, nan=0.0).max(axis=1)
    assert late.max() <= SAME, f'from tick {int((late > SAME).argmax())} on'
    assert np.nanmax(np.abs(again.openings - golden.openings)) <= SAME


def test_two_plays_agree_to_the_last_bit(golden):
    one, other = golden.again(), golden.again()
    assert np.array_equal(one.commands, other.commands, equal_nan=True)
    assert np.array_equal(one.openings, other.openings, equal_nan=True)


def test_a_tape_is_worth_keeping(golden):
    """The arms move for most of it, and are silent at some time."""
    moves = np.abs(np.diff(golden.commands, axis=0)).max(axis=1) > 1e-5
    assert moves.mean() > 0.3
    assert {call.verb for call in golden.calls} >= {'tick', 'on_chunk', 'on_measured'}


def test_a_tape_reads_back_as_it_was_written(golden, tmp_path):
    golden.write(tmp_path / 'again')
    again = Golden.read(tmp_path / 'again')
    assert again.made == golden.made
    assert np.array_equal(again.commands, golden.commands, equal_nan=True)
    again.write(tmp_path / 'third')
    assert (tmp_path / 'again').read_bytes() == (tmp_path / 'third').read_bytes()
    assert np.array_equal(again.again().commands, golden.again().commands, equal_nan=True)


def write() -> None:
    """Write all tapes anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (made, seed) in TAPES.items():
        draw = Draw.of(seed)
        executor = Executor(limited(**made), 1)
        calls = taped(executor, Coarse(EVERY))
        play(
            Draw(seed, made['share'], executor.settings, draw.nature, 0.4, True), executor, LENGTH
        )
        Golden.of(made, calls).write(path(name))
        print(f'{path(name)}: {path(name).stat().st_size / 1e3:.0f} kB')


if __name__ == '__main__':
    write()
