"""Rotary position tables, and the sinusoid that tells a network what time it is.

Both are computed in double precision and cast once, as in the released code. A table holds complex
numbers of length one, by which pairs of a head are multiplied. Knows no network.
"""

import torch
from torch import Tensor

THETA = 10000.0


def sequence_rotary(length: int, head_dim: int, dtype: torch.dtype = torch.complex64) -> Tensor:
    """Positions 0..length-1 over the whole head: the action tokens, [tokens, head_dim / 2]."""
    return _turns(_angles(torch.arange(length), head_dim), dtype)


def grid_rotary(
    frames: int,
    rows: int,
    columns: int,
    head_dim: int,
    dtype: torch.dtype = torch.complex64,
    first: int = 0,
) -> Tensor:
    """Frame, row and column of each video token share the head: the first part takes the rest.

    Frames are first..frames - 1. [tokens, head_dim / 2]
    """
    part = head_dim // 3
    sizes = (head_dim - 2 * part, part, part)
    places = (torch.arange(first, frames), torch.arange(rows), torch.arange(columns))
    axes = torch.meshgrid(*places, indexing='ij')
    angles = [_angles(axis.flatten(), size) for axis, size in zip(axes, sizes, strict=True)]
    return _turns(torch.cat(angles, dim=-1), dtype)


def rotate(x: Tensor, rotary: Tensor) -> Tensor:
    """Turn neighbouring pairs of x [..., head_dim] by complex numbers [..., head_dim / 2].

    In single precision, whatever the model computes in; what comes out is of x's dtype.
    """
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * rotary).flatten(-2).to(x.dtype)


def time_sinusoid(timesteps: Tensor, width: int) -> Tensor:
    """Timesteps [...] -> [..., width]: all cosines, then all sines, in the timesteps' dtype."""
    half = width // 2
    frequencies = THETA ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = timesteps.double().unsqueeze(-1) * frequencies.to(timesteps.device)
    return torch.cat((angles.cos(), angles.sin()), dim=-1).to(timesteps.dtype)


def _angles(positions: Tensor, size: int) -> Tensor:
    frequencies = THETA ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    return torch.outer(positions.double(), frequencies)


def _turns(angles: Tensor, dtype: torch.dtype) -> Tensor:
    return torch.polar(torch.ones_like(angles), angles).to(dtype)
