"""How large a model and an image encoder are, from the shapes of their released tensors.

All but one number can be seen: heads and head_dim only as their product. Knows no file.
"""

from collections.abc import Mapping

from torch import Tensor

from fastwam_ros.wam.blocks import ExpertSize, ModelSize
from fastwam_ros.wam.checkpoint import UNASKED
from fastwam_ros.wam.vae_keys import in_our_names, vae_keys
from fastwam_ros.wam.vision import VaeSize

HEAD_DIM = 128  # of the released models
RESIDUAL_BLOCKS = 2  # per stage of the released encoder
_QUERY = '.self_attn.q.weight'


def model_size(tensors: Mapping[str, Tensor], head_dim: int = HEAD_DIM) -> ModelSize:
    """The sizes of a policy's tensors by their released names.

    Raises ValueError where a telling tensor is missing or misshaped, and for a head_dim that the
    attention's width is no multiple of.
    """
    inner, video = _shape(tensors, f'mixtures.video.blocks.0{_QUERY}')
    if head_dim < 1 or inner % head_dim:
        raise ValueError(
            f'attention is {inner} wide, which is no multiple of head_dim {head_dim}: '
            'the released models have 128, smaller ones need --head-dim'
        )
    action, action_width = _shape(tensors, 'mixtures.action.action_encoder.weight')
    text_width, state_width = _shape(tensors, 'proprio_encoder.weight')
    return ModelSize(
        layers=_layers(tensors),
        heads=inner // head_dim,
        head_dim=head_dim,
        text_width=text_width,
        frequency_width=_shape(tensors, 'mixtures.video.time_embedding.0.weight')[1],
        video=ExpertSize(video, _shape(tensors, 'mixtures.video.blocks.0.ffn.0.weight')[0]),
        action=ExpertSize(action, _shape(tensors, 'mixtures.action.blocks.0.ffn.0.weight')[0]),
        action_width=action_width,
        state_width=state_width,
    )


def has_video_head(tensors: Mapping[str, Tensor]) -> bool:
    """Whether the model can imagine a future: what every variant but the plain one needs."""
    return any(key.startswith(UNASKED) for key in tensors)


def vae_size(tensors: Mapping[str, Tensor], what: str) -> VaeSize:
    """The sizes of an image encoder's tensors, in Wan's own names or Diffusers' layout.

    Raises ValueError where a telling tensor is missing: `what` is no VAE of Wan 2.2.
    """
    ours = in_our_names(tensors, vae_keys(_residual_blocks(tensors)), what)
    try:
        width = len(ours['encoder.conv_in.weight'])
    except KeyError:
        raise ValueError(
            f'{what} holds no encoder.conv1.weight: is it the VAE of Wan 2.2?'
        ) from None
    first = 'encoder.down_blocks.0.resnets.'
    blocks = {key.split('.')[4] for key in ours if key.startswith(first)}
    return VaeSize(width, len(blocks))


def _residual_blocks(tensors: Mapping[str, Tensor]) -> int:
    """Of released names: the first stage's members that are not its sampler."""
    plain = [key.removeprefix('model.').split('.') for key in tensors]
    first = ['encoder', 'downsamples', '0', 'downsamples']
    found = {key[4] for key in plain if key[:4] == first and key[5:6] == ['residual']}
    return len(found) or RESIDUAL_BLOCKS


def _layers(tensors: Mapping[str, Tensor]) -> int:
    return sum(
        key.startswith('mixtures.video.blocks.') and key.endswith(_QUERY) for key in tensors
    )


def _shape(tensors: Mapping[str, Tensor], name: str) -> tuple[int, int]:
    """Rows and columns of a matrix."""
    if name not in tensors:
        raise ValueError(
            f'the weights lack {name}: is it a checkpoint of Fast-WAM, with its state encoder?'
        )
    found = tensors[name].shape
    if len(found) != 2:
        raise ValueError(f'{name} has shape {list(found)}, want rows and columns')
    return found[0], found[1]
