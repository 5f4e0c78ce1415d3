"""The MuJoCo model: what is fixed, what moves, what touches what."""

import mujoco
import numpy as np
import pytest

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.robot.joints import ARM_REST, SIDES, arm_joints
from fastwam_ros.sim.blocks import BlocksAndTray
from fastwam_ros.sim.world import ARM_HOME, World


@pytest.fixture(scope='module')
def model():
    return BlocksAndTray().build()


def test_arms_fingers_and_blocks_move_and_nothing_else(model):
    names = {model.joint(i).name for i in range(model.njnt)}
    arms = {joint.name for side in SIDES for joint in arm_joints(side)}
    fingers = {f'{side}_gripper_finger_joint{n}' for side in SIDES for n in (1, 2)}
    assert names == arms | fingers | {'red', 'green', 'blue'}


def test_servos_push_as_hard_as_the_joints_allow_and_no_harder(model):
    for joint in (joint for side in SIDES for joint in arm_joints(side)):
        servo = model.actuator(joint.name)
        assert servo.forcerange.tolist() == [-joint.effort, joint.effort]
        assert model.joint(joint.name).range.tolist() == [joint.lower, joint.upper]


def test_cameras_sit_in_their_optical_frames(model):
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    for name, camera in CAMERAS.items():
        seen, frame = data.cam(name), data.body(camera.frame)
        assert np.abs(seen.xpos - frame.xpos).max() < 1e-9
        flip = np.diag([1.0, -1.0, -1.0])  # MuJoCo looks along -z with y up
        assert np.abs(seen.xmat.reshape(3, 3) @ flip - frame.xmat.reshape(3, 3)).max() < 1e-9


def test_the_room_and_the_boards_are_seen_and_never_felt():
    model = BlocksAndTray().build()
    felt = {model.body(int(b)).name for b in model.geom_bodyid[model.geom_contype > 0]}
    assert {'table', 'tray', 'red', 'left_gripper_link', 'right_gripper_finger_link1'} <= felt
    walls = [g for g in range(model.ngeom) if model.geom_bodyid[g] == 0 and model.geom_contype[g]]
    assert [model.geom(g).name for g in walls] == ['floor']


@pytest.mark.parametrize('pose', [ARM_REST, ARM_HOME])
def test_start_poses_touch_nothing(pose):
    world = World(0)
    world.reset(0, arm=pose)
    assert world.arm_contacts() == ()


def test_arms_meet_each_other_and_the_table():
    world = World(0)
    scratch = mujoco.MjData(world.model)
    inward = ((-1.3, 1.6, -1.4, 0.0, 0.0, 0.0), (1.3, 1.6, -1.4, 0.0, 0.0, 0.0))
    scratch.qpos[:] = world.pose(dict(zip(SIDES, inward, strict=True)), (0.05, 0.05))
    mujoco.mj_forward(world.model, scratch)
    assert any(
        a.startswith('left') and b.startswith('right') for a, b in world.arm_contacts(scratch)
    )
    low = (0.0, 2.8, -1.2, 0.9, 0.0, 0.0)
    scratch.qpos[:] = world.pose({'left': low, 'right': ARM_HOME}, (0.05, 0.05))
    mujoco.mj_forward(world.model, scratch)
    assert any('table' in pair for pair in world.arm_contacts(scratch))
