"""Which kernels run: ours only where they were seen to give torch's numbers."""

import pytest
import torch

from fastwam_ros.wam import choice
from fastwam_ros.wam.choice import choose, disagreement
from fastwam_ros.wam.kernels import TorchKernels
from fastwam_ros.wam.lean import Lean

from .parity import tiny_model


class Good(TorchKernels):
    name = 'triton'


class Forgetful(Good):
    """Leaves one layer's gate out."""

    def add(self, x, y, into, gate, scale, shift):
        return super().add(x, y, into, None, scale, shift)


class Unfinished(Good):
    def listen(self, h, into, norm, words, bias):
        return super().listen(h, into, norm, words, bias) * torch.nan


class Hasty(Good):
    """Writes keys and values to the wrong place, which the picture itself does not show."""

    def attend(self, h, into, norms, rotary, memory, at):
        mixed = super().attend(h, into, norms, rotary, memory, at)
        memory[:, :, :, at] = 0.0
        return mixed


class Broken(Good):
    def widen(self, h, into):
        raise RuntimeError('no kernel image is available for execution on the device')


@pytest.fixture
def network():
    return Lean(tiny_model(imagines=False))


def offered(monkeypatch, kernels):
    monkeypatch.setattr(choice, '_ours', kernels)


def test_a_cpu_computes_by_torch_and_a_gpu_by_what_agrees(network, monkeypatch):
    offered(monkeypatch, Good)
    assert choose(network, 'cpu') == 'torch' and network.kernels.name == 'torch'
    assert choose(network, 'cuda', 'torch') == 'torch'
    assert choose(network, 'cuda').startswith('triton (relative L2 to torch 0.0e+00')
    assert isinstance(network.kernels, Good)


@pytest.mark.parametrize('kernels', [Forgetful, Unfinished, Hasty])
def test_other_numbers_are_seen_and_not_used(network, monkeypatch, kernels):
    assert disagreement(network, kernels()) > choice.TOLERANCE
    offered(monkeypatch, kernels)
    assert 'torch, as triton differs by' in choose(network, 'cuda')
    assert network.kernels.name == 'torch'
    with pytest.raises(ValueError, match='auto falls back'):
        choose(network, 'cuda', 'triton')


def test_what_does_not_run_is_not_used_and_named(network, monkeypatch):
    offered(monkeypatch, Broken)
    said = choose(network, 'cuda')
    assert 'torch, as triton cannot run here: RuntimeError: no kernel image' in said
    assert network.kernels.name == 'torch'


def test_memory_that_runs_out_is_no_reason_to_go_on(network, monkeypatch):
    def full():
        raise torch.OutOfMemoryError('CUDA out of memory')

    offered(monkeypatch, full)
    with pytest.raises(torch.OutOfMemoryError):
        choose(network, 'cuda')


def test_an_unknown_name_is_refused_with_the_known_ones(network):
    with pytest.raises(ValueError, match="'cutlass' are none of auto, torch, triton"):
        choose(network, 'cpu', 'cutlass')


def test_on_this_machine_without_a_gpu_asking_for_ours_says_so(network):
    pytest.importorskip('triton')
    if torch.cuda.is_available():
        pytest.skip('has a GPU')
    with pytest.raises(ValueError, match='kernels triton: cannot run here'):
        choose(network, 'cpu', 'triton')
