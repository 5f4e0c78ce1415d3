"""A bundle on a device: the model with its weights, as an engine that is ready.

Says what is missing before it loads anything. Knows files by the bundle alone.
"""

from dataclasses import dataclass

import torch

from fastwam_ros.wam.bundle import VAE, Bundle
from fastwam_ros.wam.checkpoint import load_into
from fastwam_ros.wam.choice import AUTO, TORCH, TRITON, choose
from fastwam_ros.wam.contract import Contract
from fastwam_ros.wam.device import CPU, check_device, dtype_of, needed_bytes
from fastwam_ros.wam.eight_bits import FULL, form_of
from fastwam_ros.wam.engine import Engine, Reader
from fastwam_ros.wam.graph import Recorded, recorder_of
from fastwam_ros.wam.lean import Lean
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.plain import Plain
from fastwam_ros.wam.prefix import IDENTITY, VJP
from fastwam_ros.wam.sampling import FRAMES, imagines
from fastwam_ros.wam.schedule import Schedule
from fastwam_ros.wam.vision import TOKEN_PIXELS, ImageEncoder

JACOBIANS = (IDENTITY, VJP)  # how a prefix leads: assumed, or by the network's own


@dataclass(frozen=True)
class Setup:
    """How a bundle is run; see `Policy.load`. Raises ValueError for what does not go together."""

    threads: int = 1
    device: str = CPU
    seeds: int = 1
    jacobian: str = IDENTITY
    batch: int = 1
    precision: str = FULL
    kernels: str = AUTO

    def __post_init__(self) -> None:
        if self.jacobian not in JACOBIANS:
            raise ValueError(f'jacobian {self.jacobian!r} is none of {", ".join(JACOBIANS)}')
        form_of(self.precision)
        if self.jacobian == VJP and (self.precision != FULL or self.kernels == TRITON):
            raise ValueError(
                f'jacobian {VJP} differentiates the plain model: it takes precision {FULL} and '
                f'kernels {TORCH} alone'
            )


def assembled(bundle: Bundle, setup: Setup) -> tuple[Engine, str]:
    """The engine, and how it computes in words. Raises ValueError for what does not fit."""
    contract, sampler, device = bundle.contract, bundle.contract.sampler, setup.device
    with torch.device('meta'):
        model = FastWAM(contract.model, imagines(contract.variant))
    encoder = ImageEncoder(contract.vae)
    rows = setup.seeds * setup.batch
    check_device(device, memory(contract, model, encoder, rows, device))
    model = model.to(dtype_of(device)).eval().requires_grad_(False)
    network, recorded = _network(model, device, setup.jacobian)
    load_into(model, bundle.weights, contract.weights, device)
    encoder.to(dtype_of(device)).load(bundle.vae, VAE, device)
    kernels = _suited(network, setup)
    engine = Engine(
        model,
        network,
        encoder,
        bundle.prompts,
        Schedule.shifted(sampler.steps, sampler.shift, sampler.rounded),
        picture=(contract.mosaic.height, contract.mosaic.width),
        horizon=contract.timing.horizon,
        seed=sampler.seed,
        threads=setup.threads,
        variant=contract.variant,
        seeds=setup.seeds,
        batch=setup.batch,
        exact=setup.jacobian == VJP,
        recorded=recorded,
    )
    return engine, f'{setup.precision} precision, kernels {kernels}, {recorded.how}'


def _network(model: FastWAM, device: str, jacobian: str) -> tuple[Reader, Recorded]:
    """What runs the model, and what plays its calls: none that gradients are taken of."""
    if jacobian == VJP:
        return Plain(model), Recorded()
    lean = Lean(model, device)
    return lean, Recorded(recorder_of(device), lambda: lean.memory)


def _suited(network: Reader, setup: Setup) -> str:
    """Narrow the weights and choose kernels as asked; the kernels in words."""
    if not isinstance(network, Lean):
        return TORCH
    form = form_of(setup.precision)
    if form is not None:
        network.narrow(form)
    return choose(network, setup.device, setup.kernels)


def memory(
    contract: Contract, model: FastWAM, encoder: ImageEncoder, rows: int, device: str
) -> int:
    """Bytes that a policy needs of a device, about; rows: samples of all it observes at once."""
    mosaic, frames = contract.mosaic, FRAMES if model.imagines else 1
    tokens = frames * mosaic.height * mosaic.width // TOKEN_PIXELS**2 + contract.timing.horizon
    parts = (*model.parameters(), *encoder.parameters())
    count = sum(part.numel() for part in parts)
    return needed_bytes(count, contract.model, rows, tokens, contract.prompt.length, device)
