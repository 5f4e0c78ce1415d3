"""From noise to a chunk, and to an imagined future where the variant has one.

One function per way of sampling, over tables of everything that sizes and schedule fix. Frame 0 of
the video is the clean picture: it is read once, and every step handles only what is still noisy,
which is exact. Nothing here synchronises with a device. Facts: the samplers of the released
Fast-WAM code (Euler, no guidance, one schedule for video and actions; specification: paper, 3).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from fastwam_ros.wam.blocks import Read, join_all
from fastwam_ros.wam.model import PATCH, FastWAM
from fastwam_ros.wam.rotary import grid_rotary, sequence_rotary
from fastwam_ros.wam.schedule import Schedule

FRAMES = 3  # latent frames of the released window: 33 steps, every 4th of them a picture


@dataclass(frozen=True)
class Future:
    """What the noisy frames need: positions, and per step modulations of blocks and head."""

    rotary: Tensor
    modulations: Tensor  # [steps, layers, 6, 1, width]
    head: Tensor  # [steps, 1, 2, width]


@dataclass(frozen=True)
class Tables:
    """What depends on the sizes and the schedule alone; future: of a model that imagines."""

    video_rotary: Tensor
    action_rotary: Tensor
    video_modulations: Tensor  # [layers, 6, 1, width], at time 0
    action_modulations: Tensor  # [steps, layers, 6, 1, width]
    deltas: Tensor  # [steps]
    future: Future | None = None

    @classmethod
    def of(
        cls,
        model: FastWAM,
        schedule: Schedule,
        latent: tuple[int, int],
        horizon: int,
        frames: int = FRAMES,
    ) -> 'Tables':
        """For latents of this height x width and chunks of this many rows, in the model's dtype.

        frames: of the whole window, the picture's included.
        """
        rows, columns = (side // PATCH for side in latent)
        width, like = model.size.head_dim, model.action_in.weight
        times = schedule.timesteps.to(like)
        future = None
        if model.imagines:
            heads = [model.video_out.modulations(model.video.embed_time(time)) for time in times]
            future = Future(
                grid_rotary(frames, rows, columns, width, first=1).to(like.device),
                torch.stack([model.video.modulations(time) for time in times]),
                torch.stack(heads),
            )
        return cls(
            grid_rotary(1, rows, columns, width).to(like.device),
            sequence_rotary(horizon, width).to(like.device),
            model.video.modulations(torch.zeros_like(times[0])),
            torch.stack([model.action.modulations(time) for time in times]),
            schedule.deltas.to(like),
            future,
        )


@dataclass(frozen=True)
class Given:
    """What one inference starts from, in the model's dtype.

    latent: of the picture [B, 48, 1, h, w]; video_text, action_text: each expert's keys and values
    of prompt and state; actions: noise [B or 1, A, action_width]; future: noise of the frames
    behind the picture [B or 1, 48, T - 1, h, w], None for who does not imagine.
    """

    latent: Tensor
    video_text: Read
    action_text: Read
    actions: Tensor
    future: Tensor | None = None


@dataclass(frozen=True)
class Sample:
    """actions [B, A, action_width], normalised; video [B, 48, T, h, w], the picture first."""

    actions: Tensor
    video: Tensor | None = None

    @property
    def spread(self) -> Tensor:
        """How far the samples of one observation lie apart: a scalar, in normalised units.

        The root mean square, over samples, rows and joints, of what each differs from their mean:
        0 where all agree, about 1 where they are as far apart as the data is wide.
        """
        return self.actions.float().var(0, unbiased=False).mean().sqrt()

    @property
    def finite(self) -> bool:
        """Whether every number of it is one; waits for the device."""
        parts = [self.actions] if self.video is None else [self.actions, self.video]
        return all(bool(torch.isfinite(part).all()) for part in parts)


def first_frame(model: FastWAM, tables: Tables, given: Given) -> Sample:
    """Actions that see the present picture and nothing imagined: plain Fast-WAM."""
    return Sample(_denoise_actions(model, tables, given, _picture(model, tables, given)))


def joint(model: FastWAM, tables: Tables, given: Given) -> Sample:
    """Video and actions step by step together; actions see the video of their own step."""
    first, ahead, future = _picture(model, tables, given), *_ahead(tables, given)
    x = given.actions
    for step, delta in enumerate(tables.deltas):
        motion, offered = _imagine(model, ahead, step, future, first, given)
        seen = join_all(first, offered)
        x = x + delta * model.velocity(
            x, tables.action_modulations[step], tables.action_rotary, seen, given.action_text
        )
        future = future + delta * motion
    return Sample(x, torch.cat((given.latent, future), dim=2))


def idm(model: FastWAM, tables: Tables, given: Given) -> Sample:
    """The whole video first; it is read as clean, and actions see all of it."""
    first, ahead, future = _picture(model, tables, given), *_ahead(tables, given)
    for step, delta in enumerate(tables.deltas):
        motion, _ = _imagine(model, ahead, step, future, first, given)
        future = future + delta * motion
    clean = model.prefill(
        future, tables.video_modulations, ahead.rotary, given.video_text, before=first
    )
    actions = _denoise_actions(model, tables, given, join_all(first, clean))
    return Sample(actions, torch.cat((given.latent, future), dim=2))


Sampling = Callable[[FastWAM, Tables, Given], Sample]
# Ways of sampling by variant; Optional-IDM was trained for two, the first is its default.
SAMPLINGS: dict[str, dict[str, Sampling]] = {
    'fastwam': {'first_frame': first_frame},
    'joint': {'joint': joint},
    'idm': {'idm': idm},
    'optional_idm': {'idm': idm, 'first_frame': first_frame},
}


def _picture(model: FastWAM, tables: Tables, given: Given) -> Read:
    return model.prefill(
        given.latent, tables.video_modulations, tables.video_rotary, given.video_text
    )


def _ahead(tables: Tables, given: Given) -> tuple[Future, Tensor]:
    if tables.future is None or given.future is None:
        raise ValueError('this model has no video head, or no noise for the frames to imagine')
    return tables.future, given.future


def _imagine(
    model: FastWAM, ahead: Future, step: int, future: Tensor, first: Read, given: Given
) -> tuple[Tensor, Read]:
    modulations, head = ahead.modulations[step], ahead.head[step]
    return model.imagine(future, modulations, head, ahead.rotary, first, given.video_text)


def _denoise_actions(model: FastWAM, tables: Tables, given: Given, seen: Read) -> Tensor:
    x, rotary = given.actions, tables.action_rotary
    for modulations, delta in zip(tables.action_modulations, tables.deltas, strict=True):
        x = x + delta * model.velocity(x, modulations, rotary, seen, given.action_text)
    return x
