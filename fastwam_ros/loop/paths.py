"""Where a plan of joint positions leads the hands: the way of each one's finger tips.

Both arms hang on one link, so the torso's posture does not matter. Knows no message and no clock.
"""

from collections.abc import Sequence

import numpy as np
import pinocchio

from fastwam_ros.loop.surroundings import tips
from fastwam_ros.motion.bodies import Bodies
from fastwam_ros.motion.limits import Array
from fastwam_ros.robot.joints import ARM_NAMES
from fastwam_ros.robot.kinematics import CONNECTIONS, Connection

ROOT = 'torso_link3'  # the frame of the points: what carries both arms


class Paths:
    """The R1 Lite's forward kinematics from joints to finger tips."""

    def __init__(self) -> None:
        bodies = Bodies(_above(ROOT), ARM_NAMES, {})
        self._model, self._data = bodies.model, bodies.model.createData()
        made = [bodies.geometry.geometryObjects[bodies.put(tip)] for tip in tips()]
        self._tips = [(tip.parentJoint, tip.placement.translation) for tip in made]

    def along(self, names: Sequence[str], positions: Array, times: Array) -> Array:
        """Points [hands * N, 4]: x, y, z [m] in ROOT's frame and time [s], the left hand's first.

        positions [N, D]: rad, columns by name, others than arm joints are left out; times [N]: s.
        Raises ValueError for an arm joint that is missing, numbers that are none and rows that do
        not fit the names.
        """
        if missing := sorted(set(ARM_NAMES) - set(names)):
            raise ValueError(f'no path without {", ".join(missing)}: a plan is of both arms')
        if positions.shape != (len(times), len(names)) or not np.isfinite(positions).all():
            raise ValueError(
                f'no path from positions of shape {list(positions.shape)} for {len(times)} times '
                f'and {len(names)} joints, or with a NaN among them'
            )
        q = positions[:, [list(names).index(name) for name in ARM_NAMES]]
        places = np.array([self._at(row) for row in q]).reshape(-1, len(self._tips), 3)
        columns = [np.column_stack([place, times]) for place in places.transpose(1, 0, 2)]
        return np.concatenate(columns)

    def _at(self, q: Array) -> list[Array]:
        """Both tips [3, m] at a configuration [12, rad]."""
        pinocchio.forwardKinematics(self._model, self._data, q)
        return [self._data.oMi[joint].act(point) for joint, point in self._tips]


def _above(link: str) -> list[Connection]:
    """What hangs on a link, parents first."""
    held, found = {link}, []
    for connection in CONNECTIONS:
        if connection.parent in held:
            held.add(connection.child.name)
            found.append(connection)
    return found
