"""Keys to targets: every key, the limits, the speed, and two arms as mirror images."""

from itertools import pairwise

import numpy as np
import pytest

from fastwam_ros.loop.jog import AHEAD, LIMIT, MIRROR, NAMES, SHARES, SLACK, WAITS, Jog
from fastwam_ros.loop.keys import KEYS, Ask, Choose, Do, Move, meaning
from fastwam_ros.motion.authority import TABLE, VERBS, Event
from fastwam_ros.robot.joints import (
    ARM_NAMES,
    ARMS,
    GRIPPER_NAMES,
    GRIPPER_OPENING,
    GRIPPER_SPEED,
    JOINT_NAMES,
)

HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)
OPEN = np.array([0.06, 0.04])
PRESS, PERIOD = 0.12, 0.02
SPEEDS = np.array([*(j.velocity for j in ARMS), GRIPPER_SPEED, GRIPPER_SPEED])


class Desk:
    """A person driving: the arms follow their targets at once unless they are told to stay."""

    def __init__(self, share: float = 0.1, arms=HOME, openings=OPEN) -> None:
        self.jog, self.now, self.stuck = Jog(share, PRESS), 0.0, False
        self.jog.begin(0.0, np.asarray(arms, float), np.asarray(openings, float))
        self.start = self.measured = np.array([*arms, *openings])

    def tick(self, seconds: float = PERIOD) -> None:
        self.now += seconds
        self.jog.advance(self.now, self.measured)
        if not self.stuck:
            known = np.isfinite(self.jog.targets)
            self.measured = np.where(known, self.jog.targets, self.measured)

    def key(self, key: str) -> None:
        move = KEYS[key]
        assert isinstance(move, Move)
        self.jog.press(self.now, move.axis, move.sign)

    def hold(self, key: str, seconds: float, every: float = 0.033) -> None:
        """A held key's repeats, then long enough for nothing to be left."""
        steps = round(seconds / every)
        for _ in range(steps):
            self.key(key)
            self.tick(every)
        for _ in range(20):
            self.tick()

    @property
    def moved(self) -> dict[str, float]:
        """What moved, by name."""
        change = np.where(np.isfinite(self.jog.targets), self.jog.targets, self.start) - self.start
        return {n: d for n, d in zip(NAMES, change, strict=True) if abs(d) > 1e-9}


def test_the_order_of_targets_is_arms_then_grippers():
    assert (*ARM_NAMES, *GRIPPER_NAMES) == NAMES
    assert set(NAMES) == set(JOINT_NAMES)


# Each key


MOVES = [(key, move) for key, move in KEYS.items() if isinstance(move, Move)]


@pytest.mark.parametrize(('key', 'move'), MOVES)
@pytest.mark.parametrize('arm', ['left', 'right'])
def test_a_tap_moves_one_joint_of_one_arm_for_the_time_of_a_press(arm, key, move):
    desk = Desk(share=0.1)
    desk.jog.choose(arm)
    desk.hold(key, 0.033)
    name = f'{arm}_gripper' if move.axis == 6 else f'{arm}_arm_joint{move.axis + 1}'
    speed = SPEEDS[NAMES.index(name)]
    assert desk.moved == {name: pytest.approx(move.sign * 0.1 * speed * PRESS)}


def test_every_joint_and_gripper_has_two_keys_and_every_verb_one():
    assert sorted((m.axis, m.sign) for _, m in MOVES) == [
        (a, s) for a in range(7) for s in (-1, 1)
    ]
    asked = [does.verb for does in KEYS.values() if isinstance(does, Ask)]
    assert sorted(asked) == sorted(verb.value for verb in VERBS if verb is not Event.ESTOP)
    assert {does for does in KEYS.values() if isinstance(does, Do)} == set(Do)
    chosen = [d.what for d in KEYS.values() if isinstance(d, Choose)]
    assert chosen == ['left', 'right', 'both', 'torso', 'chassis']


@pytest.mark.parametrize('key', ['A', 'E', 'Q'])
def test_a_capital_is_no_key_and_says_why(key):
    with pytest.raises(ValueError, match='Caps Lock'):
        meaning(key)


