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
from torch import Tensor

from fastwam_ros.wam.eight_bits import Form
from fastwam_ros.wam.kernels import TorchKernels
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.stack import Stack, Words

PADDING = 2  # columns that stand for all padding rows


@dataclass(frozen=True)
class Prompt:
    """One instruction read by both experts; each [layers, 2, 1, n, H, D]; bias [n]."""

    video: Tensor
    action: Tensor
    bias: Tensor


class Lean:
    """A network over `model.FastWAM`, whose weights it packs; see `sampling.Network`.

    Make it before the weights are loaded: what it packs gets its memory here, once, and loading
    fills it in place. device: where that memory is; kernels: how layers are computed, to be set
    before anything is placed or captured.
    """

    def __init__(
        self,
        model: FastWAM,
        device: torch.device | str | None = None,
        kernels: TorchKernels | None = None,
    ) -> None:
        self.model, self.kernels = model, kernels or TorchKernels()
        self._video, self._action = Stack(model.video, device), Stack(model.action, device)
        self._memory, self._columns = torch.empty(0), 0
        self._words: tuple[Words, Words] | None = None
        self._placed: list[Prompt] = []

    def reserve(self, batch: int, samples: int, tokens: int) -> None:
        """Memory for `batch` observations of that many samples and tokens of video and actions."""
        size, like = self.model.size, self.model.action_in.weight
        shape = (size.layers, 2, batch, samples, tokens, size.heads, size.head_dim)
        self._memory = like.new_empty(shape)
        self._words, self._placed = None, []

    def narrow(self, form: Form) -> None:
        """Layers with weights of 8 bits; those of the model, which must be loaded, are given back.

        What was learnt before stays as it is.
        """
        for stack in (self._video, self._action):
            stack.narrow(form)

    @property
    def weights(self) -> list[Tensor]:
        """What layers multiply with, in the form that they do."""
        return [one.weight for stack in (self._video, self._action) for one in stack.maps]

    @property
    def memory(self) -> list[Tensor]:
        """What stays between calls, beside weights."""
        return [self._memory, *(part.both for part in self._words or ())]

    def learn(self, rows: Tensor, length: int) -> Prompt:
        """Keys and values of an instruction's rows [n, text_width], as if padded to `length`."""
        padding = length - len(rows)
        context = torch.cat((rows, rows.new_zeros(PADDING, rows.shape[-1])))[None]
        bias = rows.new_zeros(len(rows) + PADDING)
        bias[len(rows) :] = _logarithms(padding, rows.dtype).to(rows)
        return Prompt(self._video.read(context), self._action.read(context), bias)

    def place(self, prompts: Sequence[Prompt]) -> None:
        """One instruction per observation; memory grows where one is longer than any before.

        As many columns are seen as the longest of these needs, so that a chunk does not depend on
        what was asked for before. Those that are placed already are not copied again.
        """
        if list(map(id, prompts)) == list(map(id, self._placed)):
            return
        self._placed = []  # until all of it is there
        longest = max(len(prompt.bias) for prompt in prompts)
        self._columns = math.ceil((longest + 1) / 8) * 8  # kernels like a multiple of eight
        if self._words is None or self._columns > self._words[0].both.shape[3]:
            self._words = self._room(self._columns)
        video, action = self._words
        video.bias[..., : self._columns - 1] = -math.inf
        video.bias[..., self._columns - 1] = 0  # the state's
        for index, prompt in enumerate(prompts):
            n = len(prompt.bias)
            video.both[:, :, index, :n] = prompt.video[:, :, 0]
            action.both[:, :, index, :n] = prompt.action[:, :, 0]
            video.bias[index, ..., :n] = prompt.bias
        self._placed = list(prompts)

    def texts(self, states: Tensor) -> tuple[Words, Words]:
        """What each expert sees of instructions and normalised states [B, state_width]."""
        if self._words is None:
            raise ValueError('no instruction is placed yet')
        row, count, end = self.model.state_row(states), len(states), self._columns
        seen = [words.part(count, end) for words in self._words]
        for words, stack in zip(seen, (self._video, self._action), strict=True):
            words.both[:, :, :, -1:] = stack.read(row)
        return seen[0], seen[1]

    def prefill(
        self, latent: Tensor, modulations: Tensor, rotary: Tensor, text: Words, before: int = 0
    ) -> int:
        """Frames into memory behind the first `before` tokens -> the tokens that are there."""
        x = self.model.video_tokens(latent)
        do, own = self.kernels, self._own(text)
        self._video.through(do, x, modulations, rotary, text, own, before, tail=False)
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
        x = self.model.video_tokens(future)
        do, own = self.kernels, self._own(text)
        x = self._video.through(do, x, modulations, rotary, text, own, first)
        return self.model.video_out(x, head, *future.shape[-2:]), first + x.shape[1]

    def velocity(
        self, actions: Tensor, modulations: Tensor, rotary: Tensor, seen: int, text: Words
    ) -> Tensor:
        """The actions' velocity; their own keys and values lie behind the video's."""
        x = self.model.action_in(actions)
        do, own = self.kernels, self._own(text)
        x = self._action.through(do, x, modulations, rotary, text, own, seen)
        return self.model.action_out(x)

    def _own(self, text: Words) -> Tensor:
        """The memory of as many observations as there are texts."""
        return self._memory[:, :, : text.both.shape[2]]

    def _room(self, columns: int) -> tuple[Words, Words]:
        layers, _, batch, _, _, heads, width = self._memory.shape
        shape = (layers, 2, batch, columns, heads, width)
        bias = self._memory.new_zeros(batch, 1, 1, columns)
        video, action = (Words(self._memory.new_zeros(shape), bias) for _ in range(2))
        return video, action


def _logarithms(padding: int, dtype: torch.dtype) -> Tensor:
    """Two numbers of the dtype whose exponentials add up to `padding`; -inf counts for nothing."""
    if padding == 0:
        return torch.tensor([-math.inf, -math.inf])
    whole = torch.tensor(float(padding)).double().log().to(dtype).double()
    if whole.exp() > padding:  # from below, so that what is left is a number of rows too
        whole = torch.nextafter(whole.to(dtype), torch.tensor(-math.inf, dtype=dtype)).double()
    return torch.stack((whole, (padding - whole.exp()).log()))
