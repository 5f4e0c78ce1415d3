"""Plain Fast-WAM: a video expert reads one picture, an action expert denoises a chunk against it.

What is unusual: two transformers of equal depth and different width share one attention per layer;
the video side never sees the actions, so it is read once (`prefill`) and its keys and values serve
every denoise step. Text and robot state enter through cross-attention only. Every attention here
sees all that it is given, so there is no mask.

This module knows no schedule, no picture and no unit: it turns latents, context rows and noisy
actions into velocities. Shapes: B batch, S video tokens, A action tokens, L context rows, H heads,
D head width. Facts: the released Fast-WAM code and the Wan 2.2 transformer it extends.
"""

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor, nn

from fastwam_ros.wam.rotary import Rotary, rotate, time_sinusoid

EPS = 1e-6
LATENT_CHANNELS = 48
PATCH = 2  # latent pixels per video token and side

KeysValues = tuple[Tensor, Tensor]  # each [B, H, tokens, D]


@dataclass(frozen=True)
class ExpertSize:
    """Hidden width of one expert and of its feed-forward layer."""

    width: int
    ffn_width: int


@dataclass(frozen=True)
class ModelSize:
    """Everything that fixes the shapes of the weights."""

    layers: int
    heads: int
    head_dim: int
    text_width: int
    frequency_width: int
    video: ExpertSize
    action: ExpertSize
    action_width: int
    state_width: int

    def __post_init__(self) -> None:
        """Raises ValueError where rotary pairs or the sinusoid would not come out even."""
        if self.head_dim % 2 or (self.head_dim // 3) % 2:
            raise ValueError(
                f'head_dim {self.head_dim}: it and its third must be even (128 and 32 are)'
            )
        if self.frequency_width % 2:
            raise ValueError(f'frequency_width {self.frequency_width} must be even')


class RMSNorm(nn.Module):
    """Root-mean-square norm: fp32 statistics, cast back, then the weight."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """x [..., width] -> the same shape and dtype."""
        wide = x.float()
        scale = torch.rsqrt(wide.square().mean(-1, keepdim=True) + EPS)
        return (wide * scale).to(x.dtype) * self.weight


class Attention(nn.Module):
    """The projections of one attention; who attends to whom is the caller's business."""

    def __init__(self, width: int, heads: int, head_dim: int) -> None:
        super().__init__()
        inner = heads * head_dim
        self.heads = heads
        self.query, self.key = nn.Linear(width, inner), nn.Linear(width, inner)
        self.value, self.out = nn.Linear(width, inner), nn.Linear(inner, width)
        self.query_norm, self.key_norm = RMSNorm(inner), RMSNorm(inner)

    def ask(self, x: Tensor) -> Tensor:
        """Queries [B, H, tokens, D] of x [B, tokens, width]."""
        return self._split(self.query_norm(self.query(x)))

    def offer(self, x: Tensor) -> KeysValues:
        """Keys and values of x [B, tokens, width]."""
        return self._split(self.key_norm(self.key(x))), self._split(self.value(x))

    def gather(self, query: Tensor, seen: KeysValues) -> Tensor:
        """Softmax attention of the query over all that is seen: [B, tokens, width]."""
        mixed = F.scaled_dot_product_attention(query, *seen)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """One layer of either expert, cut where the two experts meet.

    `offer` gives what the joint attention of this layer needs, `advance` does the rest. modulation
    is [..., 6, 1, width]: shift, scale, gate of the attention, then of the feed-forward layer; the
    scales already contain their 1.
    """

    def __init__(self, size: ExpertSize, heads: int, head_dim: int) -> None:
        super().__init__()
        self.width = size.width
        self.self_attention = Attention(size.width, heads, head_dim)
        self.text_attention = Attention(size.width, heads, head_dim)
        self.text_norm = nn.LayerNorm(size.width, EPS)
        self.widen = nn.Linear(size.width, size.ffn_width)
        self.narrow = nn.Linear(size.ffn_width, size.width)
        self.modulation = nn.Parameter(torch.zeros(1, 6, size.width))

    def offer(self, x: Tensor, modulation: Tensor, rotary: Rotary) -> tuple[Tensor, KeysValues]:
        """Query, and keys and values, of this layer's tokens x [B, tokens, width]."""
        shift, scale, *_ = modulation.unbind(-3)
        x = self._norm(x) * scale + shift
        key, value = self.self_attention.offer(x)
        return rotate(self.self_attention.ask(x), rotary), (rotate(key, rotary), value)

    def advance(
        self, x: Tensor, modulation: Tensor, query: Tensor, seen: KeysValues, text: KeysValues
    ) -> Tensor:
        """The tokens after this layer: joint attention, text, feed-forward."""
        _, _, gate, ffn_shift, ffn_scale, ffn_gate = modulation.unbind(-3)
        x = x + gate * self.self_attention.gather(query, seen)
        x = x + self.text_attention.gather(self.text_attention.ask(self.text_norm(x)), text)
        hidden = F.gelu(self.widen(self._norm(x) * ffn_scale + ffn_shift), approximate='tanh')
        return x + ffn_gate * self.narrow(hidden)

    def _norm(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, (self.width,), eps=EPS)


class Expert(nn.Module):
    """A stack of blocks with its own reading of time and text."""

    def __init__(self, size: ExpertSize, model: ModelSize) -> None:
        super().__init__()
        width = size.width
        self.frequency_width = model.frequency_width
        self.time = nn.Sequential(
            nn.Linear(model.frequency_width, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.time_projection = nn.Linear(width, 6 * width)
        self.text = nn.Sequential(
            nn.Linear(model.text_width, width), nn.GELU('tanh'), nn.Linear(width, width)
        )
        self.blocks = nn.ModuleList(
            Block(size, model.heads, model.head_dim) for _ in range(model.layers)
        )

    @property
    def layers(self) -> list[Block]:
        """The blocks, first to last."""
        return cast(list[Block], list(self.blocks))

    def time_modulation(self, timesteps: Tensor) -> Tensor:
        """What time alone contributes: timesteps [...] -> [..., 6, 1, width]."""
        embedded = self.time(time_sinusoid(timesteps, self.frequency_width))
        return self.time_projection(F.silu(embedded)).unflatten(-1, (6, 1, -1))

    def modulations(self, timesteps: Tensor) -> Tensor:
        """Per layer, ready for use: [layers, ..., 6, 1, width]."""
        time = self.time_modulation(timesteps)
        one = time.new_tensor([0, 1, 0, 0, 1, 0])[:, None, None]  # scales are stored minus one
        return torch.stack(
            [block.modulation.transpose(0, 1) + time + one for block in self.layers]
        )

    def read(self, context: Tensor) -> list[KeysValues]:
        """Keys and values of context rows [B, L, text_width], one pair per layer."""
        context = self.text(context)
        return [block.text_attention.offer(context) for block in self.layers]


class FastWAM(nn.Module):
    """Both experts. Released weights also hold a video head, which this variant never asks."""

    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.size = size
        self.video, self.action = Expert(size.video, size), Expert(size.action, size)
        patch = (1, PATCH, PATCH)
        self.patch = nn.Conv3d(LATENT_CHANNELS, size.video.width, patch, patch)
        self.action_in = nn.Linear(size.action_width, size.action.width)
        self.action_out = nn.Linear(size.action.width, size.action_width)
        self.state_in = nn.Linear(size.state_width, size.text_width)

    def state_row(self, state: Tensor) -> Tensor:
        """The normalised state [B, state_width] as one more context row [B, 1, text_width]."""
        return self.state_in(state)[:, None]

    def video_tokens(self, latent: Tensor) -> Tensor:
        """Latent [B, 48, T, h, w] -> [B, T * h/2 * w/2, width]: by frame, row, column."""
        return self.patch(latent).flatten(2).transpose(1, 2)

    def prefill(
        self, latent: Tensor, modulations: Tensor, rotary: Rotary, text: list[KeysValues]
    ) -> list[KeysValues]:
        """What the action expert may see of the picture: keys and values of every layer.

        modulations: the video expert's at time 0 (the picture is clean).
        """
        x, seen = self.video_tokens(latent), []
        last = len(self.video.blocks) - 1
        for index, block in enumerate(self.video.layers):
            query, offered = block.offer(x, modulations[index], rotary)
            seen.append(offered)
            if index < last:  # nobody reads the tokens after the last layer
                x = block.advance(x, modulations[index], query, offered, text[index])
        return seen

    def velocity(
        self,
        actions: Tensor,
        modulations: Tensor,
        rotary: Rotary,
        seen: list[KeysValues],
        text: list[KeysValues],
    ) -> Tensor:
        """The velocity noise - sample of noisy actions [B, A, action_width], same shape."""
        x = self.action_in(actions)
        for index, block in enumerate(self.action.layers):
            query, offered = block.offer(x, modulations[index], rotary)
            joined = join(seen[index], offered)
            x = block.advance(x, modulations[index], query, joined, text[index])
        return self.action_out(x)


def join(first: KeysValues, second: KeysValues) -> KeysValues:
    """Two sequences of keys and values as one; a batch of one is repeated to the other's size."""
    batch = max(first[0].shape[0], second[0].shape[0])
    key, value = (
        torch.cat((a.expand(batch, -1, -1, -1), b.expand(batch, -1, -1, -1)), dim=2)
        for a, b in zip(first, second, strict=True)
    )
    return key, value
