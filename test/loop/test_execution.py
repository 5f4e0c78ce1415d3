"""The robot's streams as the executor sees them: counts, NaN, units, names."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import Execution
from fastwam_ros.robot.joints import ARM_NAMES
from test.motion.robot import HOME, PERIOD, START


@pytest.fixture
def execution():
    return Execution(200.0, epoch=1)


def feed(execution, now, arm=HOME[:6], grip=60.0):
    for side in ('left', 'right'):
        execution.on_arm(now, side, list(arm), [0.0] * len(arm))
        execution.on_gripper(now, side, [grip])


def engage(execution, now=START):
    feed(execution, now)
    execution.tick(now)
    return execution.on_request(now, 'engage', 1, 'test')


def test_commands_are_in_the_robot_s_units(execution):
    assert engage(execution) == 'ok'
    commands = execution.tick(START + PERIOD)
    assert commands.arms['left'] == pytest.approx(HOME[:6])
    assert commands.grippers == pytest.approx({'left': 60.0, 'right': 60.0})


def test_every_stream_is_needed(execution):
    for side in ('left', 'right'):
        execution.on_arm(START, side, [0.0] * 6, [])
    execution.on_gripper(START, 'left', [50.0])
    execution.tick(START)
    assert 'no feedback yet' in execution.on_request(START, 'engage', 1, 'test')


def test_seven_positions_are_an_older_firmware(execution):
    feed(execution, START, arm=[*HOME[:6], 55.0])
    execution.tick(START)
    assert execution.on_request(START, 'engage', 1, 'test') == 'ok'


BROKEN = {
    'five joints': ('arm', [0.0] * 5, [], 'feedback_arm_left has 5 positions, want 6 or 7'),
    'no joints': ('arm', [], [], 'has 0 positions'),
    'NaN': ('arm', [0.0] * 5 + [float('nan')], [], 'feedback_arm_left is not finite'),
    'NaN speed': ('arm', [0.0] * 6, [float('nan')] * 6, 'is not finite'),
    'speeds': ('arm', [0.0] * 6, [0.0] * 3, 'has 3 velocities for 6 positions'),
    'two strokes': ('gripper', [1.0, 2.0], None, 'feedback_gripper_left has 2 positions'),
    'stroke NaN': ('gripper', [float('nan')], None, 'feedback_gripper_left reads nan'),
    'stroke 150': ('gripper', [150.0], None, 'reads 150.0, want 0 to 100'),
}


@pytest.mark.parametrize('name', BROKEN)
def test_a_reading_that_is_none_blocks_engaging_and_faults_when_engaged(execution, name):
    kind, position, velocity, words = BROKEN[name]

    def send(now):
        feed(execution, now)
        if kind == 'arm':
            execution.on_arm(now, 'left', position, velocity)
        else:
            execution.on_gripper(now, 'left', position)

    send(START)
    execution.tick(START)
    assert words in execution.on_request(START, 'engage', 1, 'test')
    assert execution.tick(START + PERIOD) is None
    feed(execution, START + PERIOD)
    execution.tick(START + 2 * PERIOD)
    assert execution.on_request(START + 2 * PERIOD, 'engage', 2, 'test') == 'ok'
    send(START + 3 * PERIOD)
    execution.tick(START + 3 * PERIOD)
    status = execution.executor.status
    assert str(status.standing) == 'FAULT'
    assert words in status.reason


def test_an_open_gripper_may_read_a_little_more(execution):
    feed(execution, START, grip=102.0)
    execution.tick(START)
    assert execution.on_request(START, 'engage', 1, 'test') == 'ok'
    assert execution.tick(START + PERIOD).grippers['left'] == 100.0


def test_a_person_s_joints_are_mapped_by_name(execution):
    engage(execution)
    execution.on_teleop_active(START, True)
    names = [ARM_NAMES[9], ARM_NAMES[0]]
    assert execution.on_teleop_arm(START, names, [0.0, 0.0]) == ''
    assert execution.on_teleop_arm(START, names, [0.2, -0.1]) == ''
    assert execution.on_teleop_gripper(START, 'right', 0.08) == ''
    for k in range(1, 50):
        commands = execution.tick(START + k * PERIOD)
    moved = np.array(commands.arms['left'] + commands.arms['right']) - HOME
    assert np.flatnonzero(np.abs(moved) > 1e-3).tolist() == [0, 9]
    assert commands.grippers == pytest.approx({'left': 60.0, 'right': 80.0})


def test_a_person_s_joints_that_are_none_are_refused_in_words(execution):
    assert 'torso_joint1' in execution.on_teleop_arm(START, ['torso_joint1'], [0.0])
    assert '1 positions for 2 names' in execution.on_teleop_arm(START, ARM_NAMES[:2], [0.0])
    assert 'NaN' in execution.on_teleop_arm(START, ARM_NAMES[:1], [float('nan')])
    assert 'nan' in execution.on_teleop_gripper(START, 'left', float('nan'))
