"""A bundle on a device: the model with its weights, as an engine that is ready.

Says what is missing before it loads anything. Knows files by the bundle alone.
"""

import torch

from fastwam_ros.wam.bundle import VAE, Bundle
from fastwam_ros.wam.checkpoint import load_into
from fastwam_ros.wam.contract import Contract
from fastwam_ros.wam.device import check_device, dtype_of, needed_bytes
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


def assembled(
    bundle: Bundle, threads: int, device: str, seeds: int, jacobian: str, batch: int
) -> Engine:
    """See `Policy.load`. Raises ValueError for what does not fit, the device included."""
    if jacobian not in JACOBIANS:
        raise ValueError(f'jacobian {jacobian!r} is none of {", ".join(JACOBIANS)}')
    contract, sampler = bundle.contract, bundle.contract.sampler
    with torch.device('meta'):
        model = FastWAM(contract.model, imagines(contract.variant))
    encoder = ImageEncoder(contract.vae)
    check_device(device, memory(contract, model, encoder, seeds * batch, device))
    model = model.to(dtype_of(device)).eval().requires_grad_(False)
    network, recorded = _network(model, device, jacobian)
    load_into(model, bundle.weights, contract.weights, device)
    encoder.to(dtype_of(device)).load(bundle.vae, VAE, device)
    return Engine(
        model,
        network,
        encoder,
        bundle.prompts,
        Schedule.shifted(sampler.steps, sampler.shift, sampler.rounded),
        picture=(contract.mosaic.height, contract.mosaic.width),
        horizon=contract.timing.horizon,
        seed=sampler.seed,
        threads=threads,
        variant=contract.variant,
        seeds=seeds,
        batch=batch,
        exact=jacobian == VJP,
        recorded=recorded,
    )


def _network(model: FastWAM, device: str, jacobian: str) -> tuple[Reader, Recorded]:
    """What runs the model, and what plays its calls: none that gradients are taken of."""
    if jacobian == VJP:
        return Plain(model), Recorded()
    lean = Lean(model, device)
    return lean, Recorded(recorder_of(device), lambda: lean.memory)


def memory(
    contract: Contract, model: FastWAM, encoder: ImageEncoder, rows: int, device: str
) -> int:
    """Bytes that a policy needs of a device, about; rows: samples of all it observes at once."""
    mosaic, frames = contract.mosaic, FRAMES if model.imagines else 1
    tokens = frames * mosaic.height * mosaic.width // TOKEN_PIXELS**2 + contract.timing.horizon
    parts = (*model.parameters(), *encoder.parameters())
    count = sum(part.numel() for part in parts)
    return needed_bytes(count, contract.model, rows, tokens, contract.prompt.length, device)
