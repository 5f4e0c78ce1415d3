"""Every released name has one of ours and the way back, at full size; files of every kind."""

import json

import pytest
import torch
from safetensors.torch import save_file

from fastwam_ros.wam.blocks import ExpertSize, ModelSize
from fastwam_ros.wam.checkpoint import KEYS, UNASKED, load_into, read_weights, released_names
from fastwam_ros.wam.keys import KeyTable
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.vae_keys import vae_keys
from fastwam_ros.wam.vision import VaeSize, wan_vae

from .parity import FOLDER, tiny_model, tiny_size, tiny_weights

FULL = json.loads((FOLDER / 'full_state_dict_shapes.json').read_text())
# Width of actions and state of the released checkpoints.
RELEASED = {'libero_2cam224': (7, 8), 'robotwin_3cam_384': (14, 14)}


def full_size(actions: int, state: int) -> ModelSize:
    video, action = ExpertSize(3072, 14336), ExpertSize(1024, 4096)
    return ModelSize(30, 24, 128, 4096, 256, video, action, actions, state)


@pytest.mark.parametrize('name', RELEASED)
def test_the_full_size_model_has_exactly_the_released_tensors(name):
    with torch.device('meta'):
        model = FastWAM(full_size(*RELEASED[name]), imagines=True)
    state = {f'proprio_encoder.{k}': v for k, v in FULL[name]['proprio_encoder'].items()}
    shapes = {key: list(value.shape) for key, value in released_names(model).items()}
    assert shapes == {**FULL[name]['mot'], **state}


def test_the_full_size_vae_has_exactly_the_released_tensors():
    keys = vae_keys(2)
    with torch.device('meta'):
        state = wan_vae(VaeSize(160, 2), decoder_width=256).state_dict()
    assert {f'model.{keys.released(k)}': list(v.shape) for k, v in state.items()} == FULL['vae']


def test_all_released_tensors_have_a_place_and_plain_fast_wam_has_none_for_the_head():
    released = tiny_weights()
    ours = {KEYS.ours(key) for key in released}
    assert ours == set(tiny_model(imagines=True).state_dict())
    plain = {key for key in released if not key.startswith(UNASKED)}
    assert {KEYS.ours(key) for key in plain} == set(tiny_model().state_dict())
    assert len(released) - len(plain) == 3


def test_what_is_saved_is_what_was_loaded():
    saved, weights = released_names(tiny_model(imagines=True)), tiny_weights()
    assert set(saved) == set(weights)
    for key, value in weights.items():
        assert torch.equal(saved[key], value)


def test_the_released_kind_of_file_is_read():
    """bf16, pickled, the state's reading in a dictionary of its own."""
    read, exact = read_weights(FOLDER / 'tiny_checkpoint_bf16.pt'), tiny_weights()
    assert set(read) == set(exact)
    for key, value in read.items():
        assert torch.equal(value, exact[key].bfloat16())


@pytest.mark.parametrize('modern', [True, False])
def test_lerobot_s_kind_of_file_is_read(tmp_path, modern):
    """Blocks belong to layers there; to experts in files from before."""
    renamed = {}
    for key, value in tiny_weights().items():
        *_, expert = key.partition('mixtures.')
        parts = expert.split('.')
        name = key if key.startswith('proprio') else f'mot.{key}'
        if modern and parts[1:2] == ['blocks']:
            name = f'mot.layers.{parts[2]}.blocks.{parts[0]}.{".".join(parts[3:])}'
        renamed[f'model.{name}'] = value
    save_file(renamed, tmp_path / 'model.safetensors')
    read = read_weights(tmp_path / 'model.safetensors')
    assert {key: value.sum() for key, value in read.items()} == {
        key: value.sum() for key, value in tiny_weights().items()
    }


def test_a_model_on_the_meta_device_is_filled_and_does_not_hang_on_the_file(tmp_path):
    save_file(tiny_weights(), tmp_path / 'w.safetensors')
    with torch.device('meta'):
        model = FastWAM(tiny_size()).bfloat16()
    load_into(model, read_weights(tmp_path / 'w.safetensors'), 'w')
    before = {key: value.clone() for key, value in model.state_dict().items()}
    (tmp_path / 'w.safetensors').write_bytes(b'\0' * (tmp_path / 'w.safetensors').stat().st_size)
    for key, value in model.state_dict().items():
        assert value.device.type == 'cpu' and value.dtype == torch.bfloat16
        assert torch.equal(value, before[key])


def test_weights_of_another_width_name_key_and_cause():
    weights = tiny_weights()
    weights['proprio_encoder.weight'] = weights['proprio_encoder.weight'][:, :7]
    with pytest.raises(ValueError, match=r'file: proprio_encoder.weight has shape \[56, 7\]'):
        load_into(FastWAM(tiny_size()), weights, 'file')


def test_a_template_matches_whole_names_only():
    table = KeyTable([('a.{n}.w', 'b{n}w')])
    assert table.ours('a.12.w') == 'b12w' and table.released('b3w') == 'a.3.w'
    for near in ('a.1.w2', 'xa.1.w', 'a.x.w', 'a.1xw', 'a..w'):
        assert table.ours(near) is None
