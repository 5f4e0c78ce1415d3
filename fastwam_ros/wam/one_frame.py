"""The image encoder of a video VAE for a single frame, as the plane network that it then is.

A causal convolution puts the frame under its last tap in time; the others see zeros. So a third of
the work is exact, and convolutions and norms have two dimensions, with channels innermost, as
processors like them. Facts: diffusers' AutoencoderKLWan, whose modules are replaced here.
"""

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d, WanRMS_norm
from torch import Tensor, nn

_EPS = 1e-24  # theirs bounds the norm, by 1e-12


def fold_to_one_frame(network: nn.Module) -> None:
    """Replace every causal convolution and norm below by its form for one frame, in place."""
    for name, module in network.named_children():
        if isinstance(module, WanCausalConv3d):
            setattr(network, name, _Convolution(module))
        elif isinstance(module, WanRMS_norm):
            setattr(network, name, _Norm(module))
        else:
            fold_to_one_frame(module)


class _Convolution(nn.Module):
    """[B, C, 1, H, W] -> the same shape with its own channels."""

    def __init__(self, full: WanCausalConv3d) -> None:
        super().__init__()
        weight = full.weight[:, :, -1].contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(weight, requires_grad=full.weight.requires_grad)
        self.bias = full.bias
        width, height = (int(side) for side in full._padding[:4:2])
        self._padding, self._stride = (height, width), [int(step) for step in full.stride[1:]]

    def forward(self, x: Tensor, cache_x: Tensor | None = None) -> Tensor:
        """cache_x: of earlier frames, of which there are none."""
        flat = x[:, :, 0].contiguous(memory_format=torch.channels_last)
        made = F.conv2d(flat, self.weight, self.bias, self._stride, self._padding)
        return made[:, :, None]


class _Norm(nn.Module):
    """Over the channels of [B, C, ...]: root mean square, in single precision, then the weight."""

    def __init__(self, full: WanRMS_norm) -> None:
        super().__init__()
        self.weight = nn.Parameter(full.gamma.flatten(), requires_grad=full.gamma.requires_grad)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape and dtype."""
        inner = x.movedim(1, -1)
        return (F.rms_norm(inner, inner.shape[-1:], eps=_EPS) * self.weight).movedim(-1, 1)
