"""A bundle ready to run: camera pictures and a joint state in the bundle's units -> action rows.

Checks what it is given, tiles, normalises, asks the engine, and turns the answer back into units.
Knows neither the robot nor the clock: the caller converts units and owns the stamps.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastwam_ros.wam.assembly import JACOBIANS, Setup, assembled
from fastwam_ros.wam.bundle import VAE, Bundle
from fastwam_ros.wam.choice import AUTO
from fastwam_ros.wam.device import CPU, dtype_of, memory_named
from fastwam_ros.wam.eight_bits import FULL
from fastwam_ros.wam.encoding import Encoding
from fastwam_ros.wam.engine import Engine
from fastwam_ros.wam.mosaic import Picture
from fastwam_ros.wam.observation import Observation, Prediction
from fastwam_ros.wam.prefix import Wanted
from fastwam_ros.wam.sampling import Sample
from fastwam_ros.wam.video import VideoCoder, decoder_width


class Policy:
    """One loaded bundle. `infer` keeps no memory: the same observation gives the same chunk."""

    def __init__(self, bundle: Bundle, engine: Engine, how: str, device: str) -> None:
        self._bundle, self._contract = bundle, bundle.contract
        self._engine, self._how, self._device = engine, how, device
        self._encoding = Encoding(bundle)

    @classmethod
    def load(
        cls,
        bundle: Bundle | Path | str,
        threads: int = 1,
        device: str = CPU,
        seeds: int = 1,
        jacobian: str = JACOBIANS[0],
        batch: int = 1,
        precision: str = FULL,
        kernels: str = AUTO,
    ) -> 'Policy':
        """Read, build, check and warm up.

        bundle: its folder, or what was read of it; threads: CPU threads of torch, for the whole
        process; device: torch's name of it. On a GPU the model computes in bf16, as it was trained
        and released; on a CPU in fp32. seeds: samples per inference, of which the first drives and
        all tell how sure it is. jacobian: how a prefix leads, one of JACOBIANS; the network's own
        costs a backward pass per step and the plain model. batch: observations per call at most.
        precision: of the layers' weights, one of eight_bits.PRECISIONS; kernels: what computes
        layers, one of choice.KERNELS.
        Raises FileNotFoundError for a missing file, ValueError for anything that does not fit, the
        device included; the message names it.
        """
        if not isinstance(bundle, Bundle):
            bundle = Bundle.read(bundle)
        setup = Setup(threads, device, seeds, jacobian, batch, precision, kernels)
        return cls(bundle, *assembled(bundle, setup), device)

    @property
    def name(self) -> str:
        """The bundle's name."""
        return self._contract.name

    @property
    def digest(self) -> str:
        """16 hex digits over every file of the bundle: which weights, exactly."""
        return self._bundle.digest

    @property
    def how(self) -> str:
        """Where it runs and how, in words."""
        return f'on {self._device}: {self._how}'

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
    def batch(self) -> int:
        """Observations that one call takes at most."""
        return self._engine.batch

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
        chunks = sample.actions[::seeds].float().cpu().numpy()
        doubt = sample.spread(seeds) if seeds > 1 else sample.wavering()
        return [
            Prediction(self._encoding.rows(chunk, one.state), apart)
            for one, chunk, apart in zip(observations, chunks, doubt.tolist(), strict=True)
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
        rows = self._encoding.rows(sample.actions[0].float().cpu().numpy(), state)
        return rows, self._coder().decode(sample.video)[0].cpu().numpy()

    def check_observation(self, observation: Observation) -> None:
        """Raises ValueError naming what is wrong with it."""
        self._encoding.check(observation)
        if observation.task not in self.tasks:
            raise ValueError(
                f'unknown task {observation.task[:80]!r}: this policy knows '
                f'{", ".join(self.tasks)}'
            )

    def _sample(self, observations: Sequence[Observation], mode: str) -> Sample:
        self._engine.check_room(len(observations))
        for one in observations:
            self.check_observation(one)
        mosaics, states = self._encoding.inputs(observations)
        prefix, tasks = self._encoding.prefix(observations), [one.task for one in observations]
        with memory_named(self._device):
            return self._engine.sample(mosaics, states, tasks, mode, prefix)

    def _coder(self) -> VideoCoder:
        """Made for each call: nobody who drives should pay for its memory."""
        contract = self._contract
        coder = VideoCoder(contract.vae, decoder_width(self._bundle.vae)).to(
            dtype_of(self._device)
        )
        coder.load(self._bundle.vae, VAE, self._device)
        return coder
