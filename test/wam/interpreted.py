"""Kernels of our own in Triton's interpreter, beside torch's operators: prints JSON.

A program of its own, since the interpreter is chosen by the environment when Triton is imported:
`TRITON_INTERPRET=1 python -m test.wam.interpreted verbs|model`. It knows no bf16 products, so that
half precision is fp16 here.
"""

import json
import sys

import torch

from fastwam_ros.wam.eight_bits import FORMS, narrowed
from fastwam_ros.wam.fused import FusedKernels
from fastwam_ros.wam.kernels import TorchKernels
from fastwam_ros.wam.packing import Linear
from fastwam_ros.wam.rotary import sequence_rotary
from fastwam_ros.wam.sampling import SAMPLINGS, Tables
from fastwam_ros.wam.schedule import Schedule

from .networks import LATENT, ROWS, given_of, network_of
from .parity import tiny_model

HEADS, DIM, WIDTH, FFN = 3, 32, 40, 72
INNER = HEADS * DIM
STEPS = 2  # of denoising: an interpreted one takes seconds
# rows, observations, tokens, samples that memory has room for, tokens before
SHAPES = ((1, 1, 6, 1, 0), (4, 2, 32, 2, 6), (2, 2, 6, 3, 0), (2, 1, 70, 2, 70), (3, 3, 5, 1, 130))


def verbs() -> dict[str, float]:
    """Largest difference of each verb, by precision and shape, in units of its own eps."""
    found = {}
    for dtype in (torch.float32, torch.float16):
        for shape in SHAPES:
            torch.manual_seed(0)
            for name, difference in _differences(dtype, *shape):
                key = f'{name} {str(dtype)[6:]} {shape}'
                found[key] = difference / torch.finfo(dtype).eps
    return found


def _differences(dtype, rows, count, tokens, samples, at):
    h = torch.randn(rows, tokens, WIDTH).to(dtype)
    norms = (torch.rand(2, INNER) + 0.5).to(dtype)
    into, asked, last = _map(3 * INNER, dtype), _map(INNER, dtype), _map(WIDTH, dtype, FFN)
    room = torch.randn(2, count, samples, at + tokens + 3, HEADS, DIM).to(dtype)
    turns = sequence_rotary(tokens, DIM)
    words = torch.randn(2, count, 19, HEADS, DIM).to(dtype)[:, :, :14]
    bias = torch.randn(count, 1, 1, 19).to(dtype)[..., :14]
    bias[..., 7] = -torch.inf
    y, (gate, scale, shift) = torch.randn(rows, tokens, FFN).to(dtype), torch.randn(3, WIDTH)
    gate, scale, shift = gate.to(dtype), scale.to(dtype), shift.to(dtype)

    def all_of(do):
        memory, kept = room.clone(), room.clone()
        yield 'attend', do.attend(h, into, norms, turns, memory, at)
        yield 'memory', memory
        do.keep(h, into.behind(INNER), norms[1:], turns, kept, at)
        yield 'keep', kept
        yield 'listen', do.listen(h, asked, norms[:1], words, bias)
        yield 'plain norm', do.norm(h, scale, shift)
        for name, one in (('', _map(FFN, dtype)), *_narrow_maps(dtype)):
            yield f'widen{name}', do.widen(h, one)
        for name, given in (('', (gate, scale, shift)), (', no gate', (None, scale, shift))):
            yield from zip((f'sum{name}', f'norm{name}'), do.add(h, y, last, *given), strict=True)
        yield 'last', do.add(h, y, last, gate, None, None)[0]

    torch.manual_seed(1)
    fused = list(all_of(FusedKernels(processors=8)))
    torch.manual_seed(1)
    for (name, ours), (_, theirs) in zip(fused, all_of(TorchKernels()), strict=True):
        size = theirs.float().abs().clamp(min=1.0)
        yield name, float(((ours.float() - theirs.float()).abs() / size).max())


def _map(outputs: int, dtype: torch.dtype, inputs: int = WIDTH) -> Linear:
    weight = torch.randn(outputs, inputs) / inputs**0.5
    return Linear(weight.to(dtype), torch.randn(outputs).mul(0.1).to(dtype))


def _narrow_maps(dtype: torch.dtype):
    return [(f', {name}', narrowed(_map(FFN, dtype), form)) for name, form in FORMS.items()]


def model() -> dict[str, float]:
    """Largest difference of the tiny model's actions, K/V and video in every way of sampling."""
    found, one = {}, tiny_model(imagines=True)
    tables = Tables.of(one, Schedule.shifted(STEPS), LATENT, ROWS)
    for variant in ('fastwam', 'joint', 'idm'):
        samples, memories = [], []
        for kernels in (FusedKernels(processors=8), TorchKernels()):
            network = network_of('lean', one)
            network.kernels = kernels
            (sampling,) = SAMPLINGS[variant].values()
            given = given_of(network, one.action_in.weight)
            with torch.no_grad():
                samples.append(sampling(network, tables, given))
            memories.append(network.memory[0])
        ours, theirs = samples
        found[f'{variant} actions'] = float((ours.actions - theirs.actions).abs().max())
        used = slice(0, ROWS)
        found[f'{variant} memory'] = float(
            (memories[0][..., used, :, :] - memories[1][..., used, :, :]).abs().max()
        )
        if theirs.video is not None:
            found[f'{variant} video'] = float((ours.video - theirs.video).abs().max())
        found[f'{variant} moves'] = float(theirs.actions.abs().max())
    return found


if __name__ == '__main__':
    print(json.dumps({'verbs': verbs, 'model': model}[sys.argv[1]]()))
