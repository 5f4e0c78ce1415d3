"""The model's benchmark goes through, needs nothing of a robot, and sees what it is to see."""

import math
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from fastwam_ros.apps.bench import full
from fastwam_ros.apps.bench.floor import Device, Work, phases
from fastwam_ros.apps.bench.launches import Kernel, lines
from fastwam_ros.apps.bench.loading import loading
from fastwam_ros.apps.bench.models import FULL, SIZES, VARIANTS, Subject, Weights
from fastwam_ros.apps.bench.naive import Naive
from fastwam_ros.apps.bench.rows import ROOT
from fastwam_ros.apps.bench.variants import SHARED, Place
from fastwam_ros.apps.bench.wide import Wide
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.schedule import Schedule, constant_noise

from ..wam.parity import arrays, tiny_model

ONCE = replace(SIZES['tiny'], runs=1, often=1, warm=0)
PLACE = Place('cpu', 'bf16', 1)
# What a machine with a GPU and nothing else of ours has not.
ABSENT = (
    *('ruckig', 'pinocchio', 'coal', 'mujoco', 'rosbags', 'mcap', 'matplotlib', 'bokeh', 'xacro'),
    *('rclpy', 'rosless', 'cyclonedds', 'OpenGL', 'accelerate', 'torchvision', 'torchaudio'),
)
WITHOUT = f"""
import runpy, sys
sys.modules.update(dict.fromkeys({ABSENT}))
sys.argv = ['bench', *sys.argv[1:]]
runpy.run_module('fastwam_ros.apps.bench', run_name='__main__', alter_sys=True)
"""


@pytest.fixture(scope='module')
def weights():
    return Weights(ONCE, True, 'cpu', torch.bfloat16)


def bench(folder, *words):
    ran = subprocess.run(
        [sys.executable, '-c', WITHOUT, *words],
        cwd=folder,
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_it_needs_nothing_of_a_robot(tmp_path):
    code, said = bench(tmp_path, 'wam', '--help')
    assert code == 0 and '--no-loading' in said, said
    code, said = bench(tmp_path, 'wam', '--full', '--size', 'tiny')
    assert code == 2 and '--full is a size of its own' in said
    code, said = bench(tmp_path)
    assert code == 1 and 'ModuleNotFoundError' in said  # so that the others are really absent


def test_all_rows_of_the_table():
    rows = list(full.table('tiny', ONCE, PLACE, VARIANTS, 2, ['int8']))
    named = {row.name: row for row in rows}
    assert len(named) == len(rows) == 7 * len(VARIANTS) + len(SHARED) + 3
    assert all(math.isfinite(row.median) and row.median > 0 for row in rows)
    for variant in VARIANTS:
        error = named[f'{variant}, distance from fp32']
        assert 0 < error.median < 0.1 and error.beside_is == 'naively'
        assert '% of the floor, by ' in named[variant].note
        assert 'operator by operator, kernels torch' in named[variant].note
    assert 0 < named['fastwam, int8, distance from fp32'].median < 0.1
    assert {'fastwam, 8 noises', 'fastwam, 4 robots', 'fastwam, 16 robots'} <= set(named)


def test_robots_in_one_call_get_what_each_gets_naively(weights):
    """The last that is made has the room; those before go on in it."""
    one, four = (Subject(weights, 'joint', 1, batch=batch) for batch in (1, 4))
    assert one.run().shape == (1, 32, 14)
    for made in (four.run(), four.run_naively()):
        exact = four.run_widely()
        assert made.shape == (4, 32, 14)
        assert (made - exact).norm() < 0.1 * exact.norm()


def test_what_nobody_wrote_is_seen(weights):
    subject = Subject(weights, 'fastwam', 1)
    good = subject.run()
    subject.poison()
    assert torch.equal(subject.run(), good)
    assert weights.network.memory[0].isnan().any()  # rows of frames that fastwam imagines not
    weights.network.prefill = lambda *_: 120
    try:
        assert not math.isfinite(full.distance('', '', subject, subject.run, [good]).median)
    finally:
        del weights.network.prefill


def test_wide_is_the_model_in_fp32():
    inputs, run = arrays('tiny_inputs'), arrays('tiny_infer_fastwam_fp32')
    narrow = tiny_model().bfloat16()
    made = []
    for model in (narrow, tiny_model().bfloat16().float()):
        naive = Naive(model, Schedule.shifted(10))
        with Wide(), torch.no_grad():
            context = torch.cat((inputs['context'], model.state_row(inputs['proprio'])), dim=1)
            latent = run['first_frame_latents']
            made.append(naive.fastwam(latent, context, constant_noise(32, 7), torch.empty(0)))
    assert made[0].dtype == torch.float32
    assert torch.equal(*made)


def test_the_limit_is_the_longest_phase():
    device = Device(bandwidth=10.0, rate=100.0)
    works = [Work('image', 0, 150), Work('actions', 10, 30), Work('actions', 10, 30)]
    assert device.limit(works) == 'actions: 57% of the floor, by bandwidth'
    assert device.limit(works[:2]) == 'image: 60% of the floor, by compute'


def test_phases_of_a_call(weights):
    found = [work.phase for work in phases(Subject(weights, 'idm', 1))]
    frames = ['frames read', *['frames'] * 10, 'frames read']
    assert found == ['text', 'image', *frames, *['actions'] * 10]


def test_a_bundle_is_made_and_loaded(tmp_path, monkeypatch):
    monkeypatch.setenv('TMPDIR', str(tmp_path))
    rows = {row.name: row for row in loading('tiny', ONCE, PLACE, decoder=8)}
    assert list(rows) == [
        'a bundle made',
        'a bundle loaded',
        'a bundle loaded, host',
        'its first chunk',
    ]
    assert all(math.isfinite(row.median) for row in rows.values())
    assert 'operator by operator' in rows['a bundle loaded'].note


def test_a_profile_lists_the_longest_kernels_with_their_shares():
    found = [Kernel('gemm', 30, 0.003), Kernel('norm', 60, 0.001), Kernel('Memcpy HtoD', 2, 1e-6)]
    told = list(lines(found, 2))
    assert told[0] == '92 launches and copies, 4.001 ms of the device'
    assert told[1].split() == ['30', '3.000', 'ms', '75.0%', 'gemm']
    assert len(told) == 3
    assert [kernel.copies for kernel in found] == [False, False, True]


def test_the_full_size_is_the_released_one():
    with torch.device('meta'):
        model = FastWAM(FULL.model, imagines=True)
    count = sum(part.numel() for part in model.parameters())
    state = 4096 * 15
    assert count == 4_999_787_712 + 1_020_900_366 + state
