"""One expert, packed: what `blocks.Expert` says, over memory that is given.

B observations, R = B * samples rows of tokens, S tokens of each, L columns of text, H heads of
width D; memory: keys and values [layers, 2, B, samples, T, H, D] of all tokens that can be seen.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor

from fastwam_ros.wam.blocks import EPS, Block, Expert
from fastwam_ros.wam.packing import pack_linears, pack_norms
from fastwam_ros.wam.rotary import rotate


@dataclass(frozen=True)
class Words:
    """What one expert sees of the text. both: keys and values [layers, 2, B, L, H, D].

    bias: [B, 1, 1, L], added to the logits.
    """

    both: Tensor
    bias: Tensor

    def part(self, count: int, columns: int) -> 'Words':
        """Of the first observations, the first columns."""
        return Words(self.both[:, :, :count, :columns], self.bias[:count, ..., :columns])


class Stack:
    """One expert, packed."""

    def __init__(self, expert: Expert, device: torch.device | str | None) -> None:
        self._expert = expert
        texts = [block.text_attention for block in expert.layers]
        self._layers = [_Layer(block, device) for block in expert.layers]
        self._heads = texts[0].heads
        self._words = pack_linears([part for at in texts for part in (at.key, at.value)], device)
        self._norms = pack_norms([at.key_norm for at in texts], device)

    def read(self, context: Tensor) -> Tensor:
        """Context rows [B, L, text_width] -> keys and values of all layers."""
        both = F.linear(self._expert.text(context), *self._words)
        both = both.unflatten(-1, (len(self._layers), 2, -1)).permute(2, 3, 0, 1, 4)
        keys = _root_mean_square(both[:, 0], 1) * self._norms[:, None, None]
        return torch.stack((keys, both[:, 1]), 1).unflatten(-1, (self._heads, -1))

    def through(
        self,
        x: Tensor,
        modulations: Tensor,
        rotary: Tensor,
        text: Words,
        memory: Tensor,
        at: int,
        tail: bool = True,
    ) -> Tensor:
        """Tokens after the last layer; what they offer is in memory from token `at` on.

        tail: see `blocks.Expert.through`; without it the tokens are those before the last layer.
        """
        rotary = rotary[:, None, None]
        for index, layer in enumerate(self._layers):
            seen, words, modulation = memory[index], text.both[index], modulations[index]
            if not tail and index == len(self._layers) - 1:
                layer.offer(x, modulation, rotary, seen, at)
            else:
                x = layer(x, modulation, rotary, seen, at, words, text.bias)
        return x


class _Layer:
    """One block, packed."""

    def __init__(self, block: Block, device: torch.device | str | None) -> None:
        own = block.self_attention
        self._block, self._shape = block, (own.heads, -1)
        self._into = pack_linears([own.query, own.key, own.value], device)
        self._norms = pack_norms([own.query_norm, own.key_norm], device)

    def offer(
        self, x: Tensor, modulation: Tensor, rotary: Tensor, memory: Tensor, at: int, asks: int = 0
    ) -> Tensor:
        """Keys and values of x [.., S, width] into memory [2, B, samples, T, H, D].

        Returns queries [.., S, asks, H, D]; asks: 0 or 1.
        """
        shift, scale, *_ = modulation.unbind(-3)
        weight, bias = self._into
        skipped = 0 if asks else len(weight) // 3
        parts = F.linear(_modulated(x, shift, scale), weight[skipped:], bias[skipped:])
        parts = parts.unflatten(-1, (asks + 2, *self._shape))
        turned = _root_mean_square(parts[:, :, :-1], 2) * self._norms[1 - asks :].unflatten(
            -1, self._shape
        )
        turned = rotate(turned, rotary)
        count, place = memory.shape[1], slice(at, at + x.shape[1])
        memory[0, :, :, place] = turned[:, :, -1].unflatten(0, (count, -1))
        memory[1, :, :, place] = parts[:, :, -1].unflatten(0, (count, -1))
        return turned[:, :, :asks]

    def __call__(
        self,
        x: Tensor,
        modulation: Tensor,
        rotary: Tensor,
        memory: Tensor,
        at: int,
        words: Tensor,
        bias: Tensor,
    ) -> Tensor:
        """The tokens [.., S, width] after this layer."""
        block, count = self._block, memory.shape[1]
        query = self.offer(x, modulation, rotary, memory, at, asks=1)[:, :, 0]
        _, _, gate, ffn_shift, ffn_scale, ffn_gate = modulation.unbind(-3)
        samples, end = len(x) // count, at + x.shape[1]
        seen = memory[:, :, :samples, :end].flatten(1, 2)
        x = torch.addcmul(x, gate, block.self_attention.out(_attention(query, seen)))
        x = x + self._listen(x, words, bias)
        hidden = block.widen(_modulated(x, ffn_shift, ffn_scale))
        return torch.addcmul(x, ffn_gate, block.narrow(F.gelu(hidden, approximate='tanh')))

    def _listen(self, x: Tensor, words: Tensor, bias: Tensor) -> Tensor:
        """Text attention; the samples of one observation ask side by side."""
        text, count = self._block.text_attention, len(bias)
        query = _root_mean_square(text.query(self._block.text_norm(x)), 1)
        query = (query * text.query_norm.weight).unflatten(-1, self._shape)
        side_by_side = query.unflatten(0, (count, -1)).flatten(1, 2)
        heard = text.out(_attention(side_by_side, words, bias))
        return heard.view_as(x)


def _modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return torch.addcmul(shift, F.layer_norm(x, x.shape[-1:], eps=EPS), scale)


def _root_mean_square(x: Tensor, axes: int) -> Tensor:
    """`blocks.RMSNorm` without its weight, over the last axes."""
    return F.rms_norm(x, x.shape[-axes:], eps=EPS)


def _attention(query: Tensor, seen: Tensor, bias: Tensor | None = None) -> Tensor:
    """Query [.., S, H, D] over keys and values [2, .., tokens, H, D] -> [.., S, H * D]."""
    key, value = seen.transpose(2, 3)
    mixed = F.scaled_dot_product_attention(query.transpose(1, 2), key, value, attn_mask=bias)
    return mixed.transpose(1, 2).flatten(2)
