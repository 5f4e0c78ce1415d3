"""The action expert made of the video expert equals the recorded one, all 91 tensors."""

import pytest
import torch

from fastwam_ros.wam.initialise import action_from_video, resized

from .parity import arrays, close

MOT = arrays('tiny_mot')
RECORDED = arrays('tiny_action_backbone_from_video')
SHAPES = {k: tuple(v.shape) for k, v in MOT.items() if k.startswith('mixtures.action.')}


def test_every_tensor():
    made = action_from_video(MOT, SHAPES)
    plain = {name.removeprefix('mixtures.action.'): value for name, value in made.items()}
    assert set(plain) == set(RECORDED) and len(plain) == 91
    for name, value in plain.items():
        close(value, RECORDED[name])


def test_what_keeps_its_shape_is_copied_and_vectors_are_not_scaled():
    tensor = torch.arange(6.0).view(2, 3)
    assert torch.equal(resized(tensor, (2, 3)), tensor)
    close(resized(torch.arange(5.0), (3,)), [0.0, 2.0, 4.0])


def test_a_file_without_a_video_expert_is_refused_by_name():
    with pytest.raises(ValueError, match=r'mixtures\.video\.\S+ is missing'):
        action_from_video({}, SHAPES)
