"""Attention over frames, actions and text, in Triton: it norms and turns what it reads.

It is the one that writes keys and values into memory, so that a layer needs no launch for that.
Between load and store all is fp32. Rows of all samples lie one after the other: [R * S, width].
Knows no torch.
"""

import triton
import triton.language as tl

EPS = tl.constexpr(1e-6)
LOG2E = tl.constexpr(1.4426950408889634)
FLOOR = tl.constexpr(-1e38)  # of a maximum: -inf would give NaN where a whole tile is -inf


@triton.jit
def _normed(
    parts,
    sums,
    norms,
    row,
    inside,
    head,
    part,
    width,
    stride,
    tiles,
    TILES: tl.constexpr,
    DIM: tl.constexpr,
):
    """One head of one part (query, key) of some rows, after the norm over all heads: fp32."""
    d, t = tl.arange(0, DIM), tl.arange(0, TILES)
    own = part * width + head * DIM + d
    raw = tl.load(
        parts + row[:, None].to(tl.int64) * stride + own[None, :], inside[:, None], other=0.0
    )
    squares = tl.load(
        sums + row[:, None] * (stride // width * tiles) + part * tiles + t[None, :],
        inside[:, None] & (t < tiles)[None, :],
        other=0.0,
    )
    factor = tl.rsqrt(tl.sum(squares, 1) / width + EPS)
    return raw.to(tl.float32) * factor[:, None] * tl.load(norms + own).to(tl.float32)[None, :]


@triton.jit
def _turned(x, rotary, token, inside, BLOCK: tl.constexpr, DIM: tl.constexpr):
    """Neighbouring pairs of x [BLOCK, DIM] turned by rotary [tokens, DIM / 2, 2]."""
    half = tl.arange(0, DIM // 2)
    angle = rotary + token[:, None] * DIM + 2 * half[None, :]
    cosine = tl.load(angle, inside[:, None], other=1.0)
    sine = tl.load(angle + 1, inside[:, None], other=0.0)
    even, odd = tl.split(tl.reshape(x, (BLOCK, DIM // 2, 2)))
    turned = tl.join(even * cosine - odd * sine, even * sine + odd * cosine)
    return tl.reshape(turned, (BLOCK, DIM))


@triton.jit
def _fold(query, key, value, bias, sharpness, mixed, most, weights):
    """One more tile of keys and values into a softmax that goes on, in base 2; bias: [tile]."""
    logits = tl.dot(query, tl.trans(key), input_precision='ieee') * (sharpness * LOG2E)
    logits += (bias * LOG2E)[None, :]
    higher = tl.maximum(most, tl.max(logits, 1))
    p = tl.exp2(logits - higher[:, None])
    fade = tl.exp2(most - higher)
    mixed = mixed * fade[:, None]
    mixed = tl.dot(p.to(value.dtype), value, mixed, input_precision='ieee')
    return mixed, higher, weights * fade + tl.sum(p, 1)


@triton.jit
def attend(
    parts,
    sums,
    norms,
    rotary,
    memory,
    out,
    now,
    samples,
    tokens,
    before,
    width,
    tiles,
    to_value,
    to_observation,
    to_sample,
    to_token,
    sharpness,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_OWN: tl.constexpr,
    TILES: tl.constexpr,
    DIM: tl.constexpr,
    ASKS: tl.constexpr,
):
    """Own keys and values into memory, and what the queries see of it; by head, row and block.

    parts [R * tokens, 3 * width]: query, key, value (2 * width without the query if not ASKS);
    memory: keys, and `to_value` behind them values, of `before` tokens and then of these. now:
    rows per observation, which has `samples` places. out [R * tokens, width].
    """
    head, row, block = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    stride = width * (2 + ASKS)
    d = tl.arange(0, DIM)
    place = (row // now).to(tl.int64) * to_observation + head * DIM
    own = memory + place + (row % now).to(tl.int64) * to_sample
    token = block * BLOCK_M + tl.arange(0, BLOCK_M)
    inside = token < tokens
    mixed = tl.zeros((BLOCK_M, DIM), tl.float32)
    most = tl.full((BLOCK_M,), FLOOR, tl.float32)
    weights = tl.zeros((BLOCK_M,), tl.float32)
    kind = out.dtype.element_ty
    query = tl.zeros((BLOCK_M, DIM), kind)
    if ASKS:
        asked = _normed(
            parts, sums, norms, row * tokens + token, inside, head, 0, width, stride, tiles,
            TILES, DIM,
        )  # fmt: skip
        asked = _turned(asked, rotary, token, inside, BLOCK_M, DIM)
        query = asked.to(kind)
        for first in range(0, before, BLOCK_N):
            t = first + tl.arange(0, BLOCK_N)
            there = t < before
            at = own + t[:, None] * to_token + d[None, :]
            key = tl.load(at, there[:, None], other=0.0)
            value = tl.load(at + to_value, there[:, None], other=0.0)
            bias = tl.where(there, 0.0, float('-inf'))
            mixed, most, weights = _fold(query, key, value, bias, sharpness, mixed, most, weights)
    for first in range(0, tokens, BLOCK_OWN):
        t = first + tl.arange(0, BLOCK_OWN)
        there = t < tokens
        key = _normed(
            parts, sums, norms, row * tokens + t, there, head, ASKS, width, stride, tiles,
            TILES, DIM,
        )  # fmt: skip
        key = _turned(key, rotary, t, there, BLOCK_OWN, DIM).to(kind)
        line = (row * tokens + t)[:, None].to(tl.int64) * stride
        value = tl.load(
            parts + line + (1 + ASKS) * width + head * DIM + d[None, :], there[:, None], other=0.0
        )
        if block == 0:
            for copy in range(row % now, samples, now):
                at = memory + place + copy * to_sample
                at += (before + t)[:, None] * to_token + d[None, :]
                tl.store(at, key, there[:, None])
                tl.store(at + to_value, value, there[:, None])
        if ASKS:
            bias = tl.where(there, 0.0, float('-inf'))
            mixed, most, weights = _fold(query, key, value, bias, sharpness, mixed, most, weights)
    if ASKS:
        line = (row * tokens + token)[:, None].to(tl.int64) * width
        made = (mixed / weights[:, None]).to(kind)
        tl.store(out + line + head * DIM + d[None, :], made, inside[:, None])


@triton.jit
def listen(
    parts,
    sums,
    norms,
    words,
    bias,
    out,
    now,
    tokens,
    columns,
    width,
    tiles,
    to_value,
    to_observation,
    to_column,
    to_bias,
    sharpness,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    TILES: tl.constexpr,
    DIM: tl.constexpr,
):
    """What queries parts [R * tokens, width] see of the text; by head, row and block.

    words: keys, and `to_value` behind them values, of `columns`; bias: [observations, columns].
    """
    head, row, block = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    d = tl.arange(0, DIM)
    token = block * BLOCK_M + tl.arange(0, BLOCK_M)
    inside = token < tokens
    kind = out.dtype.element_ty
    asked = _normed(
        parts, sums, norms, row * tokens + token, inside, head, 0, width, width, tiles, TILES, DIM
    )
    query = asked.to(kind)
    mixed = tl.zeros((BLOCK_M, DIM), tl.float32)
    most = tl.full((BLOCK_M,), FLOOR, tl.float32)
    weights = tl.zeros((BLOCK_M,), tl.float32)
    observation = row // now
    own = words + observation.to(tl.int64) * to_observation + head * DIM
    for first in range(0, columns, BLOCK_N):
        c = first + tl.arange(0, BLOCK_N)
        there = c < columns
        at = own + c[:, None] * to_column + d[None, :]
        key = tl.load(at, there[:, None], other=0.0)
        value = tl.load(at + to_value, there[:, None], other=0.0)
        raised = tl.load(bias + observation * to_bias + c, there, other=float('-inf'))
        raised = raised.to(tl.float32)
        mixed, most, weights = _fold(query, key, value, raised, sharpness, mixed, most, weights)
    line = (row * tokens + token)[:, None].to(tl.int64) * width
    made = (mixed / weights[:, None]).to(kind)
    tl.store(out + line + head * DIM + d[None, :], made, inside[:, None])
