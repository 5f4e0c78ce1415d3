"""What one chunk is inferred from, and what comes of it, in the bundle's units."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastwam_ros.wam.mosaic import Picture
from fastwam_ros.wam.prefix import Wanted


@dataclass(frozen=True)
class Observation:
    """mosaic: the tiled picture uint8 [H, W, 3]; state: [joints]; task: a known one.

    prefix: what the chunk is to begin with, None for anything.
    """

    mosaic: Picture
    state: ArrayLike
    task: str
    prefix: Wanted | None = None


@dataclass(frozen=True)
class Prediction:
    """rows [horizon, joints]; disagreement: a sign of doubt, in normalised units.

    Of several samples how far they lie apart; of one alone how far its last steps differ in what
    they take the chunk for. The two have scales of their own.
    """

    rows: NDArray[np.float64]
    disagreement: float
