"""One training step's forward: noisy video and actions in, predicted velocities and losses out.

For fine-tuning and for comparison; no optimiser, no data. Facts: the released Fast-WAM training
code, which departs from the paper in the law of the timesteps (uniform and shifted, not
logit-normal) and weights the loss by a bell over them. Without video co-training: weight 0.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fastwam_ros.wam.masks import training_mask
from fastwam_ros.wam.mixture import Stream, mixed
from fastwam_ros.wam.model import PATCH, FastWAM
from fastwam_ros.wam.rotary import grid_rotary, sequence_rotary
from fastwam_ros.wam.schedule import TRAIN_TIMESTEPS

_BELL_FLOOR, _BELL_MEAN = 0.6065306597126334, 0.1894955536  # over the shifted grid of 1000 times
PICTURES_PER_FRAME = 4  # behind the first, which stands alone


@dataclass(frozen=True)
class Batch:
    """latents [B, 48, T, h, w], clean; actions [B, A, action_width], context rows with the state.

    padded_pictures [B, 4 (T - 1) + 1] and padded_actions [B, A]: true behind an episode's end.
    """

    latents: Tensor
    actions: Tensor
    context: Tensor
    padded_pictures: Tensor
    padded_actions: Tensor


@dataclass(frozen=True)
class Noising:
    """Times [B] in 0..1000 and noise of the shape of latents and actions.

    condition: IDM's second video, which actions see: its times (0 where it stays clean) and noise.
    """

    video_times: Tensor
    action_times: Tensor
    video: Tensor
    actions: Tensor
    condition: tuple[Tensor, Tensor] | None = None


@dataclass(frozen=True)
class Losses:
    """Scalars, and the velocities [as latents and as actions] that they judge."""

    video: Tensor
    action: Tensor
    video_velocity: Tensor
    action_velocity: Tensor

    def total(self, video: float = 1.0, action: float = 1.0) -> Tensor:
        """Weighted sum; video 0 is the model without video co-training."""
        return video * self.video + action * self.action


def draw_times(uniform: Tensor, shift: float = 5.0) -> Tensor:
    """Uniform numbers in 0..1 -> times in 0..1000, most of them late."""
    return TRAIN_TIMESTEPS * shift * uniform / (1 + (shift - 1) * uniform)


def loss_weight(times: Tensor) -> Tensor:
    """A bell over the times, zero at both ends, of mean one over the shifted grid."""
    bell = torch.exp(-2 * ((times - TRAIN_TIMESTEPS / 2) / TRAIN_TIMESTEPS) ** 2)
    return (bell - _BELL_FLOOR) / (_BELL_MEAN + 1e-10)


def losses(model: FastWAM, variant: str, batch: Batch, noising: Noising) -> Losses:
    """The forward of `variant` (masks.VARIANTS) and both losses.

    Raises ValueError for an unknown variant, or IDM without a condition.
    """
    video_velocity, action_velocity = velocities(model, variant, batch, noising)
    video_error = (video_velocity - (noising.video - batch.latents)) ** 2
    action_error = (action_velocity - (noising.actions - batch.actions)) ** 2
    behind = batch.padded_pictures[:, 1:].unflatten(1, (-1, PICTURES_PER_FRAME)).all(-1)
    per_frame = video_error[:, :, 1:].mean((1, 3, 4))
    return Losses(
        (_unpadded(per_frame, behind) * loss_weight(noising.video_times)).mean(),
        (
            _unpadded(action_error.mean(-1), batch.padded_actions)
            * loss_weight(noising.action_times)
        ).mean(),
        video_velocity,
        action_velocity,
    )


def velocities(
    model: FastWAM, variant: str, batch: Batch, noising: Noising
) -> tuple[Tensor, Tensor]:
    """What the model says of noised video and actions, as they are in training."""
    frames, height, width = batch.latents.shape[2:]
    tokens = height * width // PATCH**2
    branches = [(noising.video_times, noising.video)]
    if variant == 'idm':
        if noising.condition is None:
            raise ValueError(
                'IDM is trained with a condition video: its times and noise are missing'
            )
        branches.append(noising.condition)
    times = torch.cat([_token_times(time, tokens, frames) for time, _ in branches], dim=1)
    noisy = [_noised(batch.latents, time, noise, keep_first=True) for time, noise in branches]
    rotary = grid_rotary(frames, height // PATCH, width // PATCH, model.size.head_dim)
    video = Stream(
        torch.cat([model.video_tokens(latents) for latents in noisy], dim=1),
        model.video.token_modulations(times),
        rotary.repeat(len(branches), 1),
        model.video.read(batch.context),
    )
    action = Stream(
        model.action_in(_noised(batch.actions, noising.action_times, noising.actions)),
        model.action.modulations(noising.action_times),
        sequence_rotary(batch.actions.shape[1], model.size.head_dim),
        model.action.read(batch.context),
    )
    mask = training_mask(variant, tokens, frames, batch.actions.shape[1])
    x, y = mixed(model, video, action, mask)
    own = times[:, : frames * tokens]
    head = model.video_out.modulations(model.video.embed_time(own))
    return model.video_out(x[:, : frames * tokens], head, height, width), model.action_out(y)


def _noised(clean: Tensor, times: Tensor, noise: Tensor, keep_first: bool = False) -> Tensor:
    sigma = (times / TRAIN_TIMESTEPS).view(-1, *[1] * (clean.dim() - 1))
    noisy = (1 - sigma) * clean + sigma * noise
    return torch.cat((clean[:, :, :1], noisy[:, :, 1:]), dim=2) if keep_first else noisy


def _token_times(times: Tensor, tokens: int, frames: int) -> Tensor:
    """[B] -> [B, frames * tokens]: the first frame is clean and says so."""
    still = times.new_zeros(len(times), tokens)
    return torch.cat((still, times[:, None].expand(-1, (frames - 1) * tokens)), dim=1)


def _unpadded(errors: Tensor, padded: Tensor) -> Tensor:
    """Mean over the columns that are not padded: [B, n] -> [B]; 0 where all are."""
    kept = (~padded).to(errors.dtype)
    return (errors * kept).sum(1) / kept.sum(1).clamp(min=1)
