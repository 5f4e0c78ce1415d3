"""What a robot's own words keep from being engaged, and how they are told."""

import pytest

from fastwam_ros.loop.condition import NOT_HEARD, SOFTWARE, Condition, MotorError
from fastwam_ros.loop.execution import Execution
from fastwam_ros.robot.joints import SIDES

SECOND = 10**9
NAN = float('nan')


def test_a_robot_that_says_nothing_is_kept_from_nothing():
    condition = Condition(battery_least=10.0)
    assert condition.blocking(0) == ''
    assert set(condition.figures().values()) == {NOT_HEARD}


@pytest.mark.parametrize(
    ('percent', 'words'),
    [
        (105.0, ''),
        (10.0, ''),
        (9.9, 'the battery is at 9.9 %, battery_least is 10: charge it'),
        (NAN, 'the battery tells no charge (nan): is its management on?'),
    ],
)
def test_a_battery_below_the_limit_blocks(percent, words):
    condition = Condition(battery_least=10.0)
    condition.on_battery(percent, 48.1, -3.25)
    assert condition.blocking(0) == words
    off = Condition(battery_least=0.0)
    off.on_battery(percent, 48.1, -3.25)
    assert off.blocking(0) == ''


def test_errors_of_motors_block_until_their_part_tells_none():
    condition = Condition()
    condition.on_motors('arm_left', [MotorError('joint2', 0, ('fine',))])
    assert condition.blocking(0) == ''
    assert condition.figures()['motor errors'] == 'none'
    hot = MotorError('joint2', 17, ('too hot', 'wait'))
    condition.on_motors('arm_left', [hot, MotorError('joint3', 4)])
    condition.on_motors('torso', [])
    words = 'arm_left: joint2 has error 17: too hot; wait, '
    words += 'arm_left: joint3 has error 4: no description'
    assert condition.blocking(0) == words == condition.figures()['motor errors']
    condition.on_motors('arm_left', [])
    assert condition.blocking(0) == ''


def test_a_remote_control_counts_where_it_is_asked_for():
    asked, free = Condition(remote=SOFTWARE), Condition()
    for each in (asked, free):
        each.on_remote(10 * SECOND, 3)
    assert free.blocking(10 * SECOND) == ''
    words = (
        'the remote control is in mode 3 (manual, or off), remote is software: set its switches'
    )
    assert asked.blocking(10 * SECOND) == words
    asked.on_remote(10 * SECOND, 5)
    assert asked.blocking(11 * SECOND) == ''
    silent = 'the remote control is not heard, remote is software: switch it on'
    assert asked.blocking(11 * SECOND + 1) == silent == Condition(remote=SOFTWARE).blocking(0)
    asked.on_remote(12 * SECOND, 77)
    assert 'mode 77 (unknown)' in asked.blocking(12 * SECOND)


def test_what_is_known_is_told_in_words():
    condition = Condition()
    condition.on_battery(87.4, 48.13, -3.25)
    condition.on_remote(0, 5)
    condition.on_motors('torso', [])
    assert condition.figures() == {
        'battery': '87 %, 48.1 V, -3.2 A',
        'remote control': '5 (software)',
        'motor errors': 'none',
    }


def test_it_keeps_arms_from_being_engaged_and_stops_none():
    condition = Condition()
    execution = Execution(200.0, 1, condition)
    now = 10 * SECOND
    for side in SIDES:
        execution.on_arm(now, side, [0.0, 1.2, -1.55, 0.9, 0.0, 0.0], [0.0] * 6)
        execution.on_gripper(now, side, [50.0])
    execution.tick(now)
    condition.on_motors('arm_left', [MotorError('joint2', 17, ('too hot',))])
    answer = execution.on_request(now, 'engage', 1, 'test')
    assert answer == 'engage is refused: arm_left: joint2 has error 17: too hot'
    condition.on_motors('arm_left', [])
    assert execution.on_request(now, 'engage', 2, 'test') == 'ok'
    condition.on_motors('arm_left', [MotorError('joint2', 17)])
    execution.tick(now + 5_000_000)
    assert execution.executor.status.standing.mode.value == 'HOLD'


def test_the_chassis_is_kept_by_a_remote_control_that_is_heard_in_another_mode():
    condition = Condition()
    assert condition.keeps_chassis(0) == ''  # never heard
    condition.on_remote(5 * SECOND, 3)
    words = 'the remote control is in mode 3 (manual, or off): it has the chassis'
    assert condition.keeps_chassis(5 * SECOND) == words
    assert condition.keeps_chassis(7 * SECOND) == ''  # no longer heard
    condition.on_remote(8 * SECOND, 5)
    assert condition.keeps_chassis(8 * SECOND) == ''
