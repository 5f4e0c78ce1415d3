"""Videos to latents and back equal the recorded arrays of the released VAE."""

import pytest
import torch

from fastwam_ros.wam.vae_keys import vae_keys
from fastwam_ros.wam.video import VideoCoder, decoder_width, to_pictures
from fastwam_ros.wam.vision import ImageEncoder

from .parity import arrays, close
from .test_vision import SIZE, WEIGHTS

IO = arrays('tiny_vae_io')


@pytest.fixture(scope='module')
def coder() -> VideoCoder:
    coder = VideoCoder(SIZE)
    coder.load(WEIGHTS, 'tiny_vae')
    return coder.requires_grad_(False)


def test_video_to_latent(coder):
    close(coder.encode(IO['video']), IO['video_latent'])


def test_latent_to_video(coder):
    close(coder.decoded(IO['video_latent']), IO['video_decoded'])
    pictures = coder.decode(IO['video_latent'])
    assert pictures.shape == (2, 9, 32, 48, 3) and pictures.dtype == torch.uint8
    apart = pictures.int() - to_pictures(IO['video_decoded']).int()
    assert apart.abs().max() <= 1


def test_diffusers_layout_is_read_too(coder):
    keys = vae_keys(SIZE.residual_blocks)
    theirs = keys.rename({k.removeprefix('model.'): v for k, v in WEIGHTS.items()}, 'tiny_vae')
    again = VideoCoder(SIZE, decoder_width(theirs))
    again.load(theirs, 'vae')
    close(again.decoded(IO['video_latent']).detach(), IO['video_decoded'])
    encoder = ImageEncoder(SIZE)
    encoder.load(theirs, 'vae')
    close(encoder(IO['image'][:, 0][None]).detach(), IO['image_latent'])
    assert decoder_width(theirs) == decoder_width(WEIGHTS) == SIZE.base_width


def test_levels_are_cut_off():
    values = torch.tensor([-1.0, -0.9999, 0.0, 0.9999, 1.0]).view(1, 1, 1, 1, 5)
    assert to_pictures(values.expand(1, 3, -1, -1, -1))[0, 0, 0, :, 0].tolist() == [
        0, 0, 127, 254, 255,
    ]  # fmt: skip


def test_a_picture_is_the_video_of_one(coder):
    image = IO['image'][:, 0][None, :, None]
    close(coder.encode(image), IO['image_latent'])


def test_a_length_that_no_video_has_is_refused(coder):
    with pytest.raises(ValueError, match=r'8 pictures: a video has 4 n \+ 1'):
        coder.encode(torch.zeros(1, 3, 8, 32, 48))
