"""The model as the engine runs it: the same weights and numbers, by about half the operators.

`model` and `blocks` say what is computed; here is what differs in how. Query, key and value of a
layer are one product, keys and values of a text row one product for all layers. What frames and
actions offer is written side by side into memory that stays where it is. The padding rows of an
instruction are all alike: two columns stand for them, whose logits are raised by the logarithm of
what each counts for (two, because one logarithm in bf16 would be off by a hundredth). Nothing here
synchronises, branches on what it is given, or allocates what lives longer than the call.

B observations, R = B * samples rows of actions, S tokens, L columns of text, H heads of width D.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor, nn

from fastwam_ros.wam.blocks import EPS, Block, Expert
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.packing import pack_linears, pack_norms
from fastwam_ros.wam.rotary import rotate

PADDING = 2  # columns that stand for all padding rows


@dataclass(frozen=True)
class Words:
    """What one expert sees of the text. both: keys and values [layers, 2, B, L, H, D].

    bias: [B, 1, 1, L], added to the logits.
    """

    both: Tensor
    bias: Tensor


@dataclass(frozen=True)
class Prompt:
    """One instruction read by both experts; each [layers, 2, 1, n, H, D]; bias [n]."""

    video: Tensor
    action: Tensor
    bias: Tensor


class Lean:
    """A network over `model.FastWAM`, whose weights it packs; see `sampling.Network`.

    Make it before the weights are loaded: what it packs gets its memory here, once, and loading
    fills it in place. device: where that memory is.
    """

    def __init__(self, model: FastWAM, device: torch.device | str | None = None) -> None:
        self._model = model
        self._video, self._action = _Stack(model.video, device), _Stack(model.action, device)
        self._memory = self._bias = torch.empty(0)
        self._words: tuple[Words, Words] | None = None

    def reserve(self, batch: int, samples: int, tokens: int) -> None:
        """Memory for `batch` observations of that many samples and tokens of video and actions."""
        size, like = self._model.size, self._model.action_in.weight
        shape = (size.layers, 2, batch, samples, tokens, size.heads, size.head_dim)
        self._memory = like.new_empty(shape)
        self._words = None

    def learn(self, rows: Tensor, length: int) -> Prompt:
        """Keys and values of an instruction's rows [n, text_width], as if padded to `length`."""
        padding = length - len(rows)
        context = torch.cat((rows, rows.new_zeros(PADDING, rows.shape[-1])))[None]
        bias = rows.new_zeros(len(rows) + PADDING)
        bias[len(rows) :] = _logarithms(padding, rows.dtype).to(rows)
        return Prompt(self._video.read(context), self._action.read(context), bias)

    def place(self, prompts: Sequence[Prompt]) -> None:
        """One instruction per observation; memory grows where one is longer than any before."""
        columns = max(len(prompt.bias) for prompt in prompts)
        if self._words is None or columns >= self._words[0].both.shape[3]:
            self._words = self._room(columns)
        video, action = self._words
        video.bias[..., :-1] = -math.inf  # the last column is the state's
        for index, prompt in enumerate(prompts):
            n = len(prompt.bias)
            video.both[:, :, index, :n] = prompt.video[:, :, 0]
            action.both[:, :, index, :n] = prompt.action[:, :, 0]
            video.bias[index, ..., :n] = prompt.bias

    def texts(self, states: Tensor) -> tuple[Words, Words]:
        """What each expert sees of instructions and normalised states [B, state_width]."""
        if self._words is None:
            raise ValueError('no instruction is placed yet')
        row, count = self._model.state_row(states), len(states)
        for words, stack in zip(self._words, (self._video, self._action), strict=True):
            words.both[:, :, :count, -1:] = stack.read(row)
        video, action = self._words
        bias = video.bias[:count]
        return Words(video.both[:, :, :count], bias), Words(action.both[:, :, :count], bias)

    def prefill(
        self, latent: Tensor, modulations: Tensor, rotary: Tensor, text: Words, before: int = 0
    ) -> int:
        """Frames into memory behind the first `before` tokens -> the tokens that are there."""
        x = self._model.video_tokens(latent)
        self._video.through(x, modulations, rotary, text, self._own(text), before, tail=False)
        return before + x.shape[1]

    def imagine(
        self,
        future: Tensor,
        modulations: Tensor,
        head: Tensor,
        rotary: Tensor,
        first: int,
        text: Words,
    ) -> tuple[Tensor, int]:
        """The frames' velocity, and the tokens of video that are in memory."""
        x = self._model.video_tokens(future)
        x = self._video.through(x, modulations, rotary, text, self._own(text), first)
        return self._model.video_out(x, head, *future.shape[-2:]), first + x.shape[1]

    def velocity(
        self, actions: Tensor, modulations: Tensor, rotary: Tensor, seen: int, text: Words
    ) -> Tensor:
        """The actions' velocity; their own keys and values lie behind the video's."""
        x = self._model.action_in(actions)
        x = self._action.through(x, modulations, rotary, text, self._own(text), seen)
        return self._model.action_out(x)

    def _own(self, text: Words) -> Tensor:
        """The memory of as many observations as there are texts."""
        return self._memory[:, :, : text.both.shape[2]]

    def _room(self, columns: int) -> tuple[Words, Words]:
        layers, _, batch, _, _, heads, width = self._memory.shape
        room = math.ceil((columns + 1) / 8) * 8  # kernels like a multiple of eight
        shape = (layers, 2, batch, room, heads, width)
        bias = self._memory.new_zeros(batch, 1, 1, room)
        video, action = (Words(self._memory.new_zeros(shape), bias) for _ in range(2))
        return video, action


