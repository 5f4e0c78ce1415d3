"""A bar that is too long for one hand: lift it with both."""

import math

import mujoco
import numpy as np

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.sim.model import RUBBER_FRICTION, robot_spec
from fastwam_ros.sim.scene import Outcome, Placement, Pose, touching
from fastwam_ros.sim.table import TABLE_TOP, solid, table

TASK = 'lift the bar'
BAR_HALF, BAR_MASS = (0.02, 0.20, 0.02), 0.3  # [m], [kg]
BAR_X, BAR_Y, BAR_YAW = (0.40, 0.47), 0.04, 0.25  # where its centre may be [m], turn [rad]
LIFTED, LEVEL = 0.10, 10.0  # [m] above where it lay, [deg] of tilt
_COLOUR = (0.85, 0.45, 0.12, 1.0)


class Bar:
    """A bar of 40 x 4 x 4 cm and 300 g that lies across the table."""

    def build(self) -> mujoco.MjModel:
        """The robot in front of this scene, compiled."""
        spec = robot_spec()
        table(spec)
        body = spec.worldbody.add_body(name='bar')
        body.add_freejoint(name='bar')
        bar = solid(body, name='bar', size=BAR_HALF, mass=BAR_MASS, rgba=_COLOUR)
        bar.friction, bar.condim = [1.0, RUBBER_FRICTION[1], RUBBER_FRICTION[2]], 4
        return spec.compile()

    def place(self, rng: np.random.Generator) -> dict[str, Placement]:
        """The bar, its long side roughly from hand to hand."""
        x, y = rng.uniform(*BAR_X), rng.uniform(-BAR_Y, BAR_Y)
        at = (float(x), float(y), TABLE_TOP + BAR_HALF[2])
        return {'bar': Placement(at, float(rng.uniform(-BAR_YAW, BAR_YAW)))}

    def put(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> None:
        """By its free joint."""
        data.joint('bar').qpos = (*placed['bar'].position, *placed['bar'].quaternion)

    def things(self, data: mujoco.MjData) -> dict[str, Pose]:
        """The bar; its long side is its y."""
        return {'bar': Pose.of(data, 'bar')}

    def outcome(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> Outcome:
        """Fulfilled while it is more than 10 cm up, level to 10 degrees and in both hands."""
        pose = Pose.of(data, 'bar')
        height = float(pose.position[2]) - placed['bar'].position[2]
        tilt = math.degrees(math.asin(min(abs(float(pose.matrix[2, 1])), 1.0)))
        fingers = {b for b in touching(model, data, 'bar') if 'finger' in b}
        holding = [side for side in SIDES if any(b.startswith(side) for b in fingers)]
        missing = {
            f'it is {100 * height:.0f} cm up, want {100 * LIFTED:.0f}': height <= LIFTED,
            f'it tilts by {tilt:.0f} degrees, limit {LEVEL:.0f}': tilt >= LEVEL,
            f'{len(holding)} hands hold it': len(holding) < len(SIDES),
        }
        figures = {'height': f'{height:.3f}', 'tilt': f'{tilt:.1f}', 'held': ' '.join(holding)}
        return Outcome.judged(TASK, f'it is {100 * height:.0f} cm up, level', missing, figures)
