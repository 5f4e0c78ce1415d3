"""The text encoder: UMT5 under its Wan 2.2 names, tokens in, context rows out.

It is transformers' own UMT5 encoder; what is ours is the table of names and the rows that the
released Fast-WAM pipeline makes of its output. It runs once per instruction, in a process of its
own (`apps.encode`), because at full size it is as big as the policy. Knows no file of a bundle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import UMT5Config, UMT5EncoderModel

from fastwam_ros.wam.checkpoint import fill
from fastwam_ros.wam.keys import KeyTable

_BLOCK, _THEIRS = 'blocks.{n}', 'encoder.block.{n}.layer'
_ATTENTION, _FFN = f'{_THEIRS}.0.SelfAttention', f'{_THEIRS}.1.DenseReluDense'
KEYS = KeyTable(
    (f'{released}.weight', f'{theirs}.weight')
    for released, theirs in (
        ('token_embedding', 'shared'),
        ('norm', 'encoder.final_layer_norm'),
        (f'{_BLOCK}.norm1', f'{_THEIRS}.0.layer_norm'),
        (f'{_BLOCK}.norm2', f'{_THEIRS}.1.layer_norm'),
        *((f'{_BLOCK}.attn.{name}', f'{_ATTENTION}.{name}') for name in 'qkvo'),
        (f'{_BLOCK}.pos_embedding.embedding', f'{_ATTENTION}.relative_attention_bias'),
        (f'{_BLOCK}.ffn.gate.0', f'{_FFN}.wi_0'),
        (f'{_BLOCK}.ffn.fc1', f'{_FFN}.wi_1'),
        (f'{_BLOCK}.ffn.fc2', f'{_FFN}.wo'),
    )
)
_TELLING = ('attn.q', 'ffn.fc1')  # their rows: all heads' width, the feed-forward layer's
_TIED = 'encoder.embed_tokens.weight'  # transformers' second name of `shared`


@dataclass(frozen=True)
class TextSize:
    """Sizes of the encoder; the defaults are UMT5-XXL's."""

    vocabulary: int = 256384
    width: int = 4096
    layers: int = 24
    heads: int = 64
    head_dim: int = 64
    ffn_width: int = 10240
    buckets: int = 32
    furthest: int = 128

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> 'TextSize':
        """The sizes of released tensors. Raises ValueError where telling ones are missing."""
        try:
            vocabulary, width = tensors['token_embedding.weight'].shape
            buckets, heads = tensors['blocks.0.pos_embedding.embedding.weight'].shape
            inner, ffn = (tensors[f'blocks.0.{name}.weight'].shape[0] for name in _TELLING)
        except KeyError as error:
            raise ValueError(f'{error} is missing: no UMT5 encoder?') from None
        layers = sum(key.endswith('.attn.q.weight') for key in tensors)
        return cls(vocabulary, width, layers, heads, inner // heads, ffn, buckets)


def released(tensors: Mapping[str, Tensor], what: str) -> dict[str, Tensor]:
    """Released names of a file in either layout: Wan's own, or transformers' in Diffusers' folder.

    Raises ValueError naming tensors that neither has.
    """
    if 'shared.weight' not in tensors and _TIED not in tensors:
        return dict(tensors)
    own = {('shared.weight' if key == _TIED else key): value for key, value in tensors.items()}
    unknown = sorted(key for key in own if KEYS.released(key) is None)
    if unknown:
        raise ValueError(f'{what} holds {unknown[:3]}: no UMT5 encoder?')
    return {KEYS.released(key) or key: value for key, value in own.items()}


class TextEncoder(nn.Module):
    """Token ids -> context rows. Built without memory; `load` gives it."""

    def __init__(self, size: TextSize, dtype: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        config = UMT5Config(
            vocab_size=size.vocabulary,
            d_model=size.width,
            d_kv=size.head_dim,
            d_ff=size.ffn_width,
            num_layers=size.layers,
            num_heads=size.heads,
            relative_attention_num_buckets=size.buckets,
            relative_attention_max_distance=size.furthest,
            feed_forward_proj='gated-gelu',
            dropout_rate=0.0,
        )
        with torch.device('meta'):
            self.network = UMT5EncoderModel(config).to(dtype)

    def load(
        self,
        tensors: Mapping[str, Tensor],
        what: str,
        device: torch.device | str | None = None,
    ) -> None:
        """Fill from the released names. Raises ValueError naming what is missing or wrong."""
        named = KEYS.rename(tensors, what)
        if 'shared.weight' in named:  # without it both are missing, which is told
            named[_TIED] = named['shared.weight']
        fill(self.network, named, KEYS, what, device)
        self.network.tie_weights()

    @torch.inference_mode()
    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask [B, L], mask true for real tokens -> rows [B, L, width], zero behind them."""
        rows = self.network(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return rows * mask[..., None].to(rows.dtype)
