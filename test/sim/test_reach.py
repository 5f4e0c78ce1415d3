"""Inverse kinematics: there and back, within the limits, honest about what is out of reach."""

import numpy as np
import pytest

from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.sim.reach import Reach
from fastwam_ros.sim.scene import Pose
from fastwam_ros.sim.world import ARM_HOME, World

HOME = np.array(ARM_HOME)


@pytest.fixture(scope='module')
def reach():
    return Reach()


@pytest.mark.parametrize('side', SIDES)
def test_the_hand_is_where_the_simulated_one_is(reach, side):
    world = World(0)
    assert reach.hand(side, HOME).position == pytest.approx(world.data.site(f'{side}_tcp').xpos)
    turned = world.data.site(f'{side}_tcp').xmat.reshape(3, 3)
    assert reach.hand(side, HOME).matrix == pytest.approx(turned, abs=1e-9)


@pytest.mark.parametrize('seed', range(10))
@pytest.mark.parametrize('side', SIDES)
def test_joints_of_a_hand_bring_it_there(reach, side, seed):
    goal = HOME + np.random.default_rng(seed).uniform(-0.4, 0.4, 6)
    wanted = reach.hand(side, goal)
    joints, off = reach.joints(side, wanted, HOME)
    found = reach.hand(side, joints)
    assert off < 1e-4
    assert found.position == pytest.approx(wanted.position, abs=1e-4)
    assert found.matrix == pytest.approx(wanted.matrix, abs=2e-3)


def test_too_far_is_said_in_metres_and_stays_within_the_limits(reach):
    away = Pose(np.array([1.6, 0.3, 0.8]), reach.hand('left', HOME).quaternion)
    joints, off = reach.joints('left', away, HOME)
    assert off > 0.3
    for joint, value in zip(arm_joints('left'), joints, strict=True):
        assert joint.lower < value < joint.upper


def test_a_small_step_of_the_hand_is_a_small_step_of_the_joints(reach):
    hand = reach.hand('right', HOME)
    near = Pose(hand.position + np.array([0.002, 0.0, 0.0]), hand.quaternion)
    joints, _ = reach.joints('right', near, HOME)
    assert 0.0 < np.abs(joints - HOME).max() < 0.02
