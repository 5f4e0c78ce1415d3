"""Masks equal the recorded ones of the released code, entry by entry."""

import numpy as np
import pytest

from fastwam_ros.wam.masks import action_mask, training_mask, video_mask

from .parity import FOLDER

RECORDED = np.load(FOLDER / 'attention_masks.npz')
SIZES = {'tiny': 6, 'libero': 98, 'robotwin': 120}


@pytest.mark.parametrize('size', SIZES)
def test_every_recorded_mask(size):
    tokens = SIZES[size]
    ours = {
        'fastwam_infer': action_mask(tokens, 1, 32, 1),
        'fastwam_train': training_mask('fastwam', tokens, 3, 32),
        'joint_train_and_infer': training_mask('joint', tokens, 3, 32),
        'idm_infer_action_stage': action_mask(tokens, 3, 32, 3),
        'idm_infer_video_stage': video_mask(tokens, 3),
        'idm_train': training_mask('idm', tokens, 3, 32),
    }
    recorded = {name for name in RECORDED.files if name.startswith(f'{size}_')}
    assert recorded == {f'{size}_{name}' for name in ours}
    for name, mask in ours.items():
        np.testing.assert_array_equal(mask, RECORDED[f'{size}_{name}'], err_msg=name)


def test_an_unknown_variant_is_refused_with_the_list():
    with pytest.raises(ValueError, match=r"'plain' is none of fastwam, joint, idm"):
        training_mask('plain', 6, 3, 32)
