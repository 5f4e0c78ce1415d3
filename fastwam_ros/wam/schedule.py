"""The noise schedule of flow matching: which times the sampler visits, and how far each step goes.

Knows no network. Facts: the released Fast-WAM code (one schedule for video and action, Euler).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

TRAIN_TIMESTEPS = 1000.0  # the networks are fed 1000 * sigma


@dataclass(frozen=True)
class Schedule:
    """Euler steps from pure noise (sigma 1) to a sample (sigma 0).

    sigmas: [N + 1] fp32, falling from 1 to 0; timesteps: [N], what the network is told;
    deltas: [N], negative, what a predicted velocity is multiplied by.
    """

    sigmas: Tensor
    timesteps: Tensor
    deltas: Tensor

    @classmethod
    def shifted(cls, steps: int, shift: float = 5.0, rounded: bool = True) -> 'Schedule':
        """sigma = shift * u / (1 + (shift - 1) * u) on a uniform grid of `steps` intervals.

        rounded: pass timesteps and deltas through bf16, as the released code does. It moves a
        timestep by up to 2 and is most of the difference between fp32 and the released numbers.
        Raises ValueError for steps < 1 or a shift that is not positive.
        """
        if steps < 1:
            raise ValueError(f'{steps} denoise steps: the sampler needs at least 1')
        if not shift > 0:
            raise ValueError(f'sigma shift {shift} must be positive (the released models use 5)')
        u = torch.linspace(1, 0, steps + 1, dtype=torch.float32)
        sigmas = shift * u / (1 + (shift - 1) * u)
        timesteps, deltas = TRAIN_TIMESTEPS * sigmas[:-1], sigmas.diff()
        if rounded:
            timesteps, deltas = timesteps.bfloat16().float(), deltas.bfloat16().float()
        return cls(sigmas, timesteps, deltas)


def constant_noise(rows: int, columns: int, seed: int = 42) -> Tensor:
    """The noise every chunk starts from, [1, rows, columns] fp32.

    Drawn on the CPU whatever the device, so that one seed means one chunk everywhere; the
    released evaluation reuses it at every replan.
    """
    generator = torch.Generator('cpu').manual_seed(seed)
    return torch.randn(1, rows, columns, generator=generator)


def constant_future(frames: int, channels: int, latent: tuple[int, int], seed: int = 42) -> Tensor:
    """The noise that imagined frames start from, [1, channels, frames - 1, h, w] fp32.

    Drawn by a generator of its own, for the picture's frame too, which is clean and has no use
    for it.
    """
    generator = torch.Generator('cpu').manual_seed(seed)
    return torch.randn(1, channels, frames, *latent, generator=generator)[:, :, 1:]
