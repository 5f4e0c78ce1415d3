"""Who holds the switch: takeovers, releases and requests of a person at a keyboard."""

import numpy as np
import pytest

from fastwam_ros.loop.cruise import Cruise
from fastwam_ros.loop.jog import NAMES, Jog
from fastwam_ros.loop.keyboard import GRANT, REPEAT, SILENT, TELLING, UNREAD, Keyboard, Told
from fastwam_ros.loop.keys import KEYS, Ask
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_SPEED
from test.motion.robot import Rig

HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)
OPEN = np.array([0.06, 0.04])
PRESS, PERIOD = 0.12, 0.02


class Room:
    """A person, and an executor that is played."""

    def __init__(self, mode: str = 'HOLD', idle: float = 30.0, **told) -> None:
        self.now, self.arms = 100.0, HOME
        self.keyboard = Keyboard(Jog(0.1, PRESS), Cruise(PRESS), self.now, first_id=7, idle=idle)
        self.state(mode, **told)

    def state(self, mode: str, **told) -> None:
        next_mode = told.pop('next_mode', mode)
        self.keyboard.on_state(self.now, Told(mode, next_mode, **told))

    def tick(self, seconds: float = PERIOD) -> None:
        self.now += seconds
        self.keyboard.measured.take(self.now, NAMES, [*self.arms, *OPEN])
        self.keyboard.tick(self.now)

    def press(self, keys: str) -> None:
        for key in keys:
            self.keyboard.press(self.now, key)

    def drive(self) -> None:
        """Take over, and get it."""
        self.press('t')
        self.tick()
        self.state('TELEOP', source='teleop', first_tick=5)
        self.keyboard.on_plan(5, ARM_NAMES, HOME + 0.01)
        self.tick()
        assert self.keyboard.jog.driving


def test_a_takeover_begins_where_the_executors_plan_ends():
    room = Room()
    room.press('t')
    assert room.keyboard.switch(room.now) is True
    room.keyboard.on_plan(4, ARM_NAMES, HOME)
    room.tick()
    room.state('TELEOP', source='teleop', first_tick=5)
    room.tick()
    assert not room.keyboard.jog.driving  # that plan was an earlier one
    room.keyboard.on_plan(5, ARM_NAMES, HOME + 0.01)
    room.tick()
    assert np.allclose(room.keyboard.jog.targets[:12], HOME + 0.01)


def test_the_opening_begins_at_the_command_and_not_at_what_was_measured():
    room = Room()
    room.keyboard.commanded.take(room.now, ['left_gripper'], [0.0])
    room.drive()
    room.press('j')
    room.tick(0.2)
    targets = room.keyboard.jog.targets
    assert targets[12] == pytest.approx(0.1 * GRIPPER_SPEED * PRESS)
    room.press('2j')
    room.tick(0.2)
    assert room.keyboard.jog.targets[13] == pytest.approx(0.04 + 0.1 * GRIPPER_SPEED * PRESS)


def test_joint_keys_move_nothing_before_a_takeover():
    room = Room()
    room.press('a')
    room.tick()
    assert not room.keyboard.jog.driving
    assert room.keyboard.notice == 'nothing moves: take over first (t)'


@pytest.mark.parametrize('mode', ['DISARMED', 'FAULT', 'ESTOP'])
def test_a_takeover_that_the_table_refuses_is_not_even_tried(mode):
    room = Room(mode)
    room.now += TELLING
    room.press('t')
    assert not room.keyboard.held
    assert room.keyboard.switch(room.now) is None
    assert room.keyboard.notice.startswith(f'takeover is refused in {mode}')


def test_arms_that_somebody_else_holds_are_left_to_them():
    room = Room('TELEOP', source='teleop')
    room.press('t')
    room.tick()
    assert room.keyboard.switch(room.now) is None
    assert room.keyboard.notice == 'somebody else holds the arms'


def test_a_takeover_that_is_not_taken_is_given_up():
    room = Room()
    room.press('t')
    room.tick(GRANT / 2)
    assert room.keyboard.held
    room.state('HOLD')
    room.tick(GRANT / 2 + 0.1)
    assert not room.keyboard.held
    assert 'not taken over within 1.0 s: the executor is in HOLD' in room.keyboard.notice


@pytest.mark.parametrize(('key', 'notice'), [(' ', 'released'), ('q', 'quit')])
def test_a_release_says_so_for_a_while_and_then_nothing(key, notice):
    room = Room()
    room.drive()
    room.press(key)
    assert not room.keyboard.jog.driving
    assert room.keyboard.switch(room.now) is False
    assert room.keyboard.over == (key == 'q')
    room.tick(TELLING)
    assert room.keyboard.switch(room.now) is None
    assert room.keyboard.notice == notice


def test_a_start_lets_go_of_what_an_earlier_process_died_holding():
    room = Room('TELEOP')
    assert room.keyboard.switch(room.now) is None
    room.state('HOLD')
    assert room.keyboard.switch(room.now) is False
    room.tick(TELLING)
    assert room.keyboard.switch(room.now) is None


