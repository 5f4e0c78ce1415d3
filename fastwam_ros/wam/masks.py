"""Who sees whom in the joint attention, as matrices: true where a row's token sees a column's.

Inference never needs one, because it gives each query only what it may see; training does, and the
tests hold both to these. Tokens are ordered video, then actions. Facts: the released Fast-WAM
masks, which differ from the paper's in one thing: video never sees actions, in Joint neither.
"""

import torch
from torch import Tensor

VARIANTS = ('fastwam', 'joint', 'idm')


def video_mask(tokens: int, frames: int) -> Tensor:
    """[frames * tokens] squared: the first frame sees itself, the others all frames."""
    mask = torch.ones(frames * tokens, frames * tokens, dtype=torch.bool)
    mask[:tokens, tokens:] = False
    return mask


def action_mask(tokens: int, frames: int, actions: int, seen: int) -> Tensor:
    """Video and actions squared; actions see themselves and the first `seen` frames."""
    video = frames * tokens
    mask = torch.zeros(video + actions, video + actions, dtype=torch.bool)
    mask[:video, :video] = video_mask(tokens, frames)
    mask[video:, : seen * tokens] = True
    mask[video:, video:] = True
    return mask


def training_mask(variant: str, tokens: int, frames: int, actions: int) -> Tensor:
    """What each variant is trained under; tokens: of one latent frame.

    IDM's sequence is noisy video, condition video, actions: neither video sees the other, and
    actions see the condition alone. Raises ValueError for an unknown variant.
    """
    if variant not in VARIANTS:
        raise ValueError(f'variant {variant!r} is none of {", ".join(VARIANTS)}')
    if variant != 'idm':
        return action_mask(tokens, frames, actions, 1 if variant == 'fastwam' else frames)
    video = frames * tokens
    mask = torch.zeros(2 * video + actions, 2 * video + actions, dtype=torch.bool)
    mask[:video, :video] = video_mask(tokens, frames)
    mask[video:, video:] = action_mask(tokens, frames, actions, frames)
    return mask
