"""Keys for torso and chassis: what they ask for, and when it is over."""

import pytest

from fastwam_ros.loop.cruise import HELP, Cruise
from test.loop.test_keyboard import PERIOD, PRESS, Room


def asked(room: Room) -> dict[str, dict[str, float]]:
    return room.keyboard.cruise.speeds(room.now)


def test_a_press_asks_for_a_speed_for_a_moment_and_then_for_zero():
    room = Room()
    room.drive()
    room.press('5')
    assert asked(room) == {'chassis': {}} and room.keyboard.notice == HELP['chassis']
    room.press('ad')
    share, speeds = room.keyboard.jog.share, asked(room)['chassis']
    assert speeds == pytest.approx({'linear.x': share * 0.3, 'angular.z': share * 0.5})
    room.press('z')
    assert asked(room)['chassis']['linear.x'] < 0.0
    room.tick(PRESS)
    assert asked(room) == {'chassis': {}}


def test_another_choice_and_letting_go_end_it():
    for key in '14 ':
        room = Room()
        room.drive()
        room.press('5a')
        assert asked(room)['chassis']
        room.press(key)
        assert not asked(room)['chassis'], key


def test_joint_keys_move_no_arm_while_a_carrier_is_chosen():
    room = Room()
    room.drive()
    room.press('4a')
    targets = room.keyboard.jog.targets.copy()
    for _ in range(10):
        room.tick()
    assert (room.keyboard.jog.targets[:12] == targets[:12]).all()
    room.press('1a')
    room.tick(PERIOD)
    room.tick(PERIOD)
    assert (room.keyboard.jog.targets[:12] != targets[:12]).any()


def test_who_does_not_hold_the_arms_moves_nothing_and_is_told_so():
    room = Room()
    room.press('5a')
    assert not asked(room)['chassis'] and 'take over first' in room.keyboard.notice


def test_an_axis_that_is_not_there_is_named():
    cruise = Cruise(PRESS)
    cruise.choose('chassis')
    assert cruise.press(1.0, 3, 1, 0.1) == f'no such axis: {HELP["chassis"]}'
    assert cruise.speeds(1.0) == {'chassis': {}}
