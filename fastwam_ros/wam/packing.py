"""Several parameters of a model in one piece of memory, so that one product does for all of them.

The model keeps its parameters and their names: they become views of the whole. On the meta device
this is where they get memory, and `checkpoint.fill` then copies into it; a model that has weights
keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor, nn

from fastwam_ros.wam.blocks import RMSNorm


@dataclass(frozen=True)
class Linear:
    """A map: weight [outputs, inputs], bias [outputs].

    scale: [outputs] fp32, by which weights of 8 bits are multiplied, see `eight_bits`.
    """

    weight: Tensor
    bias: Tensor
    scale: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        """x [..., inputs] -> [..., outputs]."""
        if self.scale is None:
            return F.linear(x, self.weight, self.bias)
        product = F.linear(x, self.weight.to(x.dtype)).float() * self.scale
        return (product + self.bias).to(x.dtype)

    def behind(self, first: int) -> 'Linear':
        """Without its first outputs."""
        scale = None if self.scale is None else self.scale[first:]
        return Linear(self.weight[first:], self.bias[first:], scale)


def pack_linears(linears: Sequence[nn.Linear], device: torch.device | str | None = None) -> Linear:
    """Maps of one input as one.

    device: of the memory, for parameters that have none.
    """
    return Linear(_packed(linears, 'weight', device), _packed(linears, 'bias', device))


def pack_norms(norms: Sequence[RMSNorm], device: torch.device | str | None = None) -> Tensor:
    """Weights of norms of one width: [norms, width]."""
    return _packed(norms, 'weight', device).view(len(norms), -1)


def _packed(modules: Sequence[nn.Module], name: str, device: torch.device | str | None) -> Tensor:
    parts = [getattr(module, name).detach() for module in modules]
    sizes = [len(part) for part in parts]
    if parts[0].is_meta:
        whole = torch.empty(sum(sizes), *parts[0].shape[1:], dtype=parts[0].dtype, device=device)
    elif len(parts) == 1:
        whole = parts[0]
    else:
        whole = torch.cat(parts)
    for module, view in zip(modules, whole.split(sizes), strict=True):
        setattr(module, name, nn.Parameter(view, requires_grad=False))
    return whole
