"""Fast-WAM: a video expert reads one picture, an action expert denoises a chunk against it.

What is unusual: two transformers of equal depth and different width share one attention per layer;
the video side never sees the actions, and the present picture sees only itself, so that it is read
once (`prefill`) and its keys and values serve every denoise step, the future's (`imagine`) as well
as the actions' (`velocity`). Text and robot state enter through cross-attention only. Whatever is
given to an attention here is seen by all of its queries, so there is no mask.

This module knows no schedule, no picture and no unit: it turns latents, context rows and noise
into velocities. Shapes: B batch, T latent frames, A action tokens. Facts: the released Fast-WAM
code and the Wan 2.2 transformer it extends.
"""

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor, nn

from fastwam_ros.wam.blocks import EPS, Expert, ModelSize, Read, join_all

LATENT_CHANNELS = 48
PATCH = 2  # latent pixels per video token and side


class VideoHead(nn.Module):
    """Video tokens -> velocities of the latent pixels they stand for."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.modulation = nn.Parameter(torch.zeros(1, 2, width))
        self.out = nn.Linear(width, LATENT_CHANNELS * PATCH * PATCH)

    def modulations(self, embedded: Tensor) -> Tensor:
        """Embedded times [..., width] -> shift and scale [..., 2, width], the 1 in the scale."""
        one = embedded.new_tensor([0, 1])[:, None]
        return self.modulation + embedded.unsqueeze(-2) + one

    def forward(self, x: Tensor, modulations: Tensor, height: int, width: int) -> Tensor:
        """Tokens [B, T * h/2 * w/2, width] -> [B, 48, T, h, w], h and w being height and width.

        modulations: [..., 2, width], one for all tokens or one per token.
        """
        shift, scale = modulations.unbind(-2)
        pixels = self.out(F.layer_norm(x, (self.width,), eps=EPS) * scale + shift)
        pixels = pixels.unflatten(-1, (PATCH, PATCH, LATENT_CHANNELS))
        frames = pixels.unflatten(1, (-1, height // PATCH, width // PATCH))
        return frames.permute(0, 6, 1, 2, 4, 3, 5).flatten(5, 6).flatten(3, 4)


class FastWAM(nn.Module):
    """Both experts, and the video head where the variant imagines the future.

    imagines: Joint and IDM do; the plain model has the head in its file and never asks it.
    """

    def __init__(self, size: ModelSize, imagines: bool = False) -> None:
        super().__init__()
        self.size, self.imagines = size, imagines
        self.video, self.action = Expert(size.video, size), Expert(size.action, size)
        patch = (1, PATCH, PATCH)
        self.patch = nn.Conv3d(LATENT_CHANNELS, size.video.width, patch, patch)
        self.action_in = nn.Linear(size.action_width, size.action.width)
        self.action_out = nn.Linear(size.action.width, size.action_width)
        self.state_in = nn.Linear(size.state_width, size.text_width)
        if imagines:
            self.video_out = VideoHead(size.video.width)

    def state_row(self, state: Tensor) -> Tensor:
        """The normalised state [B, state_width] as one more context row [B, 1, text_width]."""
        return self.state_in(state)[:, None]

    def video_tokens(self, latent: Tensor) -> Tensor:
        """Latent [B, 48, T, h, w] -> [B, T * h/2 * w/2, width]: by frame, row, column."""
        return self.patch(latent).flatten(2).transpose(1, 2)

    def prefill(
        self,
        latent: Tensor,
        modulations: Tensor,
        rotary: Tensor,
        text: Read,
        before: Read | None = None,
    ) -> Read:
        """What others may see of clean frames: keys and values of every layer.

        modulations: the video expert's at time 0; before: of the frames before these, which these
        see too, and which are part of what others see.
        """
        x = self.video_tokens(latent)
        _, offers = self.video.through(x, modulations, rotary, text, before, tail=False)
        return join_all(before, offers) if before else offers

    def imagine(
        self,
        future: Tensor,
        modulations: Tensor,
        head: Tensor,
        rotary: Tensor,
        first: Read,
        text: Read,
    ) -> tuple[Tensor, Read]:
        """Noisy frames behind the first, [B, 48, T, h, w] -> their velocity, same shape.

        And what actions may see of the whole video. first: of the present picture, from
        `prefill`; head: the video head's modulations at the frames' time.
        """
        x = self.video_tokens(future)
        x, offers = self.video.through(x, modulations, rotary, text, first)
        return self.video_out(x, head, *future.shape[-2:]), join_all(first, offers)

    def velocity(
        self, actions: Tensor, modulations: Tensor, rotary: Tensor, seen: Read, text: Read
    ) -> Tensor:
        """The velocity noise - sample of noisy actions [B, A, action_width], same shape."""
        x, _ = self.action.through(self.action_in(actions), modulations, rotary, text, seen)
        return self.action_out(x)
