"""Rotary position tables, and the sinusoid that tells a network what time it is.

Both are computed in double precision and cast once, as in the released code. Knows no network.
"""

import torch
from torch import Tensor

THETA = 10000.0
Rotary = tuple[Tensor, Tensor]  # cosines and sines, each [tokens, head_dim / 2]


def sequence_rotary(length: int, head_dim: int, dtype: torch.dtype = torch.float32) -> Rotary:
    """Positions 0..length-1 over the whole head: the action tokens."""
    return _table(_angles(torch.arange(length), head_dim), dtype)


def grid_rotary(
    frames: int,
    rows: int,
    columns: int,
    head_dim: int,
    dtype: torch.dtype = torch.float32,
    first: int = 0,
) -> Rotary:
    """Frame, row and column of each video token share the head: the first part takes the rest.

    Frames are first..frames - 1.
    """
    part = head_dim // 3
    sizes = (head_dim - 2 * part, part, part)
    places = (torch.arange(first, frames), torch.arange(rows), torch.arange(columns))
    axes = torch.meshgrid(*places, indexing='ij')
    angles = [_angles(axis.flatten(), size) for axis, size in zip(axes, sizes, strict=True)]
    return _table(torch.cat(angles, dim=-1), dtype)


def rotate(x: Tensor, rotary: Rotary) -> Tensor:
    """Turn neighbouring pairs of x [..., tokens, head_dim] by their token's angles.

    In the tables' precision; what comes out is of x's dtype.
    """
    cosine, sine = rotary
    real, imaginary = x.unflatten(-1, (-1, 2)).unbind(-1)
    turned = (real * cosine - imaginary * sine, real * sine + imaginary * cosine)
    return torch.stack(turned, dim=-1).flatten(-2).to(x.dtype)


def time_sinusoid(timesteps: Tensor, width: int) -> Tensor:
    """Timesteps [...] -> [..., width]: all cosines, then all sines, in the timesteps' dtype."""
    half = width // 2
    frequencies = THETA ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = timesteps.double().unsqueeze(-1) * frequencies.to(timesteps.device)
    return torch.cat((angles.cos(), angles.sin()), dim=-1).to(timesteps.dtype)


def _angles(positions: Tensor, size: int) -> Tensor:
    frequencies = THETA ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    return torch.outer(positions.double(), frequencies)


def _table(angles: Tensor, dtype: torch.dtype) -> Rotary:
    return angles.cos().to(dtype), angles.sin().to(dtype)
