"""Sizes are read off the released tensors, at full size and small, or the fault is named."""

import json

import pytest
import torch

from fastwam_ros.wam.sizes import has_video_head, model_size, vae_size
from fastwam_ros.wam.vision import VaeSize, wan_vae

from .parity import FOLDER, arrays, tiny_size, tiny_weights
from .test_checkpoint import FULL, RELEASED, full_size


def of_shapes(shapes):
    return {key: torch.empty(shape, device='meta') for key, shape in shapes.items()}


@pytest.mark.parametrize('name', RELEASED)
def test_the_released_checkpoints(name):
    shapes = {f'proprio_encoder.{k}': v for k, v in FULL[name]['proprio_encoder'].items()}
    found = model_size(of_shapes({**FULL[name]['mot'], **shapes}))
    assert found == full_size(*RELEASED[name])


def test_the_released_vae_in_both_layouts():
    assert vae_size(of_shapes(FULL['vae']), 'vae') == VaeSize(160, 2)
    with torch.device('meta'):
        assert vae_size(wan_vae(VaeSize(16, 1)).state_dict(), 'vae') == VaeSize(16, 1)


def test_small_ones():
    dims = json.loads((FOLDER / 'tiny_config.json').read_text())['video']
    assert model_size(tiny_weights(), dims['attn_head_dim']) == tiny_size()
    assert vae_size(arrays('tiny_vae'), 'vae') == VaeSize(8, 2)


def test_a_head_dim_that_does_not_divide():
    with pytest.raises(
        ValueError, match=r'attention is 96 wide, .* of head_dim 128: the released'
    ):
        model_size(tiny_weights())
    with pytest.raises(ValueError, match='head_dim 0'):
        model_size(tiny_weights(), 0)


def test_what_is_no_checkpoint():
    weights = tiny_weights()
    del weights['proprio_encoder.weight']
    with pytest.raises(ValueError, match=r'lack proprio_encoder\.weight: is it a checkpoint of'):
        model_size(weights, 32)
    weights['proprio_encoder.weight'] = torch.zeros(3)
    with pytest.raises(
        ValueError, match=r'proprio_encoder\.weight has shape \[3\], want rows and columns'
    ):
        model_size(weights, 32)
    with pytest.raises(ValueError, match=r'some\.pt holds 1 tensors that no key of ours'):
        vae_size({'x': torch.zeros(1)}, 'some.pt')
    with pytest.raises(ValueError, match=r'some.pt holds no encoder\.conv1\.weight'):
        vae_size({}, 'some.pt')


def test_a_video_head_is_seen():
    weights = tiny_weights()
    assert has_video_head(weights)
    assert not has_video_head({k: v for k, v in weights.items() if '.head.' not in k})
