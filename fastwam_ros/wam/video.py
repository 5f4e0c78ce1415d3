"""Whole videos to latents and back: what training needs, and whoever looks at an imagined future.

Never part of an inference: the decoder alone costs more than ten times the whole model's work.
Facts: the released Wan 2.2 VAE; diffusers' AutoencoderKLWan, which keeps its causal state itself.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from fastwam_ros.wam.vision import WanVae


class VideoCoder(WanVae):
    """Both halves of the VAE (the released decoder's width: 256)."""

    def encode(self, video: Tensor) -> Tensor:
        """[B, 3, T, H, W] in -1..1, T = 4 n + 1 -> normalised latents [B, 48, n + 1, H/16, W/16].

        Raises ValueError for another number of pictures.
        """
        if video.shape[2] % 4 != 1:
            raise ValueError(f'{video.shape[2]} pictures: a video has 4 n + 1, such as 9')
        return self.scale.normalised(self.vae.encode(video).latent_dist.mode())

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Normalised latents [B, 48, T, h, w] -> uint8 [B, 4 (T - 1) + 1, 16 h, 16 w, 3]."""
        return to_pictures(self.decoded(latents))

    def decoded(self, latents: Tensor) -> Tensor:
        """The same in -1..1, [B, 3, 4 (T - 1) + 1, 16 h, 16 w]."""
        return self.vae.decode(self.scale.raw(latents)).sample


def decoder_width(tensors: Mapping[str, Tensor]) -> int:
    """The width of the decoder in a VAE file. Raises ValueError where it brings none."""
    for key, value in tensors.items():
        if key.removeprefix('model.') in ('decoder.head.0.gamma', 'decoder.norm_out.gamma'):
            return len(value)
    raise ValueError('the VAE file brings no decoder: to see a future takes the whole Wan 2.2 VAE')


def to_pictures(video: Tensor) -> Tensor:
    """[B, 3, T, H, W] in -1..1 -> uint8 [B, T, H, W, 3], cut off as the released code does."""
    return ((video.float() + 1) * 127.5).to(torch.uint8).movedim(1, -1)
