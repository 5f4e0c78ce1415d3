"""What a layer of an expert is made of, as torch's own operators.

The reference of every other way: a layer (`stack`) is six calls of four verbs, each of which fused
kernels can do at once, and nothing else is theirs to replace.

R rows of S tokens, W = heads * D the width of attention; B observations, R a multiple of B.
"""

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor

from fastwam_ros.wam.blocks import EPS
from fastwam_ros.wam.packing import Linear
from fastwam_ros.wam.rotary import rotate


class TorchKernels:
    """One operator after the other, on any device; a faster way overrides the verbs it knows."""

    name = 'torch'

    def norm(self, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Layer norm of x [R, S, width], then scale and shift [width]."""
        return F.layer_norm(x, x.shape[-1:], scale, shift, EPS)

    def keep(
        self, h: Tensor, into: Linear, norm: Tensor, rotary: Tensor, memory: Tensor, at: int
    ) -> None:
        """Keys and values of h [R, S, width] into memory, from token `at` on.

        into: to key and value, [2 * W]; norm: of the key, [1, W]; rotary: [S, D / 2] complex;
        memory: [2, B, samples, T, heads, D]. A row that stands for all samples goes to each.
        """
        self._offer(h, into, norm, rotary, memory, at, asks=0)

    def attend(
        self, h: Tensor, into: Linear, norms: Tensor, rotary: Tensor, memory: Tensor, at: int
    ) -> Tensor:
        """`keep`, and what h [R, S, width] sees of memory up to its own last token: [R, S, W].

        into: to query, key and value, [3 * W]; norms: of query and key, [2, W].
        """
        query = self._offer(h, into, norms, rotary, memory, at, asks=1)[:, :, 0]
        count, end = memory.shape[1], at + h.shape[1]
        samples = len(h) // count
        return _attention(query, memory[:, :, :samples, :end].flatten(1, 2))

    def listen(self, h: Tensor, into: Linear, norm: Tensor, words: Tensor, bias: Tensor) -> Tensor:
        """What h [R, S, width] sees of the text: [R, S, W].

        into: to the query; norm: [1, W]; words: keys and values [2, B, L, heads, D]; bias:
        [B, 1, 1, L], added to the logits. The samples of one observation ask side by side.
        """
        query = (_root_mean_square(into(h), 1) * norm).unflatten(-1, words.shape[-2:])
        side_by_side = query.unflatten(0, (len(bias), -1)).flatten(1, 2)
        return _attention(side_by_side, words, bias).view(*h.shape[:2], -1)

    def widen(self, h: Tensor, into: Linear) -> Tensor:
        """The feed-forward layer's hidden values."""
        return F.gelu(into(h), approximate='tanh')

    def add(
        self,
        x: Tensor,
        y: Tensor,
        into: Linear,
        gate: Tensor | None,
        scale: Tensor | None,
        shift: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """x + gate * into(y), and the norm of that; without a scale twice the sum.

        x: [R, S, width]; gate: [width], None for 1.
        """
        x = x + into(y) if gate is None else torch.addcmul(x, gate, into(y))
        return x, x if scale is None or shift is None else self.norm(x, scale, shift)

    def _offer(
        self,
        h: Tensor,
        into: Linear,
        norms: Tensor,
        rotary: Tensor,
        memory: Tensor,
        at: int,
        asks: int,
    ) -> Tensor:
        """Keys and values into memory; queries [R, S, asks, heads, D]."""
        shape = memory.shape[-2:]
        parts = into(h).unflatten(-1, (asks + 2, *shape))
        turned = _root_mean_square(parts[:, :, :-1], 2) * norms.unflatten(-1, shape)
        turned = rotate(turned, rotary[:, None, None])
        count, place = memory.shape[1], slice(at, at + h.shape[1])
        memory[0, :, :, place] = turned[:, :, -1].unflatten(0, (count, -1))
        memory[1, :, :, place] = parts[:, :, -1].unflatten(0, (count, -1))
        return turned[:, :, :asks]


def _root_mean_square(x: Tensor, axes: int) -> Tensor:
    """`blocks.RMSNorm` without its weight, over the last axes."""
    return F.rms_norm(x, x.shape[-axes:], eps=EPS)


def _attention(query: Tensor, seen: Tensor, bias: Tensor | None = None) -> Tensor:
    """Query [.., S, H, D] over keys and values [2, .., tokens, H, D] -> [.., S, H * D]."""
    key, value = seen.transpose(2, 3)
    mixed = F.scaled_dot_product_attention(query.transpose(1, 2), key, value, attn_mask=bias)
    return mixed.transpose(1, 2).flatten(2)
