"""The model run as the released code runs it: what the engine is compared with.

Eager, and everything anew in every step: time and text embeddings, keys and values of all rows of
the instruction, padding included, and in Joint and IDM the first frame too; one product each for
query, key and value; masks where everything is seen; the image encoder in three dimensions. Like
the released code it reads the picture once in Fast-WAM and leaves out the decoder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from fastwam_ros.wam.blocks import Read
from fastwam_ros.wam.masks import action_mask, video_mask
from fastwam_ros.wam.mixture import Stream, mixed
from fastwam_ros.wam.model import PATCH, FastWAM
from fastwam_ros.wam.rotary import grid_rotary, sequence_rotary
from fastwam_ros.wam.sampling import FRAMES
from fastwam_ros.wam.schedule import Schedule
from fastwam_ros.wam.vision import ImageEncoder, WanVae


class Unfolded(ImageEncoder):
    """The image encoder with all its taps in time."""

    def load(
        self,
        tensors: Mapping[str, Tensor],
        what: str,
        device: torch.device | str | None = None,
    ) -> None:
        """As `WanVae.load`."""
        WanVae.load(self, tensors, what, device)


@dataclass(frozen=True)
class Naive:
    """Three samplers from a latent [1, 48, 1, h, w], context rows [1, L, width] and noise."""

    model: FastWAM
    schedule: Schedule

    def fastwam(self, latent: Tensor, context: Tensor, actions: Tensor, _: Tensor) -> Tensor:
        """The picture once, then all action steps: the finished actions."""
        video, _ = self._video(latent, context, latent.new_zeros(()))
        read = self._read_video(video, 1)
        return self._denoise(read, context, actions)

    def joint(self, latent: Tensor, context: Tensor, actions: Tensor, future: Tensor) -> Tensor:
        """All frames and actions through all layers in every step."""
        whole, model = torch.cat((latent, future), dim=2), self.model
        for time, delta in self._steps(latent):
            video, head = self._video(whole, context, time)
            tokens = video.tokens.shape[1] // FRAMES
            mask = action_mask(tokens, FRAMES, actions.shape[1], FRAMES).to(latent.device)
            x, y = mixed(model, video, self._actions(actions, context, time), mask)
            motion = model.video_out(x, head, *latent.shape[-2:])
            actions = actions + delta * model.action_out(y)
            whole = torch.cat((latent, (whole + delta * motion)[:, :, 1:]), dim=2)
        return actions

    def idm(self, latent: Tensor, context: Tensor, actions: Tensor, future: Tensor) -> Tensor:
        """All frames in every video step, then read as clean, then all action steps."""
        whole = torch.cat((latent, future), dim=2)
        for time, delta in self._steps(latent):
            video, head = self._video(whole, context, time)
            x, _ = self._through(video, FRAMES)
            motion = self.model.video_out(x, head, *latent.shape[-2:])
            whole = torch.cat((latent, (whole + delta * motion)[:, :, 1:]), dim=2)
        clean, _ = self._video(whole, context, latent.new_zeros(()))
        return self._denoise(self._read_video(clean, FRAMES), context, actions)

    def _steps(self, like: Tensor) -> list[tuple[Tensor, Tensor]]:
        times, deltas = self.schedule.timesteps.to(like), self.schedule.deltas.to(like)
        return list(zip(times, deltas, strict=True))

    def _video(self, latents: Tensor, context: Tensor, time: Tensor) -> tuple[Stream, Tensor]:
        """The frames as tokens, each with its own time, and the head's modulations."""
        frames, height, width = latents.shape[2:]
        model, tokens = self.model, height * width // PATCH**2
        times = time.expand(1, frames * tokens).clone()
        times[:, :tokens] = 0
        grid = grid_rotary(frames, height // PATCH, width // PATCH, model.size.head_dim)
        stream = Stream(
            model.video_tokens(latents),
            model.video.token_modulations(times),
            grid.to(latents.device),
            model.video.read(context),
        )
        if not model.imagines:
            return stream, times
        return stream, model.video_out.modulations(model.video.embed_time(times))

    def _actions(self, actions: Tensor, context: Tensor, time: Tensor) -> Stream:
        model = self.model
        return Stream(
            model.action_in(actions),
            model.action.modulations(time[None]),
            sequence_rotary(actions.shape[1], model.size.head_dim).to(actions.device),
            model.action.read(context),
        )

    def _through(self, video: Stream, frames: int) -> tuple[Tensor, Read]:
        """Tokens after the last layer, and keys and values of all."""
        x, read = video.tokens, []
        mask = video_mask(x.shape[1] // frames, frames).to(x.device)
        for index, block in enumerate(self.model.video.layers):
            modulation, text = video.modulations[index], video.text[index]
            query, offered = block.offer(x, modulation, video.rotary)
            read.append(offered)
            x = block.advance(x, modulation, query, offered, text, mask)
        return x, read

    def _read_video(self, video: Stream, frames: int) -> Read:
        return self._through(video, frames)[1]

    def _denoise(self, read: Read, context: Tensor, actions: Tensor) -> Tensor:
        for time, delta in self._steps(actions):
            action = self._actions(actions, context, time)
            velocity = self.model.velocity(
                actions, action.modulations, action.rotary, read, action.text
            )
            actions = actions + delta * velocity
        return actions
