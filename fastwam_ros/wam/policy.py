"""A bundle ready to run: camera pictures and a joint state in the bundle's units -> action rows.

Checks what it is given, tiles, normalises, asks the engine, and turns the answer back into units.
Knows neither the robot nor the clock: the caller converts units and owns the stamps.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from fastwam_ros.wam.assembly import JACOBIANS, assembled
from fastwam_ros.wam.bundle import VAE, Bundle
from fastwam_ros.wam.device import CPU, dtype_of, memory_named
from fastwam_ros.wam.engine import Engine
from fastwam_ros.wam.guidance import Prefix
from fastwam_ros.wam.mosaic import Picture
from fastwam_ros.wam.observation import Observation, Prediction
from fastwam_ros.wam.prefix import Wanted
from fastwam_ros.wam.sampling import Sample
from fastwam_ros.wam.video import VideoCoder, decoder_width


class Policy:
    """One loaded bundle. `infer` keeps no memory: the same observation gives the same chunk."""

    def __init__(self, bundle: Bundle, engine: Engine, device: str) -> None:
        self._bundle, self._contract = bundle, bundle.contract
        self._engine, self._device = engine, device

    @classmethod
    def load(
        cls,
        bundle_dir: Path | str,
        threads: int = 1,
        device: str = CPU,
        seeds: int = 1,
        jacobian: str = JACOBIANS[0],
        batch: int = 1,
    ) -> 'Policy':
        """Read, build, check and warm up.

        threads: CPU threads of torch, for the whole process; device: torch's name of it. On a
        GPU the model computes in bf16, as it was trained and released; on a CPU in fp32. seeds:
        samples per inference, of which the first drives and all tell how sure it is. jacobian:
        how a prefix leads, one of JACOBIANS; the network's own costs a backward pass per step and
        the plain model. batch: observations per call at most. Raises FileNotFoundError for a
        missing file, ValueError for anything that does not fit, the device included; the message
        names it.
        """
        bundle = Bundle.read(bundle_dir)
        return cls(bundle, assembled(bundle, threads, device, seeds, jacobian, batch), device)

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
    def joint_names(self) -> tuple[str, ...]:
        """Names of the columns of state and rows."""
        return self._contract.joints.names

    @property
    def units(self) -> tuple[str, ...]:
        """Unit of each column: rad, m or percent."""
        return self._contract.joints.units

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

        images: as for `tile`; state: [joints] in `units`, by `joint_names`; task: one of `tasks`;
        mode: one of `modes`. Raises ValueError naming what is wrong with the input.
        """
        return self.infer_mosaic(self.tile(images), state, task, mode)

    def predict(
        self,
        images: Mapping[str, Picture],
        state: ArrayLike,
        task: str,
        mode: str = '',
        prefix: Wanted | None = None,
    ) -> Prediction:
        """`infer`, with how sure it is. prefix: what the chunk shall agree with."""
        return self.predict_all([Observation(self.tile(images), state, task, prefix)], mode)[0]

    def predict_all(self, observations: Sequence[Observation], mode: str = '') -> list[Prediction]:
        """One prediction per observation, all in one call: see `batch`.

        Raises ValueError naming what is wrong with the first of them that does not fit.
        """
        sample, seeds = self._sample(observations, mode), self._engine.seeds
        rows, doubt = sample.actions[::seeds].float().cpu().numpy(), sample.wavering()[::seeds]
        apart = sample.spread(seeds).tolist() if seeds > 1 else [math.nan] * len(observations)
        return [
            Prediction(self._rows(chunk), *signs)
            for chunk, *signs in zip(rows, apart, doubt.tolist(), strict=True)
        ]

    def infer_mosaic(
        self, mosaic: Picture, state: ArrayLike, task: str, mode: str = ''
    ) -> NDArray[np.float64]:
        """`infer` for a picture that is tiled already: uint8 [H, W, 3]."""
        return self.predict_all([Observation(mosaic, state, task)], mode)[0].rows

    def imagine(
        self, images: Mapping[str, Picture], state: ArrayLike, task: str, mode: str = ''
    ) -> tuple[NDArray[np.float64], Picture]:
        """`infer`, and the future it was inferred from: uint8 [9, H, W, 3], the present first.

        For looking at, not for driving: decoding costs many times the inference. Raises
        ValueError too where this way of sampling imagines nothing, or the bundle's VAE brings no
        decoder.
        """
        sample = self._sample([Observation(self.tile(images), state, task)], mode)
        if sample.video is None:
            raise ValueError(
                f'{self._contract.variant} in mode {mode or self.modes[0]} imagines no future: '
                'joint and idm do'
            )
        rows = self._rows(sample.actions[0].float().cpu().numpy())
        return rows, self._coder().decode(sample.video)[0].cpu().numpy()

    def _sample(self, observations: Sequence[Observation], mode: str) -> Sample:
        self._engine.check_room(len(observations))
        for one in observations:
            self._check(one.mosaic, np.asarray(one.state), one.task)
        # Copies: theirs may be read-only, and sums can depend on how memory is aligned.
        mosaics = torch.tensor(np.stack([one.mosaic for one in observations]))
        states = np.stack([self._bundle.state.forward(one.state) for one in observations])
        tasks = [one.task for one in observations]
        prefix = self._prefix(observations)
        with memory_named(self._device):
            return self._engine.sample(mosaics, torch.tensor(states), tasks, mode, prefix)

    def _prefix(self, observations: Sequence[Observation]) -> Prefix | None:
        """Normalised, weight 0 where there is none; None where nobody has one."""
        if all(one.prefix is None for one in observations):
            return None
        shape = (len(observations), self.horizon, len(self.joint_names))
        rows, weights = np.zeros(shape, np.float32), np.zeros((*shape[:2], 1), np.float32)
        for index, one in enumerate(observations):
            if one.prefix is not None:
                rows[index] = self._bundle.action.forward(one.prefix.rows)
                weights[index, :, 0] = one.prefix.weights
        return Prefix(torch.from_numpy(rows), torch.from_numpy(weights))

    def _rows(self, chunk: NDArray[np.float32]) -> NDArray[np.float64]:
        return self._bundle.action.backward(chunk).astype(np.float64)

    def _coder(self) -> VideoCoder:
        """Made for each call: nobody who drives should pay for its memory."""
        contract = self._contract
        coder = VideoCoder(contract.vae, decoder_width(self._bundle.vae)).to(
            dtype_of(self._device)
        )
        coder.load(self._bundle.vae, VAE, self._device)
        return coder

    def _check(self, mosaic: Picture, state: NDArray, task: str) -> None:
        shape = (self._contract.mosaic.height, self._contract.mosaic.width, 3)
        if mosaic.dtype != np.uint8 or mosaic.shape != shape:
            raise ValueError(
                f'mosaic is {mosaic.dtype} {list(mosaic.shape)}, the bundle reads uint8 '
                f'{list(shape)}'
            )
        names = self.joint_names
        if state.dtype.kind not in 'fiu':
            raise ValueError(f'state holds {state.dtype}, not numbers')
        if state.shape != (len(names),):
            raise ValueError(
                f'state has shape {list(state.shape)}, the bundle reads {len(names)} joints: '
                f'{", ".join(names)}'
            )
        broken = [name for name, value in zip(names, state, strict=True) if not np.isfinite(value)]
        if broken:
            raise ValueError(f'state is not finite for {", ".join(broken)}')
        if task not in self.tasks:
            raise ValueError(
                f'unknown task {task[:80]!r}: this policy knows {", ".join(self.tasks)}'
            )
