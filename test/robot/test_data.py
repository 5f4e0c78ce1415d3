"""The robot as data: what the published description says, and units there and back."""

import re
from pathlib import Path

import pytest

from fastwam_ros.robot import tracker
from fastwam_ros.robot.joints import ARMS, GRIPPER_NAMES, JOINT_NAMES, ORDERS, arm_joints
from fastwam_ros.robot.units import (
    GRIPPER_UNITS,
    data_unit,
    open_gripper,
    opening,
    wire_gripper,
)


def test_both_arms_are_the_same_copy_and_named_in_order():
    for left, right in zip(arm_joints('left'), arm_joints('right'), strict=True):
        assert left.name.replace('left', 'right') == right.name
        assert (left.lower, left.upper, left.effort) == (right.lower, right.upper, right.effort)
    assert [joint.name[-1] for joint in arm_joints('left')] == list('123456')
    with pytest.raises(ValueError, match='left and right'):
        arm_joints('middle')


def test_the_chunk_layout_is_each_arm_followed_by_its_gripper():
    assert JOINT_NAMES[6] == GRIPPER_NAMES[0] == 'left_gripper'
    assert JOINT_NAMES[13] == 'right_gripper'
    assert len(set(JOINT_NAMES)) == len(ARMS) + 2


def test_we_command_far_below_the_actuators_and_rest_lies_on_two_limits():
    for joint in ARMS:
        assert joint.velocity < joint.actuator_speed / 4
        assert joint.lower <= 0.0 <= joint.upper
    assert [joint.name for joint in arm_joints('left') if 0.0 in (joint.lower, joint.upper)] == [
        'left_arm_joint2',
        'left_arm_joint3',
    ]


def test_gripper_units_go_there_and_back_and_stay_on_the_wire_s_scale():
    for wire in (0.0, 37.5, 100.0):
        assert wire_gripper(opening(wire)) == pytest.approx(wire)
    assert opening(100.0) == pytest.approx(0.1)
    assert wire_gripper(0.2) == 100.0
    assert wire_gripper(-0.1) == 0.0
    assert opening(102.0) == pytest.approx(0.102)  # a legal reading


def test_units_of_data():
    assert data_unit('percent') * 100 == pytest.approx(0.1)
    assert [open_gripper(unit) for unit in GRIPPER_UNITS] == pytest.approx([0.1, 100.0, 1.0])
    with pytest.raises(ValueError, match="'deg' is not known: rad, m, percent, fraction are"):
        data_unit('deg')
    with pytest.raises(ValueError, match="'rad' is no gripper's: m, percent, fraction are"):
        open_gripper('rad')


def test_both_known_orders_hold_every_joint_once():
    assert all(sorted(names) == sorted(JOINT_NAMES) for names in ORDERS.values())
    assert ORDERS['by_side'][6:8] == ('left_gripper', 'right_arm_joint1')
    assert ORDERS['arms_first'][5:7] == ('left_arm_joint6', 'right_arm_joint1')
    assert ORDERS['arms_first'][12:] == ('left_gripper', 'right_gripper')


@pytest.mark.parametrize('model', tracker.TRACKERS.values(), ids=lambda m: m.name)
def test_every_tracker_figure_says_where_it_comes_from(model):
    assert len(model.velocity) == len(model.acceleration) == len(model.jerk) == 6
    assert model.limits_from == 'vendor'
    source = Path(tracker.__file__).read_text()
    for name in ('delay', 'stream_timeout'):
        line = re.search(rf'(.*\n).*{name}: float.*', source)
        assert line and 'assumed' in line.group(0)
