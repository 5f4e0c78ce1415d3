"""One inference on the CPU: picture, state and task in; normalised chunk out.

Everything that no observation changes is computed once at load: schedule, modulations of every
layer and step, rotary tables, keys and values of every known prompt. A first, discarded run
follows, so that the first observation does not pay for warming up. Knows no units and no names.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fastwam_ros.wam.model import PATCH, FastWAM, KeysValues, join
from fastwam_ros.wam.rotary import Rotary, grid_rotary, sequence_rotary
from fastwam_ros.wam.schedule import Schedule, constant_noise
from fastwam_ros.wam.text import CachedPrompts
from fastwam_ros.wam.vision import REDUCTION, ImageEncoder, normalise_pixels

Read = list[KeysValues]  # one pair per layer


@dataclass(frozen=True)
class Tables:
    """What depends on the sizes and the schedule alone."""

    video_rotary: Rotary
    action_rotary: Rotary
    video_modulations: Tensor  # [layers, 6, 1, width], at time 0
    action_modulations: Tensor  # [steps, layers, 6, 1, width]
    deltas: Tensor  # [steps]

    @classmethod
    def of(
        cls, model: FastWAM, schedule: Schedule, latent: tuple[int, int], horizon: int
    ) -> 'Tables':
        """For latents of this height x width and chunks of this many rows."""
        rows, columns = (side // PATCH for side in latent)
        return cls(
            grid_rotary(1, rows, columns, model.size.head_dim),
            sequence_rotary(horizon, model.size.head_dim),
            model.video.modulations(torch.zeros(())),
            torch.stack([model.action.modulations(time) for time in schedule.timesteps]),
            schedule.deltas,
        )


def denoise(
    model: FastWAM, tables: Tables, latent: Tensor, video_text: Read, action_text: Read, x: Tensor
) -> Tensor:
    """Latent [B, 48, 1, h, w] and noise x [B or 1, A, action_width] -> chunk, normalised.

    The contexts are each expert's own reading of the prompt and the state.
    """
    seen = model.prefill(latent, tables.video_modulations, tables.video_rotary, video_text)
    for modulations, delta in zip(tables.action_modulations, tables.deltas, strict=True):
        x = x + delta * model.velocity(x, modulations, tables.action_rotary, seen, action_text)
    return x


class Engine:
    """Fast-WAM at fixed sizes with a fixed set of prompts.

    threads: CPU threads of torch, for the whole process. picture: the mosaic's height and width.
    Raises ValueError for threads < 1, or when a dry run gives numbers that are not finite.
    """

    def __init__(
        self,
        model: FastWAM,
        encoder: ImageEncoder,
        prompts: CachedPrompts,
        schedule: Schedule,
        picture: tuple[int, int],
        horizon: int,
        seed: int = 42,
        threads: int = 1,
    ) -> None:
        if threads < 1:
            raise ValueError(f'{threads} threads: the engine needs at least 1')
        torch.set_num_threads(threads)
        self._model, self._encoder = model.eval(), encoder.eval()
        self._noise = constant_noise(horizon, model.size.action_width, seed)
        with torch.inference_mode():
            latent = (picture[0] // REDUCTION, picture[1] // REDUCTION)
            self._tables = Tables.of(model, schedule, latent, horizon)
            self._prompts = {task: self._read(prompts.context(task)) for task in prompts.tasks}
        self._warm_up(picture, prompts.tasks[0])

    @torch.inference_mode()
    def infer(self, mosaic: Tensor, state: Tensor, task: str) -> Tensor:
        """uint8 [H, W, 3], normalised state [S] fp32, known task -> chunk [A, action_width] fp32.

        The noise is constant: the same input gives the same chunk.
        """
        latent = self._encoder(normalise_pixels(mosaic)[None])
        own = self._read(self._model.state_row(state[None]))
        video, action = (
            [join(prompt, row) for prompt, row in zip(*pair, strict=True)]
            for pair in zip(self._prompts[task], own, strict=True)
        )
        return denoise(self._model, self._tables, latent, video, action, self._noise)[0]

    def _read(self, context: Tensor) -> tuple[Read, Read]:
        return self._model.video.read(context), self._model.action.read(context)

    def _warm_up(self, picture: tuple[int, int], task: str) -> None:
        black = torch.zeros((*picture, 3), dtype=torch.uint8)
        chunk = self.infer(black, torch.zeros(self._model.size.state_width), task)
        if not torch.isfinite(chunk).all():
            raise ValueError(
                'the weights give a chunk that is not finite: damaged, or fp16 overflow'
            )
