"""From a mosaic to the latent the video expert reads: pixel scaling and the Wan 2.2 image encoder.

The encoder is diffusers' AutoencoderKLWan without its decoder, which only imagined videos need.
Knows no camera and no layout. Facts: released Fast-WAM preprocessing; latent statistics of the
released Wan 2.2 VAE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoencoderKLWan
from diffusers.models.autoencoders.autoencoder_kl_wan import patchify
from torch import Tensor, nn

from fastwam_ros.wam.checkpoint import fill
from fastwam_ros.wam.model import LATENT_CHANNELS, PATCH
from fastwam_ros.wam.one_frame import fold_to_one_frame
from fastwam_ros.wam.vae_keys import in_our_names, vae_keys

REDUCTION = 16  # pixels per latent pixel and side
TOKEN_PIXELS = REDUCTION * PATCH  # pixels per video token and side

LATENT_MEAN = (
    -0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557,
    -0.1382, 0.0542, 0.2813, 0.0891, 0.1570, -0.0098, 0.0375, -0.1825,
    -0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502,
    -0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230,
    -0.0313, -0.1649, 0.0117, 0.0723, -0.2839, -0.2083, -0.0520, 0.3748,
    0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667,
)  # fmt: skip
LATENT_STD = (
    0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013,
    0.8158, 1.0344, 0.5894, 1.0901, 0.6885, 0.6165, 0.8454, 0.4978,
    0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659,
    0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093,
    0.5709, 0.6065, 0.6415, 0.4944, 0.5726, 1.2042, 0.5458, 1.6887,
    0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744,
)  # fmt: skip


@dataclass(frozen=True)
class VaeSize:
    """Encoder width (released: 160) and residual blocks per stage (released: 2)."""

    base_width: int
    residual_blocks: int


def normalise_pixels(mosaic: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """uint8 [..., H, W, 3] -> [..., 3, H, W] in -1..1.

    Cast first, scaled in the working dtype afterwards: in bf16 the order shows.
    """
    return mosaic.movedim(-1, -3).to(dtype) * (2 / 255) - 1


class LatentScale(nn.Module):
    """Between what the VAE makes and the normalised latents that the video expert reads."""

    mean: Tensor
    inverse_std: Tensor

    def __init__(self) -> None:
        super().__init__()
        shape = (1, LATENT_CHANNELS, 1, 1, 1)
        std = torch.tensor(LATENT_STD)
        self.register_buffer('mean', torch.tensor(LATENT_MEAN).view(shape), persistent=False)
        self.register_buffer('inverse_std', (1 / std).view(shape), persistent=False)

    def normalised(self, raw: Tensor) -> Tensor:
        """[B, 48, T, h, w], the distribution's mean -> the same shape."""
        return (raw - self.mean) * self.inverse_std

    def raw(self, normalised: Tensor) -> Tensor:
        """The way back."""
        return normalised / self.inverse_std + self.mean


class WanVae(nn.Module):
    """The VAE without memory until `load` gives it; decoder_width: None for the encoder's."""

    parts: tuple[str, ...] = ('',)  # how the names of the tensors begin that are used

    def __init__(self, size: VaeSize, decoder_width: int | None = None) -> None:
        super().__init__()
        self.size = size
        with torch.device('meta'):
            self.vae = wan_vae(size, decoder_width)
        self.scale = LatentScale()

    def load(
        self,
        tensors: Mapping[str, Tensor],
        what: str,
        device: torch.device | str | None = None,
    ) -> None:
        """Fill from released names or Diffusers' layout; tensors of no use are passed over.

        device: where the weights go. Raises ValueError naming missing, unknown or misshaped
        tensors.
        """
        keys = vae_keys(self.size.residual_blocks)
        ours = in_our_names(tensors, keys, what)
        used = {key: value for key, value in ours.items() if key.startswith(self.parts)}
        fill(self.vae, used, keys, what, device)
        self.to(device)


class ImageEncoder(WanVae):
    """One clean picture -> its normalised latent; deterministic, the distribution's mean."""

    parts = ('encoder.', 'quant_conv.')

    def __init__(self, size: VaeSize) -> None:
        super().__init__(size)
        self.vae.decoder = self.vae.post_quant_conv = None

    def load(
        self,
        tensors: Mapping[str, Tensor],
        what: str,
        device: torch.device | str | None = None,
    ) -> None:
        """As `WanVae.load`; decoder tensors are passed over."""
        super().load(tensors, what, device)
        fold_to_one_frame(self.vae)

    def forward(self, pixels: Tensor) -> Tensor:
        """[B, 3, H, W] in -1..1, H and W multiples of 32 -> [B, 48, 1, H/16, W/16]."""
        unshuffled = patchify(pixels[:, :, None], patch_size=2)
        mean, _ = self.vae.quant_conv(self.vae.encoder(unshuffled)).chunk(2, dim=1)
        return self.scale.normalised(mean)


def wan_vae(size: VaeSize, decoder_width: int | None = None) -> Any:
    """diffusers' AutoencoderKLWan in its Wan 2.2 residual form, untrained, at any width.

    (Any: diffusers' lazy imports hide the class from type checkers.)
    """
    return AutoencoderKLWan(
        base_dim=size.base_width,
        decoder_base_dim=decoder_width or size.base_width,
        z_dim=LATENT_CHANNELS,
        dim_mult=[1, 2, 4, 4],
        num_res_blocks=size.residual_blocks,
        temperal_downsample=[False, True, True],
        is_residual=True,
        in_channels=12,
        out_channels=12,
        patch_size=2,
        scale_factor_spatial=REDUCTION,
    )
