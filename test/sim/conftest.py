"""What several tests of the simulator do: reach for a point, stream targets, project a point."""

from dataclasses import dataclass
from itertools import pairwise, product

import mujoco
import numpy as np
import pytest
from scipy.spatial import ConvexHull

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.sim.blocks import BLOCK_HALF
from fastwam_ros.sim.world import ARM_HOME, STEP_NS

DOWN = np.array([0.0, 0.0, -1.0])


@pytest.fixture
def reach():
    """Joint positions that bring a side's fingertips to a point, gripper pointing down."""

    def solve(world, side, point):
        data = mujoco.MjData(world.model)
        joints = arm_joints(side)
        low, high = np.array([j.lower for j in joints]), np.array([j.upper for j in joints])
        dof = [world.model.joint(j.name).dofadr[0] for j in joints]
        q = np.array([0.0, 2.2, -1.6, 1.0, 0.0, 0.0])
        site = world.model.site(f'{side}_tcp').id
        turn, move = np.zeros((3, world.model.nv)), np.zeros((3, world.model.nv))
        other = SIDES[1 - SIDES.index(side)]
        for _ in range(400):
            data.qpos[:] = world.pose({side: q, other: ARM_HOME}, (0.0, 0.0))
            mujoco.mj_kinematics(world.model, data)
            mujoco.mj_comPos(world.model, data)
            mujoco.mj_jacSite(world.model, data, move, turn, site)
            error = np.asarray(point) - data.site_xpos[site]
            tilt = np.cross(data.site_xmat[site].reshape(3, 3)[:, 0], DOWN)
            if np.linalg.norm(error) < 1e-3 and np.linalg.norm(tilt) < 0.05:
                return q
            jacobian = np.vstack([move[:, dof], 0.3 * turn[:, dof]])
            wanted = np.concatenate([error, 0.3 * tilt])
            gain = jacobian @ jacobian.T + 1e-4 * np.eye(6)
            step = jacobian.T @ np.linalg.solve(gain, wanted)
            q = np.clip(q + np.clip(step, -0.1, 0.1), low + 0.01, high - 0.01)
        raise AssertionError(f'{side} arm does not reach {point}')

    return solve


@pytest.fixture
def stream():
    """Streams an arm along joint waypoints at 200 Hz; calls `each` after every period."""

    def go(sim, side, waypoints, seconds, each=lambda: None):
        for start, end in pairwise(waypoints):
            periods = round(seconds * 1e9 / STEP_NS)
            for k in range(1, periods + 1):
                target = np.asarray(start) + (np.asarray(end) - start) * k / periods
                assert sim.target_arm(side, target.tolist(), [], sim.time) == ''
                sim.advance(sim.time + STEP_NS)
                each()

    return go


@dataclass(frozen=True)
class Outline:
    """A block's outline in a picture: centroid (u, v) and area [px], wholly inside or not."""

    centroid: np.ndarray
    area: float
    inside: bool


@pytest.fixture
def outline():
    """Where the published camera model sees a block of a world, in its present state."""

    def project(world, camera, block):
        data = mujoco.MjData(world.model)
        data.qpos[:] = world.data.qpos
        mujoco.mj_kinematics(world.model, data)  # the world's own are one step old
        pinhole, frame, cube = CAMERAS[camera], data.body(CAMERAS[camera].frame), data.body(block)
        corners = BLOCK_HALF * np.array(list(product((-1, 1), repeat=3)))
        points = (corners @ cube.xmat.reshape(3, 3).T + cube.xpos - frame.xpos) @ (
            frame.xmat.reshape(3, 3)
        )
        if points[:, 2].min() <= 0.05:
            return Outline(np.full(2, np.nan), np.inf, False)
        pixels = np.array([pinhole.project(*point) for point in points])
        hull = pixels[ConvexHull(pixels).vertices]
        size = (pinhole.width, pinhole.height)
        return Outline(
            *_centroid_and_area(hull), bool(((hull > 1) & (hull < np.subtract(size, 1))).all())
        )

    return project


def _centroid_and_area(polygon):
    """Centroid [2] and area of a polygon [N, 2] (counter-clockwise)."""
    after = np.roll(polygon, -1, axis=0)
    cross = polygon[:, 0] * after[:, 1] - after[:, 0] * polygon[:, 1]
    return ((polygon + after) * cross[:, None]).sum(axis=0) / (3 * cross.sum()), cross.sum() / 2
