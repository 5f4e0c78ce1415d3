"""Where the hands are, beside MuJoCo's own kinematics of the same robot."""

import mujoco
import numpy as np
import pytest

from fastwam_ros.robot.hands import ROOT, hand_poses
from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.sim.model import robot_spec


@pytest.mark.parametrize('side', SIDES)
def test_a_hand_is_where_mujoco_has_it(side):
    joints = arm_joints(side)
    lower, upper = (np.array([getattr(j, end) for j in joints]) for end in ('lower', 'upper'))
    postures = lower + np.random.default_rng(3).uniform(size=(20, 6)) * (upper - lower)
    found = hand_poses(side, postures)
    model = robot_spec().compile()
    data = mujoco.MjData(model)
    for q, point, turn in zip(postures, found.points, found.turns.as_matrix(), strict=True):
        for joint, value in zip(joints, q, strict=True):
            data.joint(joint.name).qpos[0] = value
        mujoco.mj_kinematics(model, data)
        frame, hand = data.body(ROOT), data.site(f'{side}_tcp')
        axes = frame.xmat.reshape(3, 3)
        np.testing.assert_allclose(point, axes.T @ (hand.xpos - frame.xpos), atol=1e-9)
        np.testing.assert_allclose(turn, axes.T @ hand.xmat.reshape(3, 3), atol=1e-9)


def test_the_last_joint_turns_the_hand_about_itself():
    q = np.array([[0.1, 1.0, -1.2, 0.3, 0.2, 0.0]])
    turn = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.05])
    points, turns = hand_poses('left', q).apart(hand_poses('left', q + turn))
    assert points[0] == pytest.approx(0.0, abs=1e-9) and turns[0] == pytest.approx(0.05)


def test_other_widths_are_refused():
    with pytest.raises(ValueError, match=r'\[1, 7\], want \[N, 6\]'):
        hand_poses('left', np.zeros((1, 7)))
