"""Models of random weights to measure: everything an engine needs, without a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fastwam_ros.apps.bench.naive import Naive, Unfolded
from fastwam_ros.wam.blocks import ExpertSize, ModelSize
from fastwam_ros.wam.engine import Engine
from fastwam_ros.wam.instruction import POSITIONS, TEMPLATE
from fastwam_ros.wam.lean import Lean
from fastwam_ros.wam.model import LATENT_CHANNELS, FastWAM
from fastwam_ros.wam.sampling import FRAMES, imagines
from fastwam_ros.wam.schedule import Schedule, constant_future, constant_noise
from fastwam_ros.wam.text import CachedPrompts
from fastwam_ros.wam.vae_keys import vae_keys
from fastwam_ros.wam.vision import REDUCTION, ImageEncoder, VaeSize, normalise_pixels, wan_vae

VARIANTS = ('fastwam', 'joint', 'idm')
PICTURE, HORIZON, STEPS, JOINTS = (384, 320), 32, 10, 14
WORDS = 24  # rows of an ordinary instruction in its sentence
TASK = 'a task'


@dataclass(frozen=True)
class Size:
    """Of a whole: model and image encoder; runs: how often each is measured."""

    model: ModelSize
    vae: VaeSize
    runs: int


SIZES = {
    'tiny': Size(
        ModelSize(4, 3, 32, 64, 64, ExpertSize(64, 128), ExpertSize(96, 384), JOINTS, JOINTS),
        VaeSize(8, 1),
        runs=60,
    ),
    'small': Size(
        ModelSize(
            8, 4, 128, 512, 256, ExpertSize(512, 2048), ExpertSize(256, 1024), JOINTS, JOINTS
        ),
        VaeSize(32, 2),
        runs=12,
    ),
}


class Subject:
    """One variant at one size, as the engine runs it and as it is run naively."""

    def __init__(
        self,
        size: Size,
        variant: str,
        device: str,
        dtype: torch.dtype,
        threads: int,
        seeds: int = 1,
        batch: int = 1,
    ) -> None:
        torch.manual_seed(0)
        with torch.device(device):
            self.model = FastWAM(size.model, imagines(variant)).to(dtype)
        self.model.eval().requires_grad_(False)
        self.device, self.network = device, Lean(self.model)
        vae = _vae(size.vae)
        self.encoder, unfolded = (
            _loaded(kind(size.vae), vae, device, dtype) for kind in (ImageEncoder, Unfolded)
        )
        rows = {TASK: torch.randn(WORDS, size.model.text_width)}
        prompts = CachedPrompts(rows, POSITIONS, size.model.text_width, Path(), TEMPLATE)
        schedule = Schedule.shifted(STEPS)
        self.engine = Engine(
            self.model,
            self.network,
            self.encoder,
            prompts,
            schedule,
            PICTURE,
            HORIZON,
            threads=threads,
            variant=variant,
            seeds=seeds,
            batch=batch,
        )
        self._unfolded, self._naive = unfolded, getattr(Naive(self.model, schedule), variant)
        self._context = prompts.context(TASK).to(device, dtype)
        self._noise = constant_noise(HORIZON, JOINTS).to(self._context)
        latent = (PICTURE[0] // REDUCTION, PICTURE[1] // REDUCTION)
        self._future = constant_future(FRAMES, LATENT_CHANNELS, latent).to(self._context)
        self._pictures = torch.randint(0, 256, (batch, *PICTURE, 3), dtype=torch.uint8)
        self._states = torch.randn(batch, JOINTS)

    def run(self) -> Tensor:
        """One call of the engine, from the host's pictures to actions on the host."""
        tasks = [TASK] * len(self._states)
        return self.engine.sample(self._pictures, self._states, tasks).actions.cpu()

    @torch.no_grad()
    def run_naively(self) -> Tensor:
        """One observation after the other."""
        return torch.cat([self._one(index) for index in range(len(self._states))])

    def _one(self, index: int) -> Tensor:
        like = self._context
        pixels = normalise_pixels(self._pictures[index].to(like.device), like.dtype)[None]
        row = self.model.state_row(self._states[index : index + 1].to(like))
        context = torch.cat((like, row), dim=1)
        return self._naive(self._unfolded(pixels), context, self._noise, self._future).cpu()

    @property
    def resident(self) -> int:
        """Bytes of weights that the engine holds, and of memory that stays."""
        parts: Sequence[Any] = [*self.model.parameters(), *self.encoder.parameters()]
        return _bytes([*parts, *self.network.memory])


def _bytes(tensors: Sequence[Tensor]) -> int:
    """Of their memory, what they share counted once."""
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage() for t in tensors}
    return sum(storage.nbytes() for storage in storages.values())


def _vae(size: VaeSize) -> dict[str, Tensor]:
    keys, state = vae_keys(size.residual_blocks), wan_vae(size).state_dict()
    return {keys.released(key) or key: value for key, value in state.items()}


def _loaded(
    encoder: ImageEncoder, vae: dict[str, Tensor], device: str, dtype: torch.dtype
) -> ImageEncoder:
    encoder.to(dtype).load(vae, 'random weights', device)
    encoder.requires_grad_(False)
    return encoder
