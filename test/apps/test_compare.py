"""Two recordings' chunks: what is equal, what is not, by how much, and why."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.messages import SECOND, cdr, header

ROOT = Path(__file__).parents[2]
NAMES = ['left_arm_joint1', 'left_gripper']
ROWS = np.arange(8.0).reshape(4, 2)


def chunk(stamp: int, rows=ROWS, **fields) -> bytes:
    given = {'task': 'wave', 'bundle': 'tiny@1', 'observation': f'{stamp:016x}', 'step': 0.1}
    positions = np.ascontiguousarray(rows).reshape(-1)
    given |= {'header': header(stamp * SECOND), 'joint_names': NAMES, 'positions': positions}
    return cdr('ActionChunk', **(given | fields))


def recording(path: Path, *chunks: bytes, namespace: str = '') -> Path:
    with BagWriter(path) as bag:
        kind = 'fastwam_ros/msg/ActionChunk'
        channel = bag.channel(f'{namespace}/fastwam/chunk', kind, quality(True, False, 1))
        for k, data in enumerate(chunks, 1):
            bag.write(channel, k * SECOND, data)
    return path


def compare(one: Path, other: Path) -> tuple[int, str]:
    """Exit status and everything that is printed."""
    command = [sys.executable, '-m', 'fastwam_ros.apps.compare', str(one), str(other)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 'Traceback' not in done.stderr
    return done.returncode, ' '.join((done.stdout + done.stderr).split())


@pytest.fixture
def one(tmp_path):
    return recording(tmp_path / 'one.mcap', *(chunk(k) for k in (1, 2, 3, 4)))


def test_equal_chunks_of_the_stamps_in_common(tmp_path, one):
    other = recording(
        tmp_path / 'b.mcap', *(chunk(k, epoch=9) for k in (2, 3, 7)), namespace='/robot1'
    )
    status, said = compare(one, other)
    assert status == 0
    assert 'chunks 4 and 3' in said
    assert 'head stamps in common 2' in said
    assert 'equal to the last bit 2' in said


def test_the_last_bit_counts_and_the_largest_difference_is_named(tmp_path, one):
    last = ROWS.copy()
    last[0, 0] = np.nextafter(0.0, 1.0)
    large = ROWS.copy()
    large[2, 1] += 0.25
    other = recording(tmp_path / 'b.mcap', chunk(1), chunk(2, last), chunk(3, large))
    status, said = compare(one, other)
    assert status == 1
    assert 'different 2' in said
    assert 'largest difference 0.25 (left_gripper, row 2), head stamp 3.000000000' in said
    assert 'first head stamp 2.000000000' in said
    assert '2 with the same observation' in said


CAUSES = {
    'another task': {'task': 'fold'},
    'another bundle': {'bundle': 'tiny@2'},
    'another observation': {'observation': 'ff'},
    'unknown': {'observation': ''},
}


@pytest.mark.parametrize('cause', CAUSES)
def test_the_cause_is_told(tmp_path, one, cause):
    other = recording(tmp_path / 'b.mcap', chunk(1, ROWS + 1e-9, **CAUSES[cause]))
    status, said = compare(one, other)
    assert status == 1
    assert f'1 with {cause}' in said


def test_other_rows_or_timing_are_differences_too(tmp_path, one):
    other = recording(tmp_path / 'b.mcap', chunk(1, ROWS[:3]), chunk(2, step=0.2))
    status, said = compare(one, other)
    assert (status, 'different 2' in said) == (1, True)
    assert 'inf (joints or rows)' in said


def test_nothing_to_compare_is_no_success(tmp_path, one):
    other = recording(tmp_path / 'b.mcap', chunk(9))
    status, said = compare(one, other)
    assert (status, 'no head stamp in common' in said) == (2, True)
    status, said = compare(one, recording(tmp_path / 'none.mcap'))
    assert (status, 'has no chunks in it' in said) == (2, True)
    status, said = compare(one, tmp_path / 'missing.mcap')
    assert (status, 'No such file' in said) == (2, True)