@pytest.mark.parametrize('key', ['\x1b', 'KEY_UP', '?', 'ü', ''])
def test_what_is_no_key_means_nothing(key):
    with pytest.raises(ValueError, match='no key'):
        meaning(key)


def test_a_slip_from_the_joint_keys_asks_for_nothing_that_a_driven_executor_does():
    """Keys above and beside the home row's joint keys, on a QWERTY board."""
    neighbours = 'qwertyuk'
    asked = [KEYS[key] for key in neighbours if isinstance(KEYS.get(key), Ask)]
    assert asked
    driven = next(standing for standing in TABLE if str(standing) == 'TELEOP')
    assert not [ask for ask in asked if Event(ask.verb) in TABLE[driven]]


# Both arms as mirror images


def test_both_arms_move_as_mirror_images():
    desk = Desk()
    desk.jog.choose('both')
    for key in 'asdfghj':
        desk.hold(key, 0.033)
    signs = [np.sign(desk.moved[f'right_arm_joint{i}']) for i in range(1, 7)]
    assert signs == [-1, 1, 1, 1, -1, -1]
    for name, change in desk.moved.items():
        other = name.replace('left', 'right')
        assert abs(desk.moved[other]) == pytest.approx(abs(change))
    assert desk.moved['left_gripper'] == desk.moved['right_gripper'] > 0.0


def test_the_signs_mirror_the_hand_in_the_published_kinematics():
    mujoco = pytest.importorskip('mujoco')
    from fastwam_ros.sim.model import robot_spec

    model = robot_spec().compile()
    data = mujoco.MjData(model)
    q = np.array([0.3, 0.7, -0.9, 0.4, -0.5, 0.6])
    for side, arm in (('left', q), ('right', q * MIRROR)):
        for i, angle in enumerate(arm, 1):
            data.joint(f'{side}_arm_joint{i}').qpos[0] = angle
    mujoco.mj_forward(model, data)
    flip = np.diag([1.0, -1.0, 1.0])
    left, right = (data.body(f'{side}_arm_link6') for side in ('left', 'right'))
    assert np.allclose(flip @ left.xpos, right.xpos, atol=0.005)
    turned = flip @ left.xmat.reshape(3, 3) @ flip
    assert np.allclose(turned, right.xmat.reshape(3, 3), atol=0.005)


# Speed


@pytest.mark.parametrize('every', [0.02, 0.033, 0.091])
@pytest.mark.parametrize('share', SHARES)
def test_a_held_key_moves_at_the_chosen_speed_whatever_its_repeat_rate(share, every):
    desk = Desk(share)
    desk.hold('f', 0.2, every)
    count = round(0.2 / every)
    expected = share * 2.5 * ((count - 1) * every + PRESS)
    bound = min(expected, 1.5708 - 0.9)  # joint 4 from home to its limit
    assert desk.moved == {'left_arm_joint4': pytest.approx(bound)}


def test_repeats_slower_than_a_press_are_slower_and_never_faster():
    desk = Desk(0.1)
    desk.hold('a', 2.0, every=0.5)
    assert desk.moved['left_arm_joint1'] == pytest.approx(4 * PRESS * 0.15)


def test_a_burst_of_presses_is_one_press():
    desk = Desk(0.1)
    for _ in range(500):
        desk.key('a')
    desk.hold('a', 0.033)
    assert desk.moved['left_arm_joint1'] == pytest.approx(PRESS * 0.15)


def test_a_loop_that_was_held_up_moves_no_further_than_the_press():
    desk = Desk(0.1)
    desk.key('a')
    desk.tick(5.0)
    assert desk.moved['left_arm_joint1'] == pytest.approx(PRESS * 0.15)
    desk.tick(5.0)
    assert desk.moved['left_arm_joint1'] == pytest.approx(PRESS * 0.15)


def test_the_other_direction_replaces_the_first():
    desk = Desk(0.1)
    desk.key('a')
    desk.tick(0.04)
    desk.key('z')
    desk.hold('z', 0.033)
    assert desk.moved['left_arm_joint1'] == pytest.approx((0.04 - PRESS) * 0.15)


