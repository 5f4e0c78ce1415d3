"""The way of the hands along a plan, beside MuJoCo's own kinematics of the same robot."""

import mujoco
import numpy as np
import pytest

from fastwam_ros.loop.paths import ROOT, Paths
from fastwam_ros.loop.surroundings import tips
from fastwam_ros.robot.joints import ARM_NAMES, ARMS
from fastwam_ros.sim.model import robot_spec

REACH = tips()[0].start  # of the finger tips in the gripper's frame [m]


@pytest.fixture(scope='module')
def paths() -> Paths:
    return Paths()


def postures(count: int) -> np.ndarray:
    lower, upper = (np.array([getattr(j, end) for j in ARMS]) for end in ('lower', 'upper'))
    return lower + np.random.default_rng(3).uniform(size=(count, len(ARMS))) * (upper - lower)


def by_mujoco(q: np.ndarray) -> list[np.ndarray]:
    """Both tips in the frame of what carries the arms."""
    model = robot_spec().compile()
    data = mujoco.MjData(model)
    for name, value in zip(ARM_NAMES, q, strict=True):
        data.joint(name).qpos[0] = value
    mujoco.mj_kinematics(model, data)
    root = data.body(ROOT)
    turn = root.xmat.reshape(3, 3)
    hands = [data.body(f'{side}_gripper_link') for side in ('left', 'right')]
    tips_ = [hand.xpos + hand.xmat.reshape(3, 3) @ np.array(REACH) for hand in hands]
    return [turn.T @ (tip - root.xpos) for tip in tips_]


def test_tips_are_where_mujoco_has_them(paths):
    q, times = postures(20), np.arange(20) * 0.02
    points = paths.along(ARM_NAMES, q, times).reshape(2, 20, 4)
    wanted = np.array([by_mujoco(row) for row in q]).transpose(1, 0, 2)
    assert np.abs(points[..., :3] - wanted).max() < 1e-6
    assert (points[..., 3] == times).all()


def test_columns_are_by_name_and_others_are_left_out(paths):
    q, times = postures(3), np.zeros(3)
    names = (*reversed(ARM_NAMES), 'left_gripper')
    turned = np.column_stack([q[:, ::-1], np.ones(3)])
    assert np.array_equal(paths.along(names, turned, times), paths.along(ARM_NAMES, q, times))


@pytest.mark.parametrize(
    ('names', 'positions', 'words'),
    [
        (ARM_NAMES[1:], np.zeros((2, 11)), 'no path without left_arm_joint1'),
        (ARM_NAMES, np.zeros((2, 11)), r'shape \[2, 11\] for 2 times and 12 joints'),
        (ARM_NAMES, np.full((2, 12), np.nan), 'with a NaN among them'),
        (ARM_NAMES, np.zeros(0), r'shape \[0\] for 2 times'),
    ],
)
def test_what_is_no_plan_is_refused(paths, names, positions, words):
    with pytest.raises(ValueError, match=words):
        paths.along(names, positions, np.zeros(2))
