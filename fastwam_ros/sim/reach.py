"""Where a hand is for given joints, and joints for where a hand shall be.

Damped least squares on the robot's own model, without a scene: a step from the joints before, so
a hand that moves little needs little. This module does not know limits of speed, or time.
"""

import mujoco
import numpy as np

from fastwam_ros.robot.joints import ARM_SIZE, SIDES, arm_joints
from fastwam_ros.sim.model import robot_spec
from fastwam_ros.sim.scene import Pose

NEAR, ALIGNED = 2e-5, 2e-4  # [m], [rad] that end the search: coarser ones make steps
_MARGIN = 0.01  # [rad] kept from the position limits
_STEPS, _STRIDE = 60, 0.25  # most iterations, most that a joint moves in one [rad]
_LEVER = 0.3  # [m/rad] what a radian counts against a metre
_DAMPING = 1e-4


class Reach:
    """Both arms' kinematics. A hand's pose is its fingertips': x ahead, y where they open."""

    def __init__(self) -> None:
        self._model = robot_spec().compile()
        self._data = mujoco.MjData(self._model)
        self._sides = {side: _Arm(self._model, side) for side in SIDES}

    def hand(self, side: str, joints: np.ndarray) -> Pose:
        """Pose of a hand in the robot's base frame for its arm's joints [6, rad]."""
        self._set(side, joints)
        site = self._sides[side].site
        quaternion = np.empty(4)
        mujoco.mju_mat2Quat(quaternion, self._data.site_xmat[site])
        return Pose(self._data.site_xpos[site].copy(), quaternion)

    def joints(self, side: str, wanted: Pose, start: np.ndarray) -> tuple[np.ndarray, float]:
        """Joints [6, rad] that bring a hand to a pose, and how far off it remains [m].

        Searched from `start` [6, rad], within the position limits.
        """
        joints = start.copy()
        for _ in range(_STEPS):
            move, turn = self._error(side, wanted, joints)
            if np.linalg.norm(move) < NEAR and np.linalg.norm(turn) < ALIGNED:
                break
            joints = self._nearer(side, joints, np.concatenate([move, _LEVER * turn]))
        return joints, float(np.linalg.norm(self._error(side, wanted, joints)[0]))

    def _error(self, side: str, wanted: Pose, joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What is missing in the base frame: [3, m] and [3, rad]."""
        now, turn = self.hand(side, joints), np.empty(3)
        mujoco.mju_subQuat(turn, wanted.quaternion, now.quaternion)  # in the hand's frame
        return wanted.position - now.position, now.matrix @ turn

    def _nearer(self, side: str, joints: np.ndarray, error: np.ndarray) -> np.ndarray:
        arm, rows = self._sides[side], np.empty((6, self._model.nv))
        mujoco.mj_jacSite(self._model, self._data, rows[:3], rows[3:], arm.site)
        jacobian = rows[:, arm.dof]
        jacobian[3:] *= _LEVER
        gain = jacobian @ jacobian.T + _DAMPING * np.eye(6)
        step = jacobian.T @ np.linalg.solve(gain, error)
        step *= min(1.0, _STRIDE / max(float(np.abs(step).max()), 1e-9))
        return np.clip(joints + step, arm.lower, arm.upper)

    def _set(self, side: str, joints: np.ndarray) -> None:
        self._data.qpos[self._sides[side].qpos] = joints
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)


class _Arm:
    """Indices of one arm in the model's arrays, and its limits [6, rad]."""

    def __init__(self, model: mujoco.MjModel, side: str) -> None:
        joints = arm_joints(side)
        self.qpos = np.array([model.joint(j.name).qposadr[0] for j in joints])
        self.dof = np.array([model.joint(j.name).dofadr[0] for j in joints])
        self.site = model.site(f'{side}_tcp').id
        self.lower = np.array([j.lower for j in joints]) + _MARGIN
        self.upper = np.array([j.upper for j in joints]) - _MARGIN
        assert len(self.qpos) == ARM_SIZE
