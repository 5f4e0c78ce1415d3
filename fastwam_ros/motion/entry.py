"""Where commands begin: with what was commanded last, as far as the robot is near it.

A robot that sags below its last command must not sink at every engage, and a gripper that squeezes
something must not let go because its measured width is not its command. Everybody's commands
count: the vendor's teleoperation may have spoken last.
"""

import numpy as np

from fastwam_ros.motion.limits import Array
from fastwam_ros.motion.status import Measured, Settings

REARM = 0.05  # [rad] between the last command and the joint within which the command is resumed


class Entry:
    """The last commands seen, whoever gave them; NaN where none was."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._q = np.full(len(settings.limits.names), np.nan)
        self._openings = np.full(len(settings.grippers.names), np.nan)

    def saw(self, q: Array, openings: Array) -> None:
        """Commands [D] in rad and [G] in m of opening; NaN where nothing is commanded."""
        np.copyto(self._q, q, where=np.isfinite(q))
        np.copyto(self._openings, openings, where=np.isfinite(openings))

    def first(self, measured: Measured) -> tuple[Array, Array]:
        """The first command for a robot that is there: q [D] inside the limits, openings [G]."""
        near = np.abs(self._q - measured.q) <= REARM  # false where it is NaN
        q = self._settings.limits.clamp(np.where(near, self._q, measured.q))
        known = np.isfinite(self._openings)
        openings = np.where(known, self._openings, measured.openings)
        return q, np.clip(openings, 0.0, self._settings.grippers.widest)
