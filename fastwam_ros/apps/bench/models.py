"""Models of random weights to measure: everything an engine needs, without a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fastwam_ros.apps.bench.naive import Naive, Unfolded
from fastwam_ros.apps.bench.weights import drawn, randomise
from fastwam_ros.apps.bench.wide import Wide
from fastwam_ros.wam.blocks import ExpertSize, ModelSize
from fastwam_ros.wam.choice import AUTO, choose
from fastwam_ros.wam.eight_bits import FULL as WHOLE
from fastwam_ros.wam.eight_bits import form_of
from fastwam_ros.wam.engine import Engine
from fastwam_ros.wam.graph import Recorded, recorder_of
from fastwam_ros.wam.instruction import POSITIONS, TEMPLATE
from fastwam_ros.wam.lean import Lean
from fastwam_ros.wam.model import LATENT_CHANNELS, FastWAM
from fastwam_ros.wam.sampling import FRAMES
from fastwam_ros.wam.schedule import Schedule, constant_future, constant_noise
from fastwam_ros.wam.text import CachedPrompts
from fastwam_ros.wam.vision import REDUCTION, ImageEncoder, VaeSize, normalise_pixels, wan_vae

VARIANTS = ('fastwam', 'joint', 'idm')
PICTURE, HORIZON, STEPS, JOINTS = (384, 320), 32, 10, 14
WORDS = 24  # rows of an ordinary instruction in its sentence
TASK = 'a task'


@dataclass(frozen=True)
class Size:
    """Of a whole: model and image encoder.

    runs: how often each is measured; often: the engine's call for each of those; warm: runs
    before, which do not count.
    """

    model: ModelSize
    vae: VaeSize
    runs: int
    often: int = 1
    warm: int = 2


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
FULL = Size(  # the released one
    ModelSize(
        30, 24, 128, 4096, 256, ExpertSize(3072, 14336), ExpertSize(1024, 4096), JOINTS, JOINTS
    ),
    VaeSize(160, 2),
    runs=12,
    often=10,
)


class Weights:
    """Model and image encoder of one size, as the engine and as the naive run take them.

    Two of the same size and device are equal. kernels, precision: see `Policy.load`.
    """

    def __init__(
        self,
        size: Size,
        imagines: bool,
        device: str,
        dtype: torch.dtype,
        kernels: str = AUTO,
        precision: str = WHOLE,
    ) -> None:
        torch.manual_seed(0)
        with torch.device('meta'):
            model, vae = FastWAM(size.model, imagines), wan_vae(size.vae)
        self.size, self.device, self.dtype = size, device, dtype
        self.model = model.to(dtype).eval()
        self.network = Lean(self.model, device)
        randomise(self.model, device)
        parts = {k: v for k, v in vae.state_dict().items() if k.startswith(ImageEncoder.parts)}
        self._vae = drawn(parts, device, dtype)
        self.encoder = self._loaded(ImageEncoder(size.vae))
        if form := form_of(precision):
            self.network.narrow(form)  # of what is run naively nothing is left then
        self.kernels = choose(self.network, device, kernels)

    @cached_property
    def unfolded(self) -> ImageEncoder:
        """With all its taps in time."""
        return self._loaded(Unfolded(self.size.vae))

    def _loaded(self, encoder: ImageEncoder) -> ImageEncoder:
        encoder.to(self.dtype).load(self._vae, 'random weights', self.device)
        return encoder.requires_grad_(False)


class Subject:
    """One variant over some weights, as the engine runs it and as it is run naively.

    peak: bytes that a GPU held at most until the engine was ready, weights among them. Of several
    subjects of the same weights the last that was made must have room for what the others do.
    """

    def __init__(
        self, weights: Weights, variant: str, threads: int, seeds: int = 1, batch: int = 1
    ) -> None:
        self.weights, self.device, self.network = weights, weights.device, weights.network
        width, schedule = weights.size.model.text_width, Schedule.shifted(STEPS)
        rows = {TASK: torch.randn(WORDS, width)}
        prompts = CachedPrompts(rows, POSITIONS, width, Path(), TEMPLATE)
        if self.on_gpu:
            torch.cuda.reset_peak_memory_stats(self.device)
        self.engine = Engine(
            weights.model,
            self.network,
            weights.encoder,
            prompts,
            schedule,
            PICTURE,
            HORIZON,
            threads=threads,
            variant=variant,
            seeds=seeds,
            batch=batch,
            recorded=Recorded(recorder_of(self.device), lambda: self.network.memory),
        )
        self.peak = torch.cuda.max_memory_allocated(self.device) if self.on_gpu else 0
        self._naive = getattr(Naive(weights.model, schedule), variant)
        self._context, self._noise = prompts.context(TASK), constant_noise(HORIZON, JOINTS)
        latent = (PICTURE[0] // REDUCTION, PICTURE[1] // REDUCTION)
        self._future = constant_future(FRAMES, LATENT_CHANNELS, latent)
        self._batch, self._made = batch, list[Tensor]()
        self.observe(0)

    @property
    def on_gpu(self) -> bool:
        """Whether there is CUDA below."""
        return torch.device(self.device).type == 'cuda'

    def observe(self, seed: int) -> None:
        """Other pictures and states from now on."""
        generator = torch.Generator().manual_seed(seed)
        shape = (self._batch, *PICTURE, 3)
        self._pictures = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
        self._states = torch.randn(self._batch, JOINTS, generator=generator)

    def run(self) -> Tensor:
        """One call of the engine, from the host's pictures to actions on the host."""
        tasks = [TASK] * self._batch
        sample = self.engine.sample(self._pictures, self._states, tasks)
        self._made = sample.tensors
        return sample.actions.to('cpu', copy=True)

    def run_by_operators(self) -> Tensor:
        """The same without a graph."""
        with self.engine.recorded.off():
            return self.run()

    def poison(self) -> None:
        """What the last call wrote is no number any more: one that writes nothing will show."""
        keys_and_values = self.network.memory[0]
        for part in (keys_and_values, *self._made, *self.engine.recorded.outputs):
            part.fill_(torch.nan)

    def run_naively(self) -> Tensor:
        """One observation after the other."""
        return self._one_by_one(self.weights.dtype)

    def run_widely(self) -> Tensor:
        """Naively in fp32, with the same weights and schedule: what the others are held to."""
        with Wide():
            return self._one_by_one(torch.float32)

    @torch.no_grad()
    def _one_by_one(self, dtype: torch.dtype) -> Tensor:
        return torch.cat([self._one(index, dtype) for index in range(self._batch)])

    def _one(self, index: int, dtype: torch.dtype) -> Tensor:
        pixels = normalise_pixels(self._pictures[index].to(self.device), dtype)[None]
        states = self._states[index : index + 1].to(self.device, dtype)
        context, noise, future = (
            part.to(self.device, dtype) for part in (self._context, self._noise, self._future)
        )
        context = torch.cat((context, self.weights.model.state_row(states)), dim=1)
        latent = self.weights.unfolded(pixels)
        return self._naive(latent, context, noise, future).cpu()

    @property
    def resident(self) -> int:
        """Bytes of weights that the engine holds, and of memory that stays."""
        own = self.weights
        parts: Sequence[Any] = [*own.model.parameters(), *own.encoder.parameters()]
        return _bytes([*parts, *self.network.weights, *self.network.memory])


def _bytes(tensors: Sequence[Tensor]) -> int:
    """Of their memory, what they share counted once."""
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage() for t in tensors}
    return sum(storage.nbytes() for storage in storages.values())