def test_what_ends_teleop_lets_the_switch_go_and_a_new_press_takes_it_again():
    room = Room()
    room.drive()
    room.press('a')
    room.state('STOPPING', next_mode='HOLD', reason='feedback silent for 0.2 s')
    room.tick()
    assert room.keyboard.switch(room.now) is False
    assert not room.keyboard.jog.driving
    why = 'released by the executor: feedback silent for 0.2 s'
    assert room.keyboard.notice == why
    room.press('a')
    assert room.keyboard.notice == f'nothing moves: take over first (t); {why}'
    room.state('TELEOP', first_tick=9)  # stale or another's: ours no longer
    room.tick()
    assert not room.keyboard.held
    room.state('HOLD')
    room.drive()


def test_a_silent_executor_lets_the_switch_go():
    room = Room()
    room.drive()
    room.tick(SILENT + 0.1)
    assert not room.keyboard.held
    assert 'no executor state for 1.1' in room.keyboard.notice


def test_a_person_who_left_lets_the_switch_go():
    room = Room(idle=5.0)
    room.drive()
    left = None
    for _ in range(120):
        room.state('TELEOP', first_tick=5)
        room.tick(0.1)
        if room.now < 104.0:
            room.press('?')  # any key is a sign of life
        if left is None and not room.keyboard.held:
            left = room.now
    assert left == pytest.approx(109.0, abs=0.21)
    assert room.keyboard.notice == 'released: no key for 5 s'


def test_feedback_that_stopped_stops_the_targets():
    room = Room()
    room.drive()
    before = room.keyboard.jog.targets.copy()
    room.now += UNREAD + 0.1
    room.press('a')
    room.now += PERIOD
    room.keyboard.tick(room.now)
    assert np.array_equal(before[:12], room.keyboard.jog.targets[:12])


@pytest.mark.parametrize(('key', 'ask'), [(k, d) for k, d in KEYS.items() if isinstance(d, Ask)])
def test_a_request_gets_a_number_of_its_own_and_its_answer(key, ask):
    room = Room()
    room.press(key)
    room.tick(REPEAT)
    room.press(key)
    assert [(r.verb, r.number) for r in room.keyboard.requests()] == [(ask.verb, 7), (ask.verb, 8)]
    assert not room.keyboard.requests()
    room.state('HOLD', answered=99, answer='ok')
    assert not room.keyboard.request.answer
    room.state('HOLD', answered=8, answer='no')
    room.state('HOLD', answered=8, answer='later words')
    assert room.keyboard.request.answer == 'no'


def test_a_held_request_key_asks_once():
    room = Room()
    for _ in range(50):
        room.press('e')
        room.state('HOLD')
        room.tick(0.033)
    room.press('p')
    assert [r.verb for r in room.keyboard.requests()] == ['engage', 'pause']


def test_without_an_executor_nothing_is_sent():
    room = Room()
    room.tick(SILENT + 0.1)
    room.press('et')
    assert not room.keyboard.requests()
    assert not room.keyboard.held


@pytest.mark.parametrize(
    ('told', 'asked'),
    [
        ({'mode': 'POLICY'}, ['pause']),
        ({'mode': 'HOLD', 'pending': True}, ['pause']),
        ({'mode': 'HOLD'}, []),
    ],
)
def test_space_pauses_a_policy_that_drives_or_is_about_to(told, asked):
    room = Room(**told)
    room.press(' ')
    assert [request.verb for request in room.keyboard.requests()] == asked


def test_a_takeover_in_motion_starts_from_where_the_arms_will_rest():
    """Against the real executor: nothing moves by itself, and a tap moves by exactly its step."""
    rig, room = Rig(), Room('POLICY')
    rig.run()
    rig.tick(60)
    assert rig.executor.drive.state.moving()
    room.press('t')
    rig.executor.on_teleop_active(rig.now, bool(room.keyboard.switch(room.now)))
    rig.tick()
    plan = rig.executor.drive.plan
    rest = plan.after(plan.duration)[0]
    first_tick = rig.executor.status.in_force.first_tick
    room.state(rig.mode, first_tick=first_tick)
    room.keyboard.on_plan(first_tick, ARM_NAMES, rest)
    for i in range(1200):
        room.state(rig.mode, first_tick=first_tick)
        room.tick(0.005)
        if i == 600:
            room.press('a')
        hand = room.keyboard.jog.targets[:12]
        rig.executor.on_teleop_active(rig.now, True)
        rig.executor.on_teleop_target(rig.now, hand, np.full(2, np.nan))
        room.arms = rig.tick().state.q
        if i == 599:
            assert np.allclose(rig.q, rest, atol=1e-9)
    step = 0.1 * 1.5 * PRESS
    assert np.allclose(rig.q - rest, [step, *[0.0] * 11], atol=1e-9)


def test_a_mark_is_said_once_per_press_and_asks_for_nothing():
    room = Room()
    room.press('kkk')
    room.tick(0.1)
    room.press('k')
    assert room.keyboard.marks() == ['success']
    assert room.keyboard.notice == 'marked as success'
    assert room.keyboard.marks() == []
    room.tick(REPEAT)
    room.press('lk')
    assert room.keyboard.marks() == ['failure', 'success']
    assert room.keyboard.requests() == []
    assert room.keyboard.switch(room.now) is not True


def test_a_mark_does_not_let_go():
    room = Room()
    room.drive()
    room.press('k')
    room.tick()
    assert room.keyboard.held
    assert room.keyboard.jog.driving
