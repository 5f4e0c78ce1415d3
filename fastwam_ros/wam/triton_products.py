"""Products and what follows them, in Triton: each weight is read once.

A product leaves what its reader needs: sums of squares per tile where a norm follows (so that
nobody reads a row twice), or partial sums in fp32, which the norm behind them adds up (so that
narrow products fill the device too). Between load and store all is fp32. Rows of all samples lie
one after the other: [R * S, width]. Knows no torch.
"""

import triton
import triton.language as tl

EPS = tl.constexpr(1e-6)
GELU = tl.constexpr(0.7978845608028654)  # sqrt(2 / pi)


@triton.jit
def product(
    x,
    weight,
    scale,
    bias,
    out,
    sums,
    rows,
    outputs,
    inputs,
    share,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
    SCALED: tl.constexpr,
    PARTIAL: tl.constexpr,
    WIDENS: tl.constexpr,
    SUMS: tl.constexpr,
):
    """x [rows, inputs] @ weight [outputs, inputs]^T, by tiles of outputs, rows and inputs.

    PARTIAL: out [splits, rows, outputs] fp32, without bias, each of `share` inputs. Else out
    [rows, outputs], after GELU if WIDENS, with the tile's sums of squares in sums [rows, tiles] if
    SUMS. SCALED: weights of 8 bits, each output's times scale [outputs].
    """
    tile, split = tl.program_id(0), tl.program_id(2)
    n = tile * BLOCK_N + tl.arange(0, BLOCK_N)
    m = tl.program_id(1) * BLOCK_M + tl.arange(0, BLOCK_M)
    there, wanted = m < rows, n < outputs
    total = tl.zeros((BLOCK_M, BLOCK_N), tl.float32)
    for step in range(0, share, BLOCK_K):
        k = split * share + step + tl.arange(0, BLOCK_K)
        inside = k < inputs
        a = tl.load(
            x + m[:, None] * inputs + k[None, :], there[:, None] & inside[None, :], other=0.0
        )
        w = tl.load(
            weight + n[:, None].to(tl.int64) * inputs + k[None, :],
            wanted[:, None] & inside[None, :],
            other=0.0,
        )
        total = tl.dot(a, tl.trans(w.to(a.dtype)), total, input_precision='ieee')
    if SCALED:
        total *= tl.load(scale + n, wanted, other=0.0)[None, :]
    place = m[:, None] * outputs + n[None, :]
    mask = there[:, None] & wanted[None, :]
    if PARTIAL:
        tl.store(out + split.to(tl.int64) * rows * outputs + place, total, mask)
    else:
        total += tl.load(bias + n, wanted, other=0.0).to(tl.float32)[None, :]
        if WIDENS:
            bent = total + 0.044715 * total * total * total
            total /= 1.0 + tl.exp(bent * (-2.0 * GELU))  # by tanh, which is a sigmoid
        made = total.to(out.dtype.element_ty)
        tl.store(out + place, made, mask)
        if SUMS:
            seen = made.to(tl.float32)
            squares = tl.sum(tl.where(mask, seen * seen, 0.0), 1)
            tl.store(sums + m * tl.cdiv(outputs, BLOCK_N) + tile, squares, there)


@triton.jit
def settle(
    x,
    partial,
    bias,
    gate,
    scale,
    shift,
    out,
    normed,
    rows,
    width,
    splits,
    BLOCK: tl.constexpr,
    GATED: tl.constexpr,
    NORMED: tl.constexpr,
):
    """out = x + gate * (sum of partial + bias), and its layer norm, scaled and shifted; by row."""
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    inside = i < width
    y = tl.load(bias + i, inside, other=0.0).to(tl.float32)
    for split in range(splits):
        y += tl.load(partial + (split * rows + row) * width + i, inside, other=0.0)
    if GATED:
        y *= tl.load(gate + i, inside, other=0.0).to(tl.float32)
    y += tl.load(x + row * width + i, inside, other=0.0).to(tl.float32)
    made = y.to(out.dtype.element_ty)
    tl.store(out + row * width + i, made, inside)
    if NORMED:
        y = made.to(tl.float32)
        y = tl.where(inside, y - tl.sum(y, 0) / width, 0.0)
        y *= tl.rsqrt(tl.sum(y * y, 0) / width + EPS)
        y *= tl.load(scale + i, inside, other=0.0).to(tl.float32)
        y += tl.load(shift + i, inside, other=0.0).to(tl.float32)
        tl.store(normed + row * width + i, y.to(normed.dtype.element_ty), inside)
