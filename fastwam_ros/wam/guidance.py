"""Real-time chunking: a denoising step that leads a chunk to rows that are given.

A clean chunk is estimated from the noisy one, and the velocity is corrected by the estimate's
distance from the wanted rows, as far as each row binds. Knows one step, no network and no loop.
Facts: arXiv 2506.07339 (the correction and its gain, there in time tau = 1 - sigma, which runs the
other way: hence the signs); LeRobot's released code takes the identity for the Jacobian.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from fastwam_ros.wam.schedule import Schedule

BETA = 5.0  # most of a gain, as published


@dataclass(frozen=True)
class Prefix:
    """rows [B or 1, A, width], normalised; weights [B or 1, A, 1], 0 to 1; both fp32, finite."""

    rows: Tensor
    weights: Tensor

    def first(self, count: int) -> 'Prefix':
        """That of the first chunks of a batch."""
        return Prefix(self.rows[:count], self.weights[:count])

    def error(self, estimate: Tensor) -> Tensor:
        """What an estimate [B, A, width] of the clean chunk lacks, as far as its rows bind."""
        return self.weights * (self.rows - estimate)


def gains(schedule: Schedule, beta: float = BETA) -> Tensor:
    """What each step multiplies the error with, [steps] fp32: at most beta, beta at pure noise.

    Of the exact sigmas at the steps' starts, which `guided` takes too: the steps lead x to them
    within 5e-4 even where deltas are rounded. What the network is told is rounded by up to 2e-3.
    Raises ValueError for a beta that is not positive.
    """
    if not beta > 0:
        raise ValueError(f'beta {beta} must be positive (published: 5)')
    sigma = schedule.sigmas[:-1]
    tau = 1 - sigma
    gain = sigma / tau * (tau**2 + sigma**2) / sigma**2  # infinite at pure noise, where tau is 0
    return gain.clamp(max=beta)


def guided(velocity: Tensor, x: Tensor, sigma: Tensor, gain: Tensor, prefix: Prefix) -> Tensor:
    """The velocity [B, A, width] corrected as if the network were constant: identity Jacobian.

    x, velocity: of the step; sigma, gain: its scalars, on x's device. Nothing is synchronised,
    and nothing differentiated. Computed in fp32, returned in velocity's dtype: in bf16 the
    rounding of the estimate times the gain would be as large as the error that is left at last.
    Rows of weight 0 keep their velocity to the last bit.
    """
    estimate = x.float() - sigma * velocity.float()
    return _corrected(velocity, gain, prefix.error(estimate))


def guided_exact(
    predict: Callable[[Tensor], Tensor], x: Tensor, sigma: Tensor, gain: Tensor, prefix: Prefix
) -> Tensor:
    """The same with the network's own Jacobian, by one backward pass through `predict`.

    predict: x -> velocity. May be called in inference mode, which it leaves; what predict reads
    then (parameters, keys, values) must itself have been made outside of that mode.
    """
    with torch.inference_mode(False), torch.enable_grad():
        noisy = x.detach().clone().requires_grad_()
        velocity = predict(noisy)
        estimate = noisy.float() - sigma.clone() * velocity.float()  # theirs may be of inference
        error = prefix.error(estimate.detach())
        (back,) = torch.autograd.grad(estimate, noisy, error)
    return _corrected(velocity.detach(), gain, back)


def _corrected(velocity: Tensor, gain: Tensor, towards: Tensor) -> Tensor:
    return (velocity.float() - gain * towards.float()).to(velocity.dtype)
