"""The model as it is written, as a network for the engine: the reference of what runs by default.

Every row of an instruction is read, padding too; keys and values are kept in lists and joined
where they are seen; gradients can be taken, which a prefix by the network's own Jacobian needs.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fastwam_ros.wam.blocks import Read, join_all
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.text import padded

Prompt = tuple[Read, Read]  # of the video expert, of the action expert


class Plain:
    """A network over `model.FastWAM`; see `sampling.Network` for its verbs."""

    def __init__(self, model: FastWAM) -> None:
        self._model = model
        self.prefill, self.imagine = model.prefill, model.imagine
        self._prompts: list[Prompt] = []

    def reserve(self, batch: int, samples: int, tokens: int) -> None:
        """Nothing: memory comes as it is needed."""

    def learn(self, rows: Tensor, length: int) -> Prompt:
        """What both experts read of an instruction's rows [n, text_width], padded to `length`."""
        context = padded(rows, length)
        return self._model.video.read(context), self._model.action.read(context)

    def place(self, prompts: Sequence[Prompt]) -> None:
        """One instruction per observation, until others are placed."""
        self._prompts = list(prompts)

    def texts(self, states: Tensor) -> tuple[Read, Read]:
        """Each expert's keys and values of instructions and normalised states [B, state_width]."""
        row = self._model.state_row(states)
        own = self._model.video.read(row), self._model.action.read(row)
        return self._joined(0, own[0]), self._joined(1, own[1])

    def velocity(
        self, actions: Tensor, modulations: Tensor, rotary: Tensor, seen: Read, text: Read
    ) -> Tensor:
        """`FastWAM.velocity` for several samples of each observation."""
        rows = len(actions)
        return self._model.velocity(
            actions, modulations, rotary, _for(rows, seen), _for(rows, text)
        )

    def _joined(self, expert: int, own: Read) -> Read:
        layers = zip(*(prompt[expert] for prompt in self._prompts), strict=True)
        prompts = [tuple(map(torch.cat, zip(*layer, strict=True))) for layer in layers]
        return join_all([(key, value) for key, value in prompts], own)


def _for(rows: int, read: Read) -> Read:
    """Each observation's keys and values once per sample of it."""
    count = rows // len(read[0][0])
    return [
        (key.repeat_interleave(count, 0), value.repeat_interleave(count, 0)) for key, value in read
    ]
