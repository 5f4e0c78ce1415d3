"""A device that is missing or too small is said before anything is loaded; memory may run out."""

import json

import numpy as np
import pytest
import torch

from fastwam_ros.wam import device
from fastwam_ros.wam.assembly import memory
from fastwam_ros.wam.bundle import Bundle
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.policy import Observation, Policy
from fastwam_ros.wam.vision import ImageEncoder, VaeSize

from . import small_bundle
from .parity import FOLDER
from .test_checkpoint import full_size

ONE = Observation(np.zeros((64, 32, 3), np.uint8), [0.0, 0.0, 0.0], 'reach')


@pytest.fixture
def gpu(monkeypatch):
    """A GPU of 24 GB with 8 GB free, of which nothing can be had."""
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)
    monkeypatch.setattr(torch.cuda, 'mem_get_info', lambda _: (8.0e9, 24.0e9))


def test_what_is_no_device(tmp_path):
    folder = small_bundle.write(tmp_path / 'b')
    with pytest.raises(ValueError, match="'gpu' is none: cpu, cuda"):
        Policy.load(folder, device='gpu')


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_a_gpu_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"'cuda': .* sees 0 of its kind: a driver"):
        Policy.load(small_bundle.write(tmp_path / 'b'), device='cuda')


def test_another_gpu_than_there_are(gpu):
    with pytest.raises(ValueError, match=r"'cuda:1': .* sees 1 of its kind"):
        device.check_device('cuda:1', 0)


def test_a_gpu_that_is_too_small(gpu):
    device.check_device('cuda', 7_900_000_000)
    with pytest.raises(ValueError, match=r'needs about 8\.1 GB of cuda, which has 8\.0 of 24\.0'):
        device.check_device('cuda', 8_100_000_000)


def test_it_is_said_before_anything_is_loaded(gpu, tmp_path, monkeypatch):
    folder = small_bundle.write(tmp_path / 'b')
    monkeypatch.setattr(torch.cuda, 'mem_get_info', lambda _: (0.5e9, 24.0e9))
    with pytest.raises(ValueError, match=r'needs about 1\.0 GB of cuda, which has 0\.5'):
        Policy.load(folder, device='cuda')


def test_the_full_size_needs_what_its_files_say(tmp_path):
    """Within a gigabyte and a half of the released file's and the encoder's bytes."""
    contract = Bundle.read(small_bundle.write(tmp_path / 'b')).contract
    with torch.device('meta'):
        model, encoder = FastWAM(full_size(14, 14)), ImageEncoder(VaeSize(160, 2))
    shapes = json.loads((FOLDER / 'full_state_dict_shapes.json').read_text())
    weights = sum(int(np.prod(s)) for s in shapes['robotwin_3cam_384']['mot'].values())
    encoders = sum(
        int(np.prod(s)) for k, s in shapes['vae'].items() if k.startswith('model.encoder')
    )
    needed = memory(contract, model, encoder, 1, 'cuda')
    assert 0 < needed - 2 * (weights + encoders) < 1.5e9


@pytest.mark.parametrize(
    'error',
    [
        torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB.\nmore'),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 17 bytes"),
        MemoryError(),
    ],
)
def test_memory_that_runs_out_costs_one_chunk(tmp_path, monkeypatch, error):
    policy = Policy.load(small_bundle.write(tmp_path / 'b'))
    before = policy.predict_all([ONE])[0].rows
    velocity = policy._engine._network.velocity

    def fails(*_):
        raise error

    policy._engine._network.velocity = fails
    with pytest.raises(RuntimeError, match=r'^out of memory on cpu: something else') as told:
        policy.predict_all([ONE])
    assert '\n' not in str(told.value)
    policy._engine._network.velocity = velocity
    np.testing.assert_array_equal(policy.predict_all([ONE])[0].rows, before)


def test_other_errors_keep_their_words():
    with pytest.raises(RuntimeError, match=r'^shapes differ'), device.memory_named('cpu'):
        raise RuntimeError('shapes differ')
