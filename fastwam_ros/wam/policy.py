"""A bundle ready to run: camera pictures and a joint state in the bundle's units -> action rows.

Checks what it is given, tiles, normalises, asks the engine, and turns the answer back into units.
Knows neither the robot nor the clock: the caller converts units and owns the stamps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from fastwam_ros.wam.bundle import VAE, Bundle
from fastwam_ros.wam.checkpoint import load_into
from fastwam_ros.wam.engine import Engine
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.mosaic import Picture
from fastwam_ros.wam.sampling import Sample
from fastwam_ros.wam.schedule import Schedule
from fastwam_ros.wam.video import VideoCoder, decoder_width
from fastwam_ros.wam.vision import ImageEncoder

CPU = 'cpu'


@dataclass(frozen=True)
class Prediction:
    """rows [horizon, joints] in the bundle's units; disagreement of the samples, NaN of one alone.

    disagreement: `Sample.spread`, in normalised units.
    """

    rows: NDArray[np.float64]
    disagreement: float


class Policy:
    """One loaded bundle. `infer` keeps no memory: the same observation gives the same chunk."""

    def __init__(
        self, bundle: Bundle, threads: int = 1, device: str = CPU, seeds: int = 1
    ) -> None:
        contract, sampler = bundle.contract, bundle.contract.sampler
        self._bundle, self._contract, self._device = bundle, contract, device
        dtype = _dtype(device)
        with torch.device('meta'):
            model = FastWAM(contract.model, contract.variant != 'fastwam').to(dtype)
        encoder = ImageEncoder(contract.vae).to(dtype)
        load_into(model, bundle.weights, contract.weights, device)
        encoder.load(bundle.vae, VAE, device)
        self._engine = Engine(
            model,
            encoder,
            bundle.prompts,
            Schedule.shifted(sampler.steps, sampler.shift, sampler.rounded),
            picture=(contract.mosaic.height, contract.mosaic.width),
            horizon=contract.timing.horizon,
            seed=sampler.seed,
            threads=threads,
            variant=contract.variant,
            seeds=seeds,
        )

    @classmethod
    def load(
        cls, bundle_dir: Path | str, threads: int = 1, device: str = CPU, seeds: int = 1
    ) -> 'Policy':
        """Read, build, check and warm up.

        threads: CPU threads of torch, for the whole process; device: torch's name of it. On a
        GPU the model computes in bf16, as it was trained and released; on a CPU in fp32. seeds:
        samples per inference, of which the first drives and all tell how sure it is. Raises
        FileNotFoundError for a missing file, ValueError for anything that does not fit; the
        message names it.
        """
        return cls(Bundle.read(bundle_dir), threads, device, seeds)

    @property
    def name(self) -> str:
        """The bundle's name."""
        return self._contract.name

    @property
    def digest(self) -> str:
        """16 hex digits over every file of the bundle: which weights, exactly."""
        return self._bundle.digest

    @property
    def robot(self) -> str:
        """The robot the bundle was made for."""
        return self._contract.robot

    @property
    def representation(self) -> str:
        """What rows are: absolute, relative (given out as absolute) or end_effector_delta."""
        return self._contract.joints.representation

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names of the columns of rows."""
        return self._contract.joints.names

    @property
    def units(self) -> tuple[str, ...]:
        """Unit of each column of rows: one of `contract.UNITS`."""
        return self._contract.joints.units

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the columns of the state: the rows' where the bundle lists no others."""
        return self._contract.state_columns.names

    @property
    def state_units(self) -> tuple[str, ...]:
        """Unit of each column of the state."""
        return self._contract.state_columns.units

    @property
    def step(self) -> float:
        """Time between rows [s]."""
        return self._contract.timing.step

    @property
    def offset(self) -> float:
        """Row k is due at the picture's stamp + (k + offset) * step."""
        return self._contract.timing.offset

    @property
    def horizon(self) -> int:
        """Rows per chunk."""
        return self._contract.timing.horizon

    @property
    def tasks(self) -> tuple[str, ...]:
        """What can be asked for."""
        return self._engine.tasks

    def learn(self, task: str) -> None:
        """Make a task of the bundle's folder of encoded instructions one of `tasks`.

        Raises ValueError, with what is known, for a task that nobody encoded.
        """
        self._engine.learn(task)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the pictures that `infer` wants."""
        return self._contract.mosaic.cameras

    def tile(self, images: Mapping[str, Picture]) -> Picture:
        """RGB pictures uint8 [h, w, 3] by camera -> the mosaic uint8 [H, W, 3].

        Raises ValueError for missing or unknown cameras and pictures of wrong dtype or shape.
        """
        return self._contract.mosaic.tile(images)

    @property
    def modes(self) -> tuple[str, ...]:
        """Ways of sampling that `infer` takes, the default first: two for Optional-IDM."""
        return self._engine.modes

    def infer(
        self, images: Mapping[str, Picture], state: ArrayLike, task: str, mode: str = ''
    ) -> NDArray[np.float64]:
        """Rows [horizon, joints] in `units`, for the instant the pictures were taken.

        Of a relative bundle they are absolute again. images: as for `tile`; state: [state_names]
        in `state_units`; task: one of `tasks`; mode: one of `modes`. Raises ValueError naming
        what is wrong with the input.
        """
        return self.infer_mosaic(self.tile(images), state, task, mode)

    def predict(
        self, images: Mapping[str, Picture], state: ArrayLike, task: str, mode: str = ''
    ) -> Prediction:
        """`infer`, with how far the samples of other noise lie apart."""
        sample = self._sample(self.tile(images), state, task, mode)
        apart = float(sample.spread) if len(sample.actions) > 1 else float('nan')
        return Prediction(self._rows(sample, state), apart)

    def infer_mosaic(
        self, mosaic: Picture, state: ArrayLike, task: str, mode: str = ''
    ) -> NDArray[np.float64]:
        """`infer` for a picture that is tiled already: uint8 [H, W, 3]."""
        return self._rows(self._sample(mosaic, state, task, mode), state)

    def imagine(
        self, images: Mapping[str, Picture], state: ArrayLike, task: str, mode: str = ''
    ) -> tuple[NDArray[np.float64], Picture]:
        """`infer`, and the future it was inferred from: uint8 [9, H, W, 3], the present first.

        For looking at, not for driving: decoding costs many times the inference. Raises
        ValueError too where this way of sampling imagines nothing, or the bundle's VAE brings no
        decoder.
        """
        sample = self._sample(self.tile(images), state, task, mode)
        if sample.video is None:
            raise ValueError(
                f'{self._contract.variant} in mode {mode or self.modes[0]} imagines no future: '
                'joint and idm do'
            )
        return self._rows(sample, state), self._coder().decode(sample.video)[0].cpu().numpy()

    def _sample(self, mosaic: Picture, state: ArrayLike, task: str, mode: str) -> Sample:
        self._check(mosaic, np.asarray(state), task)
        # Copies: theirs may be read-only, and sums can depend on how memory is aligned.
        normalised = torch.tensor(self._bundle.state.forward(state))
        return self._engine.sample(torch.tensor(mosaic), normalised, task, mode)

    def _rows(self, sample: Sample, state: ArrayLike) -> NDArray[np.float64]:
        chunk = sample.actions[0].float().cpu().numpy()
        rows = self._bundle.action.backward(chunk).astype(np.float64)
        return rows + self._contract.origin(np.asarray(state))

    def _coder(self) -> VideoCoder:
        """Made for each call: nobody who drives should pay for its memory."""
        contract = self._contract
        coder = VideoCoder(contract.vae, decoder_width(self._bundle.vae)).to(_dtype(self._device))
        coder.load(self._bundle.vae, VAE, self._device)
        return coder

    def _check(self, mosaic: Picture, state: NDArray, task: str) -> None:
        shape = (self._contract.mosaic.height, self._contract.mosaic.width, 3)
        if mosaic.dtype != np.uint8 or mosaic.shape != shape:
            raise ValueError(
                f'mosaic is {mosaic.dtype} {list(mosaic.shape)}, the bundle reads uint8 '
                f'{list(shape)}'
            )
        names = self.state_names
        if state.dtype.kind not in 'fiu':
            raise ValueError(f'state holds {state.dtype}, not numbers')
        if state.shape != (len(names),):
            raise ValueError(
                f'state has shape {list(state.shape)}, the bundle reads {len(names)} columns: '
                f'{", ".join(names)}'
            )
        broken = [name for name, value in zip(names, state, strict=True) if not np.isfinite(value)]
        if broken:
            raise ValueError(f'state is not finite for {", ".join(broken)}')
        if task not in self.tasks:
            raise ValueError(
                f'unknown task {task[:80]!r}: this policy knows {", ".join(self.tasks)}'
            )


def _dtype(device: str) -> torch.dtype:
    return torch.float32 if device == CPU else torch.bfloat16
