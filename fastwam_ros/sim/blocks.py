"""Three coloured blocks and a tray: put one block into the tray."""

import mujoco
import numpy as np

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.sim.model import RUBBER_FRICTION, robot_spec
from fastwam_ros.sim.scene import Outcome, Placement, Pose, touching
from fastwam_ros.sim.table import TABLE_TOP, solid, table

TASK = 'put one block into the tray'
TRAY_HALF = 0.085  # [m]
TRAY_X, TRAY_Y = (0.44, 0.47), 0.03  # where its centre may be [m]
BLOCK_HALF, BLOCK_MASS = 0.02, 0.05
BLOCKS: dict[str, tuple[float, float, float, float]] = {
    'red': (0.90, 0.08, 0.06, 1.0),
    'green': (0.10, 0.65, 0.15, 1.0),
    'blue': (0.08, 0.25, 0.85, 1.0),
}
# Seen by the head camera and within reach of the nearer arm with the gripper pointing down.
BLOCK_X, BLOCK_Y = (0.42, 0.54), (0.17, 0.32)
BLOCK_GAP, BLOCK_YAW = 0.12, 0.7  # least distance of centres [m], largest turn [rad]
_TRAY_COLOUR = (0.95, 0.80, 0.35, 1.0)
_STILL = 0.05  # [m/s, rad/s] below which a block is at rest
_STACKED = 0.05  # [m] above the table up to which a block's centre is inside the tray


class BlocksAndTray:
    """Three 4 cm blocks (50 g) of different colours and a tray that does not slide."""

    def build(self) -> mujoco.MjModel:
        """The robot in front of this scene, compiled."""
        spec = robot_spec()
        table(spec)
        _tray(spec)
        for name, colour in BLOCKS.items():
            _block(spec, name, colour)
        return spec.compile()

    def place(self, rng: np.random.Generator) -> dict[str, Placement]:
        """Blocks, drawn anew until no two are closer than the gap, and the tray."""
        while True:
            drawn = {name: self._draw(rng) for name in BLOCKS}
            spots = np.array([placement.position for placement in drawn.values()])
            apart = np.linalg.norm(spots[:, None] - spots[None], axis=-1)
            if apart[np.triu_indices(len(spots), 1)].min() > BLOCK_GAP:
                break
        at = (float(rng.uniform(*TRAY_X)), float(rng.uniform(-TRAY_Y, TRAY_Y)), TABLE_TOP)
        return {**drawn, 'tray': Placement(at)}

    def _draw(self, rng: np.random.Generator) -> Placement:
        y = rng.uniform(*BLOCK_Y) * rng.choice((-1.0, 1.0))
        position = (float(rng.uniform(*BLOCK_X)), float(y), TABLE_TOP + BLOCK_HALF)
        return Placement(position, float(rng.uniform(-BLOCK_YAW, BLOCK_YAW)))

    def put(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> None:
        """Blocks by their free joints; the tray, which has none, by its place in the model."""
        model.body('tray').pos[:] = placed['tray'].position
        for name in BLOCKS:
            data.joint(name).qpos = (*placed[name].position, *placed[name].quaternion)

    def things(self, data: mujoco.MjData) -> dict[str, Pose]:
        """The blocks by colour, and the tray."""
        return {name: Pose.of(data, name) for name in (*BLOCKS, 'tray')}

    def outcome(
        self, model: mujoco.MjModel, data: mujoco.MjData, placed: dict[str, Placement]
    ) -> Outcome:
        """Fulfilled while exactly one block is in the tray, at rest and let go."""
        tray = data.body('tray').xpos
        inside = [name for name in BLOCKS if _inside(data.body(name).xpos - tray)]
        name = inside[0] if inside else ''
        held = bool(name) and any(body.startswith(SIDES) for body in touching(model, data, name))
        speed = float(np.abs(data.joint(name).qvel).max()) if name else 0.0
        missing = {
            'no block is in the tray': not inside,
            f'{" and ".join(inside)} are in the tray': len(inside) > 1,
            f'{name} is still held': held,
            f'{name} still moves': speed > _STILL,
        }
        figures = {'inside': ' '.join(inside), 'held': str(held), 'speed': f'{speed:.3f}'}
        return Outcome.judged(TASK, f'{name} lies in the tray', missing, figures)


def _inside(offset: np.ndarray) -> bool:
    """Whether a block's centre, relative to the tray's [3, m], is within its walls."""
    return bool((np.abs(offset[:2]) < TRAY_HALF).all() and 0.0 < offset[2] < _STACKED)


def _tray(spec: mujoco.MjSpec) -> None:
    tray = spec.worldbody.add_body(name='tray', pos=[TRAY_X[1], 0.0, TABLE_TOP])
    wall, rim, half = 0.004, 0.012, TRAY_HALF
    parts = [([half, half, 0.002], [0.0, 0.0, 0.002])]
    parts += [([wall, half, rim], [x, 0.0, rim]) for x in (-half, half)]
    parts += [([half, wall, rim], [0.0, y, rim]) for y in (-half, half)]
    for size, pos in parts:
        solid(tray, size=size, pos=pos, rgba=_TRAY_COLOUR)


def _block(spec: mujoco.MjSpec, name: str, colour: tuple[float, ...]) -> None:
    body = spec.worldbody.add_body(name=name)
    body.add_freejoint(name=name)
    cube = solid(body, name=name, size=[BLOCK_HALF] * 3, mass=BLOCK_MASS, rgba=colour)
    cube.friction, cube.condim = [1.0, RUBBER_FRICTION[1], RUBBER_FRICTION[2]], 4
