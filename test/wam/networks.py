"""The tiny model as both networks that an engine can run, over the inputs of the recorded runs."""

import torch

from fastwam_ros.wam.lean import Lean
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.plain import Plain
from fastwam_ros.wam.sampling import FRAMES, Given
from fastwam_ros.wam.schedule import constant_future, constant_noise

from .parity import arrays

INPUTS = arrays('tiny_inputs')
LATENT, TOKENS, ROWS = (4, 6), 6, 32
KINDS = {'plain': Plain, 'lean': Lean}


def rows_of(context: torch.Tensor) -> torch.Tensor:
    """A padded context [1, L, width] without its zero rows behind the prompt."""
    real = context[0].abs().sum(-1) > 0
    return context[0, : int(real.sum())]


def network_of(kind: str, model: FastWAM, batch: int = 1, samples: int = 1):
    """With the recorded instruction in every place."""
    network = KINDS[kind](model)
    network.reserve(batch, samples, FRAMES * TOKENS + ROWS)
    context = INPUTS['context'].to(model.action_in.weight)
    prompt = network.learn(rows_of(context), context.shape[1])
    network.place([prompt] * batch)
    return network


def given_of(network, like: torch.Tensor, future: bool = True) -> Given:
    """What the recorded runs started from."""
    return Given(
        arrays('tiny_infer_joint_fp32')['first_frame_latents'].to(like),
        *network.texts(INPUTS['proprio'].to(like)),
        constant_noise(ROWS, 7).to(like),
        constant_future(FRAMES, 48, LATENT).to(like) if future else None,
    )


def kept(network, seen) -> torch.Tensor:
    """Keys and values that actions see, [2, layers, 1, tokens, heads * width]."""
    if isinstance(network, Lean):
        return network._memory[:, :, :, 0, :seen].flatten(4).transpose(0, 1)
    pairs = [torch.stack(pair).transpose(2, 3).flatten(3) for pair in seen]
    return torch.stack(pairs, 1)
