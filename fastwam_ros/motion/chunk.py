"""An action chunk: rows of joint positions on an absolute time axis.

Row k is due at stamp + (k + offset) * step, whatever the latency that brought it. A chunk knows
nothing of limits or of the plan it will be spliced onto.
"""

from dataclasses import dataclass

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns


@dataclass(frozen=True)
class Chunk:
    """What the policy would do from the capture of its head image on.

    stamp: capture time [ns]; step [s] between rows; offset [steps] of row 0; positions
    [rows, joints] in rad (gripper opening in m), columns named by `names`.
    """

    stamp: Ns
    step: float
    offset: float
    names: tuple[str, ...]
    positions: Array
    epoch: int = 0
    sequence: int = 0
    robot: str = ''
    task: str = ''
    bundle: str = ''
    observation: str = ''
    inference_time: float = float('nan')
    disagreement: float = float('nan')

    @property
    def rows(self) -> int:
        return len(self.positions)

    def columns(self, names: tuple[str, ...]) -> Array:
        """Positions [rows, len(names)] of the named joints, in that order.

        Raises KeyError with the missing name.
        """
        index = {name: i for i, name in enumerate(self.names)}
        return self.positions[:, [index[name] for name in names]]

    def seconds(self, since: Ns) -> Array:
        """Due times of the rows [rows] in seconds after `since`."""
        start = (self.stamp - since) / SECOND
        return start + (np.arange(self.rows, dtype=np.float64) + self.offset) * self.step
