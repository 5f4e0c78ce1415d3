"""Every released name has one name of ours and the way back."""

import pytest
import torch

from fastwam_ros.wam.checkpoint import KEYS, UNASKED, load_into, released_names
from fastwam_ros.wam.keys import KeyTable
from fastwam_ros.wam.model import FastWAM

from .parity import tiny_model, tiny_size, tiny_weights


def test_all_released_tensors_but_the_video_head_have_a_place():
    released = tiny_weights()
    without = [key for key in released if KEYS.ours(key) is None]
    assert all(key.startswith(UNASKED) for key in without) and len(without) == 3
    ours = [KEYS.ours(key) for key in released if key not in without]
    assert sorted(ours) == sorted(tiny_model().state_dict())


def test_what_is_saved_is_what_was_loaded():
    saved = released_names(tiny_model())
    for key, value in tiny_weights().items():
        if not key.startswith(UNASKED):
            assert torch.equal(saved[key], value)


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
