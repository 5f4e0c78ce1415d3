"""Kernels of our own beside torch's operators: numbers in Triton's interpreter, never speed.

What a GPU would get is compiled too, by the same compiler; only running it there is missing here.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip('triton', reason='a CUDA build of torch brings it; `pip install triton`')

from fastwam_ros.wam.fused import cut

from . import launches

ROOT = Path(__file__).resolve().parents[2]
SHARED = 99 << 10  # bytes of shared memory that a program may take on every card since Ampere


def interpreted(what: str) -> dict[str, float]:
    """In a process of its own: the interpreter is chosen when Triton is imported."""
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-m', 'test.wam.interpreted', what],
        cwd=ROOT,
        env={**os.environ, 'TRITON_INTERPRET': '1'},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_each_verb_gives_what_torch_gives():
    """In fp32 to a few roundings of each number, in fp16 to one or two; all shapes and options."""
    found = interpreted('verbs')
    assert len(found) > 100
    for name, roundings in found.items():
        assert roundings < (12.0 if 'float32' in name else 4.0), name


def test_the_whole_model_gives_what_torch_gives():
    """Every way of sampling, on the tiny model with its released weights' layout."""
    found = interpreted('model')
    for name, value in found.items():
        assert value > 1.0 if name.endswith('moves') else value < 1e-5, name


def test_a_layer_is_eleven_launches_at_full_size():
    phases = launches.full_size()
    assert len(phases['step']) == 30 * 11
    assert len(phases['picture']) == 29 * 11 + 2  # of the last layer its keys and values alone
    kinds = Counter(launch.kernel for launch in phases['step'])
    assert kinds == {'product': 180, 'settle': 90, 'attend': 30, 'listen': 30}


@pytest.mark.parametrize('precision', ['full', 'fp8'])
def test_what_is_launched_compiles_for_a_gpu_and_fits_it(precision):
    """For an H100 or H200 at full size; every other card's compiler sees the same program."""
    compiled = 0
    for phase in launches.full_size(precision=precision).values():
        for launch in set(phase):
            taken = launches.resources(launch.compiled(90))
            assert taken['STACK'] == taken['LOCAL'] == 0, (launch, taken)  # nothing spilled
            assert taken['SHARED'] <= SHARED, (launch, taken)
            compiled += 1
    assert compiled > 15


@pytest.mark.parametrize('rows', [1, 32, 120, 128, 240, 480, 1920])
@pytest.mark.parametrize(('outputs', 'inputs'), [(9216, 1024), (1024, 4096), (14336, 3072)])
def test_a_cut_covers_the_product_and_keeps_the_device_busy(rows, outputs, inputs):
    size = cut(rows, outputs, inputs, 0, 132, splits=True)
    share = -(-inputs // size.splits)
    assert share >= size.inputs and size.rows <= 128
    programs = -(-outputs // size.outputs) * -(-rows // size.rows) * size.splits
    assert programs >= 90, size


def test_a_tile_never_spans_two_parts():
    assert all(96 % cut(rows, 288, 40, 96, 132, False).outputs == 0 for rows in (1, 32, 200))
    with pytest.raises(ValueError, match='multiple of 16'):
        cut(32, 3 * 40, 40, 40, 132, False)