class _Stack:
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
        key, value = memory[:, :, :samples, :end].flatten(1, 2)
        x = torch.addcmul(x, gate, block.self_attention.out(_attention(query, key, value)))
        x = x + self._listen(x, words, bias)
        hidden = block.widen(_modulated(x, ffn_shift, ffn_scale))
        return torch.addcmul(x, ffn_gate, block.narrow(F.gelu(hidden, approximate='tanh')))

    def _listen(self, x: Tensor, words: Tensor, bias: Tensor) -> Tensor:
        """Text attention; the samples of one observation ask side by side."""
        text, count = self._block.text_attention, len(bias)
        query = _root_mean_square(text.query(self._block.text_norm(x)), 1)
        query = (query * text.query_norm.weight).unflatten(-1, self._shape)
        side_by_side = query.unflatten(0, (count, -1)).flatten(1, 2)
        heard = text.out(_attention(side_by_side, *words, bias))
        return heard.view_as(x)


def _modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return torch.addcmul(shift, F.layer_norm(x, x.shape[-1:], eps=EPS), scale)


def _root_mean_square(x: Tensor, axes: int) -> Tensor:
    """`blocks.RMSNorm` without its weight, over the last axes."""
    return F.rms_norm(x, x.shape[-axes:], eps=EPS)


def _attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None) -> Tensor:
    """Each [.., tokens, H, D] -> [.., tokens, H * D]."""
    turned = (part.transpose(1, 2) for part in (query, key, value))
    mixed = F.scaled_dot_product_attention(*turned, attn_mask=bias)
    return mixed.transpose(1, 2).flatten(2)


def _logarithms(padding: int, dtype: torch.dtype) -> Tensor:
    """Two numbers of the dtype whose exponentials add up to `padding`; -inf counts for nothing."""
    if padding == 0:
        return torch.tensor([-math.inf, -math.inf])
    whole = torch.tensor(float(padding)).double().log().to(dtype).double()
    if whole.exp() > padding:  # from below, so that what is left is a number of rows too
        whole = torch.nextafter(whole.to(dtype), torch.tensor(-math.inf, dtype=dtype)).double()
    return torch.stack((whole, (padding - whole.exp()).log()))
