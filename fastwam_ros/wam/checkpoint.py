"""Released weight files and our names for what is in them.

The key table is the whole translation; strict loading is its proof. Nothing here knows what a
tensor means. Facts: key names of the released Fast-WAM checkpoints, and of LeRobot's `fastwam`
policies. A file is a `torch.save` dict with `mot` and `proprio_encoder`, a safetensors file with
`mixtures.*` and `proprio_encoder.*` side by side, or LeRobot's `model.safetensors`.
"""

import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from fastwam_ros.wam.keys import KeyTable, parameters

_BLOCK, _OUR_BLOCK = 'mixtures.{expert}.blocks.{n}', '{expert}.blocks.{n}'
_ATTENTIONS = (('self_attn', 'self_attention'), ('cross_attn', 'text_attention'))
_PROJECTIONS = (('q', 'query'), ('k', 'key'), ('v', 'value'), ('o', 'out'))
_NORMS = (('norm_q', 'query_norm'), ('norm_k', 'key_norm'))


def _rows() -> list[tuple[str, str]]:
    rows = [
        (f'{_BLOCK}.modulation', f'{_OUR_BLOCK}.modulation'),
        ('mixtures.video.head.modulation', 'video_out.modulation'),
    ]
    for released, ours in (
        ('proprio_encoder', 'state_in'),
        ('mixtures.action.action_encoder', 'action_in'),
        ('mixtures.action.head', 'action_out'),
        ('mixtures.video.patch_embedding', 'patch'),
        ('mixtures.video.head.head', 'video_out.out'),
        ('mixtures.{expert}.time_embedding.{n}', '{expert}.time.{n}'),
        ('mixtures.{expert}.time_projection.1', '{expert}.time_projection'),
        ('mixtures.{expert}.text_embedding.{n}', '{expert}.text.{n}'),
        (f'{_BLOCK}.norm3', f'{_OUR_BLOCK}.text_norm'),
        (f'{_BLOCK}.ffn.0', f'{_OUR_BLOCK}.widen'),
        (f'{_BLOCK}.ffn.2', f'{_OUR_BLOCK}.narrow'),
    ):
        rows += parameters(released, ours)
    for attention, our_attention in _ATTENTIONS:
        at, our_at = f'{_BLOCK}.{attention}', f'{_OUR_BLOCK}.{our_attention}'
        for name, ours in _PROJECTIONS:
            rows += parameters(f'{at}.{name}', f'{our_at}.{ours}')
        for name, ours in _NORMS:
            rows += parameters(f'{at}.{name}', f'{our_at}.{ours}', 'weight')
    return rows


KEYS = KeyTable(_rows())
# The video head imagines the future; plain Fast-WAM never asks it. A file may hold it or not.
UNASKED = ('mixtures.video.head.',)


# LeRobot's wrapper, and its layers, which own one block of each expert.
_WRAPPED = re.compile(r'model\.(?:mot\.)?(?=mixtures\.|layers\.|proprio_encoder\.)')
_LAYER = re.compile(r'layers\.(\d+)\.blocks\.(video|action)\.')


def read_weights(path: Path) -> dict[str, Tensor]:
    """All tensors of a `.pt` or `.safetensors` file by their released names, on the CPU.

    They stay in the file until they are used. Raises FileNotFoundError, or ValueError when the
    file is damaged or holds no model.
    """
    saved = _read(path)
    tensors = _named(saved) if path.suffix == '.safetensors' else _flattened(saved, path)
    return {_released(key): value for key, value in tensors.items()}


def read_component(path: Path) -> dict[str, Tensor]:
    """All tensors of Wan's VAE or text encoder: a file of either kind, or Diffusers' folder.

    Raises as `read_weights` does.
    """
    if path.is_dir():
        parts = sorted(path.glob('*.safetensors'))
        if not parts:
            raise FileNotFoundError(f'{path} has no .safetensors file in it')
        return {key: value for part in parts for key, value in read_component(part).items()}
    saved = _read(path)
    if isinstance(saved, dict) and isinstance(saved.get('model_state'), dict):
        saved = saved['model_state']
    tensors = _named(saved)
    if not tensors:
        raise ValueError(f'{path} holds no tensors by name: the file of something else?')
    return tensors


