"""The simulated robot's body and the things before it: steps of physics, nothing else.

Positions are written at reset only; from then on servo forces and contacts move everything. This
module does not know topics, targets' timing, sensors' errors or pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import mujoco
import numpy as np

from fastwam_ros.robot.joints import ARM_SIZE, GRIPPER_OPENING, SIDES, arm_joints
from fastwam_ros.sim.blocks import BlocksAndTray
from fastwam_ros.sim.model import DAMPING, FINGER_DAMPING, FINGER_STIFFNESS, STIFFNESS, TIMESTEP
from fastwam_ros.sim.scene import Outcome, Pose, Scene

ARM_HOME = (0.0, 1.2, -1.55, 0.9, 0.0, 0.0)  # [rad] gripper above the table, pointing ahead
STEP_NS = round(TIMESTEP * 1e9)


@dataclass(frozen=True)
class ArmState:
    """True state of one arm: position [rad], velocity [rad/s], effort of the drives [Nm]; [6]."""

    position: np.ndarray
    velocity: np.ndarray
    effort: np.ndarray


@dataclass(frozen=True)
class GripperState:
    """True state of one gripper: opening [m], speed of opening [m/s], force of its drive [N]."""

    opening: float
    speed: float
    force: float


class _Side:
    """Indices of one arm and its gripper in the model's arrays."""

    def __init__(self, model: mujoco.MjModel, side: str) -> None:
        names = [joint.name for joint in arm_joints(side)]
        self.qpos = np.array([model.joint(name).qposadr[0] for name in names])
        self.dof = np.array([model.joint(name).dofadr[0] for name in names])
        self.servo = np.array([model.actuator(name).id for name in names])
        first, second = (model.joint(f'{side}_gripper_finger_joint{n}') for n in (1, 2))
        self.fingers = np.array([first.qposadr[0], second.qposadr[0]])
        self.finger_dof = int(first.dofadr[0])
        self.finger_servo = model.actuator(first.name).id


class World:
    """Robot and scene in MuJoCo, at 5 ms a step.

    The same seed and the same drive() and grip() calls give bit-identical states.
    """

    def __init__(self, seed: int, scene: Scene | None = None) -> None:
        self.scene = scene or BlocksAndTray()
        self.model = self.scene.build()
        self.data = mujoco.MjData(self.model)
        self._sides = {side: _Side(self.model, side) for side in SIDES}
        self._lead = np.array(DAMPING) / np.array(STIFFNESS)
        self.reset(seed)

    def reset(
        self, seed: int, arm: Sequence[float] = ARM_HOME, opening: float = GRIPPER_OPENING
    ) -> None:
        """Both arms at `arm` [6, rad], grippers at `opening` [m], things placed by the seed."""
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:] = self.pose(dict.fromkeys(SIDES, arm), (opening, opening))
        self.placed = self.scene.place(np.random.default_rng(seed))
        self.scene.put(self.model, self.data, self.placed)
        for side in SIDES:
            self.drive(side, np.array(arm), np.zeros(ARM_SIZE))
            self.grip(side, opening, 0.0)
        mujoco.mj_forward(self.model, self.data)

    def scatter(self, seed: int) -> None:
        """Things placed anew by the seed, and everything at rest; the arms stay where they are."""
        self.placed = self.scene.place(np.random.default_rng(seed))
        self.scene.put(self.model, self.data, self.placed)
        self.data.qvel[:] = 0.0
        mujoco.mj_forward(self.model, self.data)

    def pose(self, arms: dict[str, Sequence[float]], openings: tuple[float, float]) -> np.ndarray:
        """The present qpos [nq] with both arms [6, rad] and grippers [m] elsewhere: a copy.

        Raises ValueError for an arm without six positions.
        """
        qpos = self.data.qpos.copy()
        for side, opening in zip(SIDES, openings, strict=True):
            if len(arms[side]) != ARM_SIZE:
                raise ValueError(
                    f'{side} arm got {len(arms[side])} positions: an R1 Lite arm has {ARM_SIZE}'
                )
            qpos[self._sides[side].qpos] = arms[side]
            qpos[self._sides[side].fingers] = (opening / 2.0, -opening / 2.0)
        return qpos

    def drive(self, side: str, position: np.ndarray, velocity: np.ndarray) -> None:
        """Set the servos' wanted position [6, rad] and velocity [6, rad/s] from now on."""
        # kp (p - q) + kd (v - dq), as the robot's drives are commanded: no lag by damping.
        self.data.ctrl[self._sides[side].servo] = position + self._lead * velocity

    def grip(self, side: str, opening: float, speed: float) -> None:
        """Set the gripper's wanted opening [m] and speed of opening [m/s] from now on."""
        lead = FINGER_DAMPING / FINGER_STIFFNESS
        self.data.ctrl[self._sides[side].finger_servo] = (opening + lead * speed) / 2.0

    def step(self) -> None:
        """5 ms of physics. Raises RuntimeError when the state is no longer finite."""
        mujoco.mj_step(self.model, self.data)
        if not np.isfinite(self.data.qpos).all():
            raise RuntimeError(
                f'physics diverged at {self.data.time:.3f} s: reset the simulation '
                '(two bodies were probably forced through each other)'
            )

    def arm(self, side: str) -> ArmState:
        """State of one arm after the last step."""
        index, data = self._sides[side], self.data
        effort = data.qfrc_actuator[index.dof] + data.qfrc_gravcomp[index.dof]
        return ArmState(data.qpos[index.qpos].copy(), data.qvel[index.dof].copy(), effort)

    def gripper(self, side: str) -> GripperState:
        """State of one gripper after the last step."""
        index, data = self._sides[side], self.data
        left, right = data.qpos[index.fingers]
        speed = 2.0 * float(data.qvel[index.finger_dof])
        return GripperState(
            float(left - right), speed, float(data.qfrc_actuator[index.finger_dof])
        )

    def block(self, name: str) -> np.ndarray:
        """Centre [3, m] of a block in the robot's base frame. Raises KeyError, naming all.

        Read from the free joint: MuJoCo's body positions are one step old after a step.
        """
        return self.data.joint(name).qpos[:3].copy()

    def things(self) -> dict[str, Pose]:
        """Where the scene's things are, by name, in the robot's base frame."""
        return self.scene.things(self.data)

    def outcome(self) -> Outcome:
        """How the scene's task stands."""
        return self.scene.outcome(self.model, self.data, self.placed)

    def arm_contacts(self, data: mujoco.MjData | None = None) -> tuple[tuple[str, str], ...]:
        """Names of the bodies of every contact that involves an arm (of `data`, if given)."""
        data = data or self.data
        body = self.model.geom_bodyid
        pairs = {
            tuple(sorted(self.model.body(int(body[geom])).name for geom in contact.geom))
            for contact in data.contact[: data.ncon]
        }
        return tuple(sorted(p for p in pairs if any(name.startswith(SIDES) for name in p)))
