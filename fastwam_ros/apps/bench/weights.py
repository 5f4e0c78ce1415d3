"""Random weights of any size, made where they are used: no file, and no copy in fp32.

As large as keeps activations finite through all layers, and gates large enough that every layer
counts.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

_SMALL = 0.02  # of biases and modulations


def randomise(model: nn.Module, device: str) -> None:
    """Draw every parameter; what is on the meta device gets its memory here."""
    bare = {key: value for key, value in model.state_dict().items() if value.is_meta}
    places = {key: torch.empty_like(value, device=device) for key, value in bare.items()}
    model.load_state_dict(places, strict=False, assign=True)
    model.requires_grad_(False)
    for name, place in model.named_parameters():
        _draw(name, place)


def drawn(shapes: Mapping[str, Tensor], device: str, dtype: torch.dtype) -> dict[str, Tensor]:
    """Tensors of those names and shapes, on the host."""
    return {name: _draw(name, _place(like, device, dtype)).cpu() for name, like in shapes.items()}


def _place(like: Tensor, device: str, dtype: torch.dtype) -> Tensor:
    return torch.empty(like.shape, device=device, dtype=dtype)


@torch.no_grad()
def _draw(name: str, place: Tensor) -> Tensor:
    kind = name.rpartition('.')[2]
    if kind == 'gamma' or (kind == 'weight' and place.dim() == 1):
        return place.fill_(1)  # of a norm
    if kind in ('bias', 'modulation'):
        return place.normal_(0, _SMALL)
    return place.normal_(0, (place.numel() / len(place)) ** -0.5)
