"""One camera's pictures, small and grey, with their stamps: enough to see that something moved."""

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.pictures import Picture

_FLAT = 1.0  # of 255: a picture of less contrast than its noise shows nothing


class Film:
    """Pictures uint8 [h, w] of one size, by their stamps."""

    def __init__(self) -> None:
        self._arrived: list[float] = []
        self._stamps: list[Ns] = []
        self._pictures: list[Picture] = []

    def take(self, arrived: float, stamp: Ns, picture: Picture) -> None:
        """One picture, arrived [s] on this machine's clock."""
        self._arrived.append(arrived)
        self._stamps.append(stamp)
        self._pictures.append(picture)

    def __len__(self) -> int:
        return len(self._stamps)

    @property
    def age(self) -> float:
        """The least [s] from a stamp to its picture's arrival."""
        return float(np.min(np.array(self._arrived) - np.array(self._stamps) / SECOND))

    def between(self, begin: float, end: float) -> tuple[Array, Array]:
        """Stamps [N, s] between two, in order, and pictures [N, pixels] of one mean and contrast.

        So a camera that adapts to the light, or light that flickers, changes nothing.
        """
        stamps = np.array(self._stamps, np.int64) / SECOND
        inside = np.flatnonzero((stamps >= begin) & (stamps <= end))
        inside = inside[np.argsort(stamps[inside], kind='stable')]
        rows = np.array([self._pictures[k].ravel() for k in inside], np.float64)
        if not len(rows):
            return stamps[inside], rows
        rows -= rows.mean(axis=1, keepdims=True)
        return stamps[inside], rows / np.maximum(rows.std(axis=1, keepdims=True), _FLAT)
