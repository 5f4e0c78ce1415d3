"""Which kernels a network computes by: those of our own where they are proven on this very device.

They are tried once at load, on the loaded weights, beside torch's own operators. What does not
compile there, or gives other numbers, is not used, and the log says why.
"""

import torch
from torch import Tensor

from fastwam_ros.wam.device import CPU
from fastwam_ros.wam.kernels import TorchKernels
from fastwam_ros.wam.lean import Lean
from fastwam_ros.wam.model import LATENT_CHANNELS
from fastwam_ros.wam.rotary import grid_rotary, sequence_rotary

AUTO, TORCH, TRITON = KERNELS = ('auto', 'torch', 'triton')
TOLERANCE = 0.02  # relative L2 after all layers: bf16 roundings in another order give about 0.003
_LATENT, _ROWS, _WORDS = (4, 6), 32, 5  # of the trial, small


def choose(network: Lean, device: str, wanted: str = AUTO) -> str:
    """Give a loaded network its kernels; what they are and why, for the log.

    auto: ours on a GPU if they agree with torch's there. What the network has in memory is lost.
    Raises ValueError for what is none of KERNELS, and for `triton` where it cannot be had.
    """
    if wanted not in KERNELS:
        raise ValueError(f'kernels {wanted!r} are none of {", ".join(KERNELS)}')
    if wanted == TORCH or (wanted == AUTO and torch.device(device).type == CPU):
        return TORCH
    try:
        ours = _ours()
        off = disagreement(network, ours)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # a compiler, a driver and a card may raise anything
        why = f'cannot run here: {type(error).__name__}: {str(error).strip()[:120]}'
    else:
        if off <= TOLERANCE:
            network.kernels = ours
            return f'{ours.name} (relative L2 to torch {off:.1e})'
        why = f'differs by a relative L2 of {off:.2g} from torch, over {TOLERANCE}'
    if wanted == TRITON:
        raise ValueError(f'kernels triton: {why}; auto falls back to torch')
    return f'{TORCH}, as {TRITON} {why}'


@torch.no_grad()
def disagreement(network: Lean, kernels: TorchKernels) -> float:
    """Relative L2 between kernels and torch's operators, of an arbitrary picture and actions."""
    before, network.kernels = network.kernels, TorchKernels()
    try:
        reference = _tried(network)
        network.kernels = kernels
        tried = _tried(network)
    finally:
        network.kernels = before
    off = (tried - reference).norm() / reference.norm()
    return float(off) if torch.isfinite(off) else float('inf')


def _tried(network: Lean) -> Tensor:
    """What both experts make of the same arbitrary input: all velocities, keys and values."""
    model = network.model
    like, size = model.action_in.weight, model.size
    generator = torch.Generator().manual_seed(0)

    def some(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator).to(like)

    tokens = _LATENT[0] * _LATENT[1] // 4
    network.reserve(1, 1, tokens + _ROWS)
    network.place([network.learn(some(_WORDS, size.text_width), _WORDS + 9)])
    video, action = network.texts(some(1, size.state_width))
    times = [0.1 * some(size.layers, 6, 1, part.width) for part in (size.video, size.action)]
    for time in times:
        time[:, [1, 4]] += 1  # scales
    grid = grid_rotary(1, _LATENT[0] // 2, _LATENT[1] // 2, size.head_dim).to(like.device)
    seen = network.prefill(some(1, LATENT_CHANNELS, 1, *_LATENT), times[0], grid, video)
    line = sequence_rotary(_ROWS, size.head_dim).to(like.device)
    velocity = network.velocity(
        some(1, _ROWS, size.action_width), times[1], line, seen, action
    ).float()
    memory = network.memory[0].float()
    return torch.cat([(part / part.norm()).flatten() for part in (velocity, memory)])


def _ours() -> TorchKernels:
    from fastwam_ros.wam.fused import FusedKernels  # Triton comes with a CUDA build of torch alone

    return FusedKernels()
