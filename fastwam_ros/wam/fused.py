"""A layer in eleven launches: the verbs of `kernels.TorchKernels` by kernels of our own, on a GPU.

Says how each product is cut into tiles, and calls; what is computed is in `triton_products` and
`triton_attention`. Needs Triton, which a CUDA build of torch brings. On a CPU it runs in Triton's
interpreter alone.
"""

import functools
from dataclasses import dataclass

import torch
import triton
from torch import Tensor

from fastwam_ros.wam import triton_attention as attention
from fastwam_ros.wam import triton_products as products
from fastwam_ros.wam.kernels import TorchKernels
from fastwam_ros.wam.packing import Linear

_FEW = 64  # rows up to which a product waits for its weights, not for its arithmetic


@dataclass(frozen=True)
class Cut:
    """How a product is cut: rows, outputs and inputs of a tile, shares of the inputs.

    warps: of a program; stages: tiles on their way at a time.
    """

    rows: int
    outputs: int
    inputs: int
    splits: int
    warps: int
    stages: int


@functools.cache
def cut(rows: int, outputs: int, inputs: int, within: int, processors: int, splits: bool) -> Cut:
    """For a product of that size on so many processors.

    within: what the outputs of a tile must divide, 0: nothing; splits: whether inputs may be
    shared out. Few rows: tiles as narrow as it takes for every processor to stream weights. Many:
    wider ones, since each reads all rows again. Raises ValueError where no tile divides `within`.
    """
    tall = min(128, max(16, triton.next_power_of_2(rows)))
    few = tall <= _FEW
    fits = [wide for wide in (128, 64, 32, 16) if within % wide == 0]
    if not fits:
        raise ValueError(f'heads and head_dim make {within}: kernels want a multiple of 16')
    usual = [wide for wide in fits if (32, 64)[not few] <= wide <= (64, 128)[not few]] or fits[:1]
    across = triton.cdiv(rows, tall)
    busy = [wide for wide in usual if outputs // wide * across >= 0.9 * processors]
    wide = busy[0] if busy else usual[-1]
    deep = 128 if few else 64
    most = max(1, inputs // (2 * deep)) if splits else 1
    shares = min(most, max(1, processors // (triton.cdiv(outputs, wide) * across)))
    return Cut(tall, wide, deep, shares, *((4, 4) if few else (8, 3)))


class FusedKernels(TorchKernels):
    """The same verbs, but for `norm`, which is one launch of torch's as well.

    processors: of the device; default: what it says of itself.
    """

    name = 'triton'

    def __init__(self, processors: int | None = None) -> None:
        self._processors = processors or _processors()

    def keep(
        self, h: Tensor, into: Linear, norm: Tensor, rotary: Tensor, memory: Tensor, at: int
    ) -> None:
        self._attend(h, into, norm, rotary, memory, at, asks=False)

    def attend(
        self, h: Tensor, into: Linear, norms: Tensor, rotary: Tensor, memory: Tensor, at: int
    ) -> Tensor:
        return self._attend(h, into, norms, rotary, memory, at, asks=True)

    def listen(self, h: Tensor, into: Linear, norm: Tensor, words: Tensor, bias: Tensor) -> Tensor:
        width, (rows, tokens, _) = norm.shape[-1], h.shape
        parts, sums = self._with_sums(h, into, width)
        out = torch.empty_like(parts)
        columns, heads, dim = words.shape[2:]
        block = _block(tokens, 64)
        attention.listen[heads, rows, triton.cdiv(tokens, block)](
            parts, sums, norm, words, bias, out, rows // len(bias), tokens, columns, width,
            sums.shape[1], *words.stride()[:3], bias.stride(0), dim**-0.5, block,
            _block(columns, 64), triton.next_power_of_2(sums.shape[1]), dim, num_warps=4,
            num_stages=2,
        )  # fmt: skip
        return out

    def widen(self, h: Tensor, into: Linear) -> Tensor:
        size = self._cut(h, into, 0, splits=False)
        out = h.new_empty(*h.shape[:2], len(into.bias))
        _product(h, into, size, out, widens=True)
        return out

    def add(
        self,
        x: Tensor,
        y: Tensor,
        into: Linear,
        gate: Tensor | None,
        scale: Tensor | None,
        shift: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        x, (rows, tokens, width) = x.contiguous(), x.shape
        size = self._cut(y, into, 0, splits=True)
        partial = x.new_empty(size.splits, rows * tokens, width, dtype=torch.float32)
        _product(y, into, size, partial, partial=True)
        made = torch.empty_like(x)
        normed = made if scale is None else torch.empty_like(x)
        products.settle[(rows * tokens,)](
            x, partial, into.bias, gate, scale, shift, made, normed, rows * tokens, width,
            size.splits, triton.next_power_of_2(width), gate is not None, scale is not None,
            num_warps=4,
        )  # fmt: skip
        return made, normed

    def _attend(
        self,
        h: Tensor,
        into: Linear,
        norms: Tensor,
        rotary: Tensor,
        memory: Tensor,
        at: int,
        asks: bool,
    ) -> Tensor:
        rows, tokens, _ = h.shape
        _, count, samples, _, heads, dim = memory.shape
        width = heads * dim
        parts, sums = self._with_sums(h, into, width)
        out = h.new_empty(rows, tokens, width)
        block, tiles = _block(tokens, 64), sums.shape[1] // (2 + asks)
        attention.attend[heads, rows, triton.cdiv(tokens, block) if asks else 1](
            parts, sums, norms, torch.view_as_real(rotary), memory, out, rows // count, samples,
            tokens, at, width, tiles, *memory.stride()[:4], dim**-0.5, block,
            _block(at, 128 if block < 64 else 64), _block(tokens, 32),
            triton.next_power_of_2(tiles), dim, asks, num_warps=8 if block > 32 else 4,
            num_stages=1,
        )  # fmt: skip
        return out

    def _with_sums(self, h: Tensor, into: Linear, width: int) -> tuple[Tensor, Tensor]:
        """A product, and the sums of squares of its tiles, none of which spans two parts."""
        size, outputs = self._cut(h, into, width, splits=False), len(into.bias)
        parts = h.new_empty(*h.shape[:2], outputs)
        tiles = outputs // size.outputs
        sums = h.new_empty(h.shape[0] * h.shape[1], tiles, dtype=torch.float32)
        _product(h, into, size, parts, sums)
        return parts, sums

    def _cut(self, x: Tensor, into: Linear, within: int, splits: bool) -> Cut:
        outputs, inputs = into.weight.shape
        rows = x.shape[0] * x.shape[1]
        return cut(rows, outputs, inputs, within, self._processors, splits)


def _product(
    x: Tensor,
    into: Linear,
    size: Cut,
    out: Tensor,
    sums: Tensor | None = None,
    partial: bool = False,
    widens: bool = False,
) -> None:
    outputs, inputs = into.weight.shape
    rows = x.shape[0] * x.shape[1]
    share = triton.cdiv(triton.cdiv(inputs, size.splits), size.inputs) * size.inputs
    grid = (triton.cdiv(outputs, size.outputs), triton.cdiv(rows, size.rows), size.splits)
    products.product[grid](
        x.contiguous(), into.weight, into.scale, into.bias, out, sums, rows, outputs, inputs,
        share, size.rows, size.outputs, size.inputs, into.scale is not None, partial, widens,
        sums is not None, num_warps=size.warps, num_stages=size.stages,
    )  # fmt: skip


def _block(tokens: int, most: int) -> int:
    """How many of them attention takes at a time."""
    return min(most, max(16, triton.next_power_of_2(tokens)))


def _processors() -> int:
    return torch.cuda.get_device_properties(torch.cuda.current_device()).multi_processor_count
