"""Pixel scaling and the image encoder equal the recorded arrays; every VAE name is translated."""

import pytest
import torch

from fastwam_ros.wam.vae_keys import vae_keys
from fastwam_ros.wam.vision import (
    LATENT_MEAN,
    LATENT_STD,
    ImageEncoder,
    VaeSize,
    normalise_pixels,
    wan_vae,
)

from .parity import arrays, close

SIZE = VaeSize(base_width=8, residual_blocks=2)
WEIGHTS = arrays('tiny_vae')
IO = arrays('tiny_vae_io')
INPUTS = arrays('tiny_inputs')


@pytest.fixture(scope='module')
def encoder() -> ImageEncoder:
    encoder = ImageEncoder(SIZE)
    encoder.load(WEIGHTS, 'tiny_vae')
    return encoder.requires_grad_(False)


def test_pixels():
    close(normalise_pixels(INPUTS['image_u8'][None]), INPUTS['image'])


def test_all_bf16_levels_are_scaled_after_the_cast():
    levels = torch.arange(256, dtype=torch.uint8).view(16, 16, 1).expand(-1, -1, 3)
    expected = levels.bfloat16() * (2 / 255) - 1
    assert torch.equal(normalise_pixels(levels, torch.bfloat16).movedim(0, -1), expected)


def test_latent_statistics_are_the_recorded_ones():
    assert torch.equal(torch.tensor(LATENT_MEAN), IO['mean'])
    assert torch.equal(torch.tensor(LATENT_STD), IO['std'])


def test_image_to_latent(encoder):
    image = IO['image'][:, 0][None]  # recorded as [C, T, H, W]
    close(encoder(image), IO['image_latent'])
    raw = encoder.scale.raw(encoder(image))
    close(raw, IO['image_latent_raw_mu'])


def test_the_inference_runs_first_frame(encoder):
    recorded = arrays('tiny_infer_fastwam_fp32')['first_frame_latents']
    close(encoder(INPUTS['image']), recorded)


def test_a_batch_equals_one_by_one(encoder):
    image = INPUTS['image']
    batch = encoder(torch.cat((image, image.flip(-1))))
    close(batch[:1], encoder(image))


def test_the_table_covers_all_196_tensors_both_ways():
    keys = vae_keys(SIZE.residual_blocks)
    plain = {key.removeprefix('model.'): value for key, value in WEIGHTS.items()}
    ours = keys.rename(plain, 'tiny_vae')
    assert len(ours) == 196
    wan_vae(SIZE).load_state_dict(ours, strict=True)
    assert {keys.released(key) for key in ours} == set(plain)


def test_another_depth_is_refused_by_name():
    encoder = ImageEncoder(VaeSize(base_width=8, residual_blocks=1))
    with pytest.raises(ValueError, match=r'tiny_vae holds .* no key .*upsamples.3.resample'):
        encoder.load(WEIGHTS, 'tiny_vae')


def test_another_width_is_refused_by_name():
    encoder = ImageEncoder(VaeSize(base_width=16, residual_blocks=2))
    with pytest.raises(ValueError, match=r'encoder\.conv1\.weight has shape .* wants'):
        encoder.load(WEIGHTS, 'tiny_vae')


def test_a_missing_tensor_is_named():
    less = {key: value for key, value in WEIGHTS.items() if 'encoder.middle.1.proj.b' not in key}
    with pytest.raises(ValueError, match=r'lacks 1 of .*encoder\.middle\.1\.proj\.bias'):
        ImageEncoder(SIZE).load(less, 'tiny_vae')
