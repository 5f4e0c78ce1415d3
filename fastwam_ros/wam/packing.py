"""Several parameters of a model in one piece of memory, so that one product does for all of them.

The model keeps its parameters and their names: they become views of the whole. On the meta device
this is where they get memory, and `checkpoint.fill` then copies into it; a model that has weights
keeps them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fastwam_ros.wam.blocks import RMSNorm


def pack_linears(
    linears: Sequence[nn.Linear], device: torch.device | str | None = None
) -> tuple[Tensor, Tensor]:
    """Maps of one input stacked: weight [sum of outputs, inputs], bias [sum of outputs].

    device: of the memory, for parameters that have none.
    """
    return _packed(linears, 'weight', device), _packed(linears, 'bias', device)


def pack_norms(norms: Sequence[RMSNorm], device: torch.device | str | None = None) -> Tensor:
    """Weights of norms of one width: [norms, width]."""
    return _packed(norms, 'weight', device).view(len(norms), -1)


def _packed(modules: Sequence[nn.Module], name: str, device: torch.device | str | None) -> Tensor:
    parts = [getattr(module, name).detach() for module in modules]
    sizes = [len(part) for part in parts]
    if parts[0].is_meta:
        whole = torch.empty(sum(sizes), *parts[0].shape[1:], dtype=parts[0].dtype, device=device)
    else:
        whole = torch.cat(parts)
    for module, view in zip(modules, whole.split(sizes), strict=True):
        setattr(module, name, nn.Parameter(view, requires_grad=False))
    return whole