def _read(path: Path) -> object:
    if not path.is_file():
        raise FileNotFoundError(f'{path} is missing: is the bundle complete?')
    try:
        if path.suffix == '.safetensors':
            return load_file(path)
        return torch.load(path, map_location='cpu', weights_only=True, mmap=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        cause = str(error).partition('\n')[0]
        raise ValueError(
            f'{path} cannot be read ({cause}): truncated, or no weight file'
        ) from None


def _named(saved: object) -> dict[str, Tensor]:
    """The tensors of a flat dictionary, and nothing where it is none."""
    if not isinstance(saved, dict) or not all(isinstance(v, Tensor) for v in saved.values()):
        return {}
    return saved


def _released(key: str) -> str:
    """The released name of what LeRobot may call otherwise."""
    return _LAYER.sub(r'mixtures.\2.blocks.\1.', _WRAPPED.sub('', key))


def load_into(
    model: nn.Module,
    tensors: Mapping[str, Tensor],
    what: str,
    device: torch.device | str | None = None,
) -> None:
    """Fill the model from released names, strictly, in the model's dtype.

    device: where what is on the meta device gets its memory; None: on the CPU.
    Raises ValueError naming the first missing, unknown or misshaped tensors and the likely cause.
    """
    skipped = () if hasattr(model, 'video_out') else UNASKED
    asked = {key: value for key, value in tensors.items() if not key.startswith(skipped)}
    fill(model, KEYS.rename(asked, what), KEYS, what, device)


def fill(
    model: nn.Module,
    ours: Mapping[str, Tensor],
    keys: KeyTable,
    what: str,
    device: torch.device | str | None = None,
) -> None:
    """Copy tensors by our names into the model; errors speak in the released ones (`keys`).

    What is on the meta device gets its memory here, one tensor after the other: no weight is
    ever drawn at random, and the host holds one tensor beside what the device holds. What has
    memory keeps it. Copies, because a file may change under a running robot. Raises ValueError
    when a tensor is missing, superfluous or of another shape.
    """
    wanted = model.state_dict()
    missing = [keys.released(key) or key for key in wanted if key not in ours]
    if missing:
        raise ValueError(
            f'{what} lacks {len(missing)} of {len(wanted)} tensors, first {missing[:3]}: '
            'truncated, or fewer layers than policy.yaml says'
        )
    unused = [keys.released(key) or key for key in ours if key not in wanted]
    if unused:
        raise ValueError(
            f'{what} holds {len(unused)} tensors that the model has no place for, first '
            f'{unused[:3]}: more layers than policy.yaml says?'
        )
    for key, place in wanted.items():
        if place.shape != ours[key].shape:
            raise ValueError(
                f'{what}: {keys.released(key) or key} has shape {list(ours[key].shape)}, the '
                f'model wants {list(place.shape)}: check the widths in policy.yaml'
            )
    made: dict[int, Tensor] = {}  # one tensor under two names stays one
    for key, place in wanted.items():
        value = ours[key]
        if not place.is_meta:
            place.copy_(value)
        elif id(value) not in made:
            made[id(value)] = value.to(device or 'cpu', place.dtype, copy=True)
    copies = {key: made[id(ours[key])] for key, place in wanted.items() if place.is_meta}
    model.load_state_dict(copies, strict=False, assign=True)


def released_names(model: nn.Module) -> dict[str, Tensor]:
    """The model's tensors under their released names: what a bundle's weight file holds."""
    return {KEYS.released(key) or key: value for key, value in model.state_dict().items()}


def _flattened(saved: object, path: Path) -> dict[str, Tensor]:
    if not isinstance(saved, dict) or not {'mot', 'proprio_encoder'} <= saved.keys():
        held = sorted(saved) if isinstance(saved, dict) else type(saved).__name__
        raise ValueError(
            f'{path} holds {held}, not `mot` and `proprio_encoder`: '
            'a file with `dit` is the video expert alone'
        )
    mot, state = _named(saved['mot']), _named(saved['proprio_encoder'])
    if not mot or not state:
        raise ValueError(f'{path}: `mot` or `proprio_encoder` holds no tensors by name')
    return {**mot, **{f'proprio_encoder.{key}': value for key, value in state.items()}}
