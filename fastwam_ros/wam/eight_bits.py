"""Weights of 8 bits: half the bytes that a step reads, at a price in exactness that is measured.

Only weights are narrowed, by one scale per output; what is multiplied with them, sums and biases
keep their precision. Of the layers alone: what goes in and out of the model stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fastwam_ros.wam.packing import Linear


@dataclass(frozen=True)
class Form:
    """Of a weight: its type, the largest number of that, and how a number becomes one."""

    dtype: torch.dtype
    most: float
    rounded: Callable[[Tensor], Tensor]


FORMS = {
    'fp8': Form(torch.float8_e4m3fn, 448.0, lambda x: x),  # the cast rounds
    'int8': Form(torch.int8, 127.0, torch.round),
}
FULL = 'full'
PRECISIONS = (FULL, *FORMS)


def narrowed(linear: Linear, form: Form) -> Linear:
    """The map with weights of that form; an output whose weights are all 0 keeps them."""
    wide = linear.weight.float()
    scale = wide.abs().amax(1) / form.most
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    weight = form.rounded(wide / scale[:, None]).clamp(-form.most, form.most).to(form.dtype)
    return Linear(weight, linear.bias, scale)


def form_of(precision: str) -> Form | None:
    """None for `full`. Raises ValueError for what is none of PRECISIONS."""
    if precision not in PRECISIONS:
        raise ValueError(f'precision {precision!r} is none of {", ".join(PRECISIONS)}')
    return FORMS.get(precision)


def forget_weights(module: nn.Module) -> None:
    """Give back the memory of every map's weight below; biases stay."""
    for part in module.modules():
        if isinstance(part, nn.Linear):
            part.weight = nn.Parameter(part.weight.new_empty(0), requires_grad=False)
