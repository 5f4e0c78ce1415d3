"""Readings: slightly wrong, as on the robot, and the same for the same seed."""

import numpy as np
import pytest

from fastwam_ros.robot.joints import ARM_REST, SIDES
from fastwam_ros.sim.sensors import Sensors
from fastwam_ros.sim.simulator import Simulator
from fastwam_ros.sim.world import ArmState, GripperState

TRUE = ArmState(np.array(ARM_REST), np.zeros(6), np.zeros(6))


@pytest.mark.parametrize('seed', range(20))
def test_the_rest_pose_reads_slightly_outside_the_limits(seed):
    sensors = Sensors(seed)
    for side in SIDES:
        position = sensors.arm(side, TRUE).position
        assert -0.0035 < position[1] < -0.0005  # joint 2 ends at 0
        assert 0.0005 < position[2] < 0.0035  # and so does joint 3
        assert max(map(abs, position)) < 0.0035


def test_a_simulated_arm_at_rest_reads_outside_its_limits():
    """Through physics too: the joint stops do not hide it."""
    sim = Simulator(0, 0, start=ARM_REST)
    for reading in sim.advance(2_000_000_000)[-20:]:
        for side in SIDES:
            assert reading.arms[side].position[1] < -0.0005
            assert reading.arms[side].position[2] > 0.0005
            assert max(map(abs, reading.arms[side].velocity)) < 0.015


@pytest.mark.parametrize(('opening', 'wire'), [(0.1, 102.0), (0.05, 51.0), (0.0, 0.0)])
def test_the_gripper_reads_up_to_102(opening, wire):
    sensors = Sensors(3)
    readings = [sensors.gripper(GripperState(opening, 0.0, 0.0)).position for _ in range(200)]
    assert readings == pytest.approx([wire] * 200, abs=0.06)
    assert min(readings) >= 0.0
    assert len(set(readings)) > 50


def test_a_closing_gripper_reports_a_falling_stroke():
    assert Sensors(0).gripper(GripperState(0.05, -0.1, 0.0)).velocity == pytest.approx(-100.0)


def test_the_seed_decides():
    def readings(seed):
        sensors = Sensors(seed)
        return [sensors.arm(side, TRUE) for side in SIDES for _ in range(3)]

    assert readings(5) == readings(5)
    assert readings(5) != readings(6)
    assert len(set(readings(5))) == 6
