"""The action expert's first weights, made of the video expert's.

Each tensor is resized axis by axis, so that the narrower expert starts as a coarse copy of the
wider one. Only fine-tuning from the Wan 2.2 weights needs it; a released checkpoint holds both.
Facts: the published recipe (linear interpolation, aligned corners, scale sqrt(old / new)).
"""

from collections.abc import Iterator, Mapping
from math import sqrt

import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor

VIDEO, ACTION = 'mixtures.video.', 'mixtures.action.'
_OWN = ('action_encoder.', 'head.')  # joints, not pixels: nothing to take them from


def action_from_video(
    video: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Tensor]:
    """Tensors of the action expert by released names, fp32, its own in- and output left out.

    video: the video expert's by released names, with `mixtures.video.`; shapes: what the action
    expert wants, with `mixtures.action.`. Raises ValueError where the video expert lacks one.
    """
    return dict(_made(video, shapes))


def _made(
    video: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[tuple[str, Tensor]]:
    for name, shape in shapes.items():
        plain = name.removeprefix(ACTION)
        if plain.startswith(_OWN):
            continue
        source = video.get(VIDEO + plain)
        if source is None or source.dim() != len(shape):
            raise ValueError(f'{VIDEO + plain} is missing or of other axes: no Wan 2.2 weights?')
        yield name, resized(source.float(), shape)


def resized(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Every axis to its new length in turn; rows of a matrix keep the variance of their sums."""
    made = tensor
    for axis, length in enumerate(shape):
        if made.shape[axis] != length:
            made = _along(made, axis, length)
    if tensor.dim() > 1 and tensor.shape[-1] != shape[-1]:
        made = made * sqrt(tensor.shape[-1] / shape[-1])
    return made


def _along(tensor: Tensor, axis: int, length: int) -> Tensor:
    rows = tensor.movedim(axis, -1)
    flat = rows.reshape(1, -1, rows.shape[-1])
    wide = F.interpolate(flat, size=length, mode='linear', align_corners=True)
    return wide.reshape(*rows.shape[:-1], length).movedim(-1, axis)