def test_the_speed_goes_up_and_down_in_steps_and_never_beyond_the_limit():
    jog = Jog(0.25, PRESS)
    seen = []
    for _ in range(12):
        jog.scale(up=True)
        seen.append(jog.share)
    assert seen[0] == 0.3
    assert seen[-1] == 1.0
    for _ in range(12):
        jog.scale(up=False)
        seen.append(jog.share)
    assert jog.share == SHARES[0]
    assert set(seen) <= set(SHARES)
    assert all(a < b for a, b in pairwise(SHARES))


def test_no_target_is_ever_faster_than_the_limit():
    desk = Desk(1.0)
    before = desk.jog.targets.copy()
    for i in range(40):
        for key in 'asdfgh':
            desk.key(key)
        desk.tick(PERIOD if i % 3 else 2 * PERIOD)
        step = np.abs(desk.jog.targets - before)[:12]
        assert (step <= SPEEDS[:12] * 2 * PERIOD + 1e-9).all()
        before = desk.jog.targets.copy()


# Limits and lead


LIMITED = [(key, move) for key, move in MOVES if move.axis < 6]


@pytest.mark.parametrize(('key', 'move'), LIMITED)
def test_a_target_stops_at_the_joints_limit_and_says_which(key, move):
    joint = ARMS[move.axis]
    edge = joint.upper if move.sign > 0 else joint.lower
    near = HOME.copy()
    near[move.axis] = edge - move.sign * 0.01
    desk = Desk(0.3, near)
    for _ in range(5):
        desk.key(key)
        desk.tick(0.033)
    assert desk.jog.targets[move.axis] == pytest.approx(edge)
    assert desk.jog.held == {move.axis: LIMIT}
    assert desk.jog.at_limit() == (joint.name,)


@pytest.mark.parametrize(('key', 'edge'), [('j', GRIPPER_OPENING), ('m', 0.0)])
def test_a_gripper_stops_at_its_stroke(key, edge):
    desk = Desk(0.5)
    desk.hold(key, 2.0)
    assert desk.jog.targets[12] == edge


def test_folded_arms_begin_on_their_limits_and_only_move_inward():
    desk = Desk(0.1, np.zeros(12))
    desk.hold('x', 0.2)
    desk.hold('d', 0.2)
    assert not desk.moved
    desk.hold('s', 0.2)
    assert desk.moved.keys() == {'left_arm_joint2'}


def test_a_start_outside_of_the_limits_is_moved_inside():
    desk = Desk(0.1, HOME + np.array([0, 0, 1.6] + [0] * 9))
    assert desk.jog.targets[2] == 0.0


@pytest.mark.parametrize('share', [0.1, 1.0])
@pytest.mark.parametrize('key', ['a', 'z'])
def test_a_target_waits_for_an_arm_that_does_not_come(key, share):
    desk = Desk(share)
    desk.stuck = True
    for _ in range(100):
        desk.key(key)
        desk.tick(0.033)
    lead = AHEAD * share * 1.5 + SLACK
    assert abs(desk.moved['left_arm_joint1']) == pytest.approx(lead)
    assert desk.jog.held == {0: WAITS}


def test_an_arm_that_left_its_target_behind_moves_no_target():
    """A press moves a target its own way or not at all, never back."""
    desk = Desk(0.1)
    desk.stuck = True
    desk.measured = desk.measured - 0.5
    desk.hold('a', 0.2)
    assert not desk.moved
    desk.hold('z', 0.2)
    assert desk.moved['left_arm_joint1'] < 0.0


def test_without_a_reading_nothing_moves():
    desk = Desk(0.1)
    desk.stuck, desk.measured = True, np.full(14, np.nan)
    desk.key('a')
    desk.tick()
    assert not desk.moved
    assert desk.jog.held == {0: WAITS}


def test_a_gripper_commands_nothing_until_its_key_is_pressed():
    desk = Desk(0.1)
    desk.hold('a', 0.1)
    assert np.isnan(desk.jog.targets[12:]).all()
    desk.hold('m', 0.033)
    assert desk.jog.targets[12] == pytest.approx(0.06 - 0.1 * GRIPPER_SPEED * PRESS)
    assert np.isnan(desk.jog.targets[13])


def test_a_gripper_squeezes_what_it_holds():
    desk = Desk(0.05, openings=(0.1, 0.1))
    desk.stuck = True  # at the width of the thing
    desk.hold('m', 5.0)
    assert desk.jog.targets[12] == 0.0
