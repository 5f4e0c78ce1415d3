"""What both experts of the model are made of: shared attention, blocks, and a stack of them.

A block is cut where the experts meet: `offer` gives what the joint attention of its layer needs,
`advance` does the rest, and who sees whom is the caller's business. Shapes: B batch, L context
rows, H heads, D head width. Facts: the Wan 2.2 transformer and the released Fast-WAM code.
"""

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor, nn

from fastwam_ros.wam.rotary import rotate, time_sinusoid

EPS = 1e-6

KeysValues = tuple[Tensor, Tensor]  # each [B, H, tokens, D]
Read = list[KeysValues]  # one pair per layer


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

    def gather(self, query: Tensor, seen: KeysValues, mask: Tensor | None = None) -> Tensor:
        """Softmax attention of the query over what is seen: [B, tokens, width].

        mask: bool [queries, keys], true where a query may look; None: everywhere. A batch of one
        on either side serves all of the other.
        """
        batch = max(len(query), len(seen[0]))
        query, key, value = (part.expand(batch, -1, -1, -1) for part in (query, *seen))
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """One layer of either expert, cut where the two experts meet.

    `offer` gives what the joint attention of this layer needs, `advance` does the rest. modulation
    is [..., 6, 1, width]: shift, scale, gate of the attention, then of the feed-forward layer; the
    scales already contain their 1. Instead of 1 there may be one per token.
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

    def offer(self, x: Tensor, modulation: Tensor, rotary: Tensor) -> tuple[Tensor, KeysValues]:
        """Query, and keys and values, of this layer's tokens x [B, tokens, width]."""
        shift, scale, *_ = modulation.unbind(-3)
        x = self._norm(x) * scale + shift
        key, value = self.self_attention.offer(x)
        return rotate(self.self_attention.ask(x), rotary), (rotate(key, rotary), value)

    def advance(
        self,
        x: Tensor,
        modulation: Tensor,
        query: Tensor,
        seen: KeysValues,
        text: KeysValues,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The tokens after this layer: joint attention, text, feed-forward."""
        _, _, gate, ffn_shift, ffn_scale, ffn_gate = modulation.unbind(-3)
        x = x + gate * self.self_attention.gather(query, seen, mask)
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

    def embed_time(self, timesteps: Tensor) -> Tensor:
        """Timesteps [...] -> [..., width]."""
        return self.time(time_sinusoid(timesteps, self.frequency_width))

    def time_modulation(self, timesteps: Tensor) -> Tensor:
        """What time alone contributes: timesteps [...] -> [..., 6, 1, width]."""
        embedded = self.embed_time(timesteps)
        return self.time_projection(F.silu(embedded)).unflatten(-1, (6, 1, -1))

    def modulations(self, timesteps: Tensor) -> Tensor:
        """Per layer, ready for use: [layers, ..., 6, 1, width]."""
        return self._per_layer(self.time_modulation(timesteps))

    def token_modulations(self, timesteps: Tensor) -> Tensor:
        """The same where each token has a time of its own: [B, S] -> [layers, B, 6, S, width]."""
        return self._per_layer(self.time_modulation(timesteps).squeeze(-2).transpose(-2, -3))

    def _per_layer(self, time: Tensor) -> Tensor:
        one = time.new_tensor([0, 1, 0, 0, 1, 0])[:, None, None]  # scales are stored minus one
        return torch.stack(
            [block.modulation.transpose(0, 1) + time + one for block in self.layers]
        )

    def read(self, context: Tensor) -> Read:
        """Keys and values of context rows [B, L, text_width], one pair per layer."""
        context = self.text(context)
        return [block.text_attention.offer(context) for block in self.layers]

    def through(
        self,
        x: Tensor,
        modulations: Tensor,
        rotary: Tensor,
        text: Read,
        before: Read | None = None,
        tail: bool = True,
    ) -> tuple[Tensor, Read]:
        """Tokens [B, S, width] after the last layer, and their keys and values in every layer.

        They see each other and what comes before them. tail: False where nobody reads the tokens
        after the last layer, which is then left at its keys and values.
        """
        offers: Read = []
        for index, block in enumerate(self.layers):
            query, offered = block.offer(x, modulations[index], rotary)
            offers.append(offered)
            if tail or len(offers) < len(self.blocks):
                seen = join(before[index], offered) if before else offered
                x = block.advance(x, modulations[index], query, seen, text[index])
        return x, offers


def join_all(first: Read, second: Read) -> Read:
    """`join`, layer by layer."""
    return [join(a, b) for a, b in zip(first, second, strict=True)]


def join(first: KeysValues, second: KeysValues) -> KeysValues:
    """Two sequences of keys and values as one; a batch of one is repeated to the other's size."""
    batch = max(first[0].shape[0], second[0].shape[0])
    key, value = (
        torch.cat((a.expand(batch, -1, -1, -1), b.expand(batch, -1, -1, -1)), dim=2)
        for a, b in zip(first, second, strict=True)
    )
    return key, value
