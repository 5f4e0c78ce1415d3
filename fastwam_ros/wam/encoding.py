"""Between a bundle's units and the normalised tensors that the network reads and makes."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from fastwam_ros.wam.bundle import Bundle
from fastwam_ros.wam.guidance import Prefix
from fastwam_ros.wam.mosaic import Picture
from fastwam_ros.wam.observation import Observation


class Encoding:
    """One bundle's. Rows of a relative bundle are absolute outside and relative inside."""

    def __init__(self, bundle: Bundle) -> None:
        self._contract = bundle.contract
        self._state, self._action = bundle.state, bundle.action

    def check(self, observation: Observation) -> None:
        """Raises ValueError naming what is wrong with picture, state or prefix."""
        self._check_mosaic(observation.mosaic)
        self._check_state(np.asarray(observation.state))
        if observation.prefix is not None:
            self._check_prefix(observation.prefix.rows.shape)

    def inputs(self, observations: Sequence[Observation]) -> tuple[Tensor, Tensor]:
        """Mosaics uint8 [B, H, W, 3] and normalised states [B, S] fp32.

        Copies: theirs may be read-only, and sums can depend on how memory is aligned.
        """
        mosaics = torch.tensor(np.stack([one.mosaic for one in observations]))
        states = np.stack([self._state.forward(one.state) for one in observations])
        return mosaics, torch.tensor(states)

    def prefix(self, observations: Sequence[Observation]) -> Prefix | None:
        """Normalised, weight 0 where there is none; None where nobody has one."""
        if all(one.prefix is None for one in observations):
            return None
        shape = (len(observations), *self._shape)
        rows, weights = np.zeros(shape, np.float32), np.zeros((*shape[:2], 1), np.float32)
        for index, one in enumerate(observations):
            if one.prefix is not None:
                counted = one.prefix.rows - self._contract.origin(np.asarray(one.state))
                rows[index] = self._action.forward(counted)
                weights[index, :, 0] = one.prefix.weights
        return Prefix(torch.from_numpy(rows), torch.from_numpy(weights))

    def rows(self, chunk: NDArray[np.float32], state: ArrayLike) -> NDArray[np.float64]:
        """A normalised chunk [horizon, joints] in the bundle's units."""
        rows = self._action.backward(chunk).astype(np.float64)
        return rows + self._contract.origin(np.asarray(state))

    @property
    def _shape(self) -> tuple[int, int]:
        return self._contract.timing.horizon, len(self._contract.joints.names)

    def _check_mosaic(self, mosaic: Picture) -> None:
        shape = (self._contract.mosaic.height, self._contract.mosaic.width, 3)
        if mosaic.dtype != np.uint8 or mosaic.shape != shape:
            raise ValueError(
                f'mosaic is {mosaic.dtype} {list(mosaic.shape)}, the bundle reads uint8 '
                f'{list(shape)}'
            )

    def _check_state(self, state: NDArray) -> None:
        names = self._contract.state_columns.names
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

    def _check_prefix(self, shape: tuple[int, ...]) -> None:
        if shape != self._shape:
            raise ValueError(
                f'prefix has {list(shape)} rows and columns, the bundle makes {list(self._shape)}'
            )
