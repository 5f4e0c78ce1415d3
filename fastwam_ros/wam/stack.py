"""One expert, packed: what `blocks.Expert` says, over memory that is given.

B observations, R = B * samples rows of tokens, S tokens of each, L columns of text, H heads of
width D; memory: keys and values [layers, 2, B, samples, T, H, D] of all tokens that can be seen.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor

from fastwam_ros.wam.blocks import EPS, Block, Expert
from fastwam_ros.wam.eight_bits import Form, forget_weights, narrowed
from fastwam_ros.wam.kernels import TorchKernels
from fastwam_ros.wam.packing import Linear, pack_linears, pack_norms


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

    def narrow(self, form: Form) -> None:
        """Weights of 8 bits in all layers; the expert's own are given back."""
        self._words = narrowed(self._words, form)
        for layer, block in zip(self._layers, self._expert.layers, strict=True):
            layer.narrow(form)
            forget_weights(block)

    @property
    def maps(self) -> list[Linear]:
        """All that layers multiply with."""
        return [self._words, *(one for layer in self._layers for one in layer.maps.values())]

    def read(self, context: Tensor) -> Tensor:
        """Context rows [B, L, text_width] -> keys and values of all layers."""
        both = self._words(self._expert.text(context))
        both = both.unflatten(-1, (len(self._layers), 2, -1)).permute(2, 3, 0, 1, 4)
        keys = F.rms_norm(both[:, 0], both.shape[-1:], eps=EPS) * self._norms[:, None, None]
        return torch.stack((keys, both[:, 1]), 1).unflatten(-1, (self._heads, -1))

    def through(
        self,
        do: TorchKernels,
        x: Tensor,
        modulations: Tensor,
        rotary: Tensor,
        text: Words,
        memory: Tensor,
        at: int,
        tail: bool = True,
    ) -> Tensor:
        """Tokens after the last layer; what they offer is in memory from token `at` on.

        do: how layers are computed; tail: see `blocks.Expert.through`; without it the tokens are
        those before the last layer.
        """
        times = [Times(*one.squeeze(-2).unbind(-2)) for one in modulations.unbind()]
        h = do.norm(x, times[0].scale, times[0].shift)
        last = len(times) - 1
        for index, (layer, time) in enumerate(zip(self._layers, times, strict=True)):
            if index == last and not tail:
                layer.keep(do, h, rotary, memory[index], at)
                break
            mixed = layer.attend(do, h, rotary, memory[index], at)
            after = None if index == last else times[index + 1]
            x, h = layer.advance(do, x, mixed, time, after, text.both[index], text.bias)
        return x


@dataclass(frozen=True)
class Times:
    """A layer's modulation, each [width]; the scales already contain their 1."""

    shift: Tensor
    scale: Tensor
    gate: Tensor
    ffn_shift: Tensor
    ffn_scale: Tensor
    ffn_gate: Tensor


class _Layer:
    """One block, packed."""

    def __init__(self, block: Block, device: torch.device | str | None) -> None:
        own, text = block.self_attention, block.text_attention
        self._text_norm = block.text_norm
        self._norms = pack_norms([own.query_norm, own.key_norm], device)
        self._asks = pack_norms([text.query_norm], device)
        groups = {
            'into': [own.query, own.key, own.value],
            'out': [own.out],
            'ask': [text.query],
            'text_out': [text.out],
            'widen': [block.widen],
            'narrow': [block.narrow],
        }
        self.maps = {name: pack_linears(group, device) for name, group in groups.items()}

    def narrow(self, form: Form) -> None:
        """See `Stack.narrow`."""
        self.maps = {name: narrowed(one, form) for name, one in self.maps.items()}

    def keep(self, do: TorchKernels, h: Tensor, rotary: Tensor, memory: Tensor, at: int) -> None:
        """See `TorchKernels.keep`."""
        whole = self.maps['into']
        into = whole.behind(len(whole.bias) // 3)
        do.keep(h, into, self._norms[1:], rotary, memory, at)

    def attend(
        self, do: TorchKernels, h: Tensor, rotary: Tensor, memory: Tensor, at: int
    ) -> Tensor:
        """See `TorchKernels.attend`."""
        return do.attend(h, self.maps['into'], self._norms, rotary, memory, at)

    def advance(
        self,
        do: TorchKernels,
        x: Tensor,
        mixed: Tensor,
        time: Times,
        after: Times | None,
        words: Tensor,
        bias: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """The tokens after this layer, and as the next one wants them.

        mixed: of `attend`; after: of the next layer.
        """
        by, norm = self.maps, self._text_norm
        x, h = do.add(x, mixed, by['out'], time.gate, norm.weight, norm.bias)
        heard = do.listen(h, by['ask'], self._asks, words, bias)
        x, h = do.add(x, heard, by['text_out'], None, time.ffn_scale, time.ffn_shift)
        norms = (after.scale, after.shift) if after else (None, None)
        return do.add(x, do.widen(h, by['widen']), by['narrow'], time.ffn_gate, *norms)
