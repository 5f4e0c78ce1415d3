"""Hostile chunks: each is refused by the check that is meant for it, in words that help."""

from dataclasses import replace

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS, chunk_of
from fastwam_ros.motion import guard
from fastwam_ros.motion.limits import SECOND, Trained
from fastwam_ros.robot.joints import GRIPPER_NAMES, JOINT_NAMES
from test.motion.robot import HOME, START, chunk, wave_rows

EXPECTED = guard.Expected(
    robot='r1lite',
    limits=LIMITS,
    extra=GRIPPER_NAMES,
    epoch=1,
    sequence=0,
    newest=0,
    now=START + SECOND // 5,
    planned=lambda now: wave_rows(now, 1)[0],
)


def sound(**changes):
    return replace(chunk(START, wave_rows(START)), **changes)


def with_value(row, name, value):
    positions = sound().positions.copy()
    positions[row, JOINT_NAMES.index(name)] = value
    return sound(positions=positions)


def test_a_sound_chunk_passes():
    assert guard.judge(sound(), EXPECTED) is None


def test_column_order_does_not_matter():
    order = np.random.default_rng(0).permutation(len(JOINT_NAMES))
    names = tuple(JOINT_NAMES[i] for i in order)
    shuffled = sound(names=names, positions=sound().positions[:, order])
    assert guard.judge(shuffled, EXPECTED) is None


HOSTILE = {
    'no rows': (sound(positions=np.zeros((0, 14))), 'schema', '0 rows'),
    'one row': (sound(positions=sound().positions[:1]), 'schema', '1 rows'),
    'endless': (sound(positions=np.zeros((1001, 14))), 'schema', '1001 rows'),
    '13 columns': (sound(positions=np.zeros((32, 13))), 'schema', '32x13 for 14'),
    'torn': (chunk_of([0.0] * 447, JOINT_NAMES, stamp=START), 'schema', '447 for 14'),
    'no names': (chunk_of([0.0] * 4, (), stamp=START), 'schema', '4 for 0'),
    'step 0': (sound(step=0.0), 'schema', 'step is 0.0'),
    'step negative': (sound(step=-0.1), 'schema', 'step'),
    'step NaN': (sound(step=float('nan')), 'schema', 'step is nan'),
    'step tiny': (sound(step=1e-9), 'schema', 'step'),
    'offset NaN': (sound(offset=float('nan')), 'schema', 'offset'),
    'offset negative': (sound(offset=-1.0), 'schema', 'offset'),
    'NaN': (with_value(3, 'left_arm_joint2', np.nan), 'finite', 'left_arm_joint2 is nan in row 3'),
    'infinity': (with_value(31, 'right_gripper', np.inf), 'finite', 'right_gripper is inf'),
    'other robot': (sound(robot='aloha'), 'robot', "'aloha'"),
    'no robot': (sound(robot=''), 'robot', 'check the bundle'),
    'unknown joint': (sound(names=('left_arm_joint7', *JOINT_NAMES[1:])), 'names', 'joint7'),
    'name twice': (sound(names=(JOINT_NAMES[1], *JOINT_NAMES[1:])), 'names', 'twice'),
    'missing': (
        sound(names=JOINT_NAMES[1:], positions=np.zeros((32, 13))),
        'names',
        'left_arm_joint1',
    ),
    'stamp 0': (sound(stamp=0), 'stamp', 'clock'),
    'from the future': (sound(stamp=EXPECTED.now + SECOND // 100), 'stamp', '0.010 s ahead'),
    'an hour old': (sound(stamp=START - 3600 * SECOND), 'stamp', 'last row was due'),
    'old epoch': (sound(epoch=0), 'epoch', 'epoch 0, in force is 1'),
    'repeated': (sound(sequence=0), 'sequence', '0 is not after 0'),
    'beyond a limit': (with_value(9, 'left_arm_joint2', -0.03), 'position', '-0.030 rad in row 9'),
    'degrees': (sound(positions=np.degrees(sound().positions)), 'position', 'limits'),
    'half a turn': (with_value(0, 'right_arm_joint1', np.pi), 'position', 'right_arm_joint1'),
    'elsewhere': (sound(positions=sound().positions + 0.4), 'jump', 'limit 0.35'),
    'a jump': (chunk(START, wave_rows(START) + np.eye(12)[3] * 0.4), 'jump', 'joint4 is 0.400'),
}


@pytest.mark.parametrize('name', HOSTILE)
def test_hostile(name):
    made, verdict, words = HOSTILE[name]
    refusal = guard.judge(made, EXPECTED)
    assert refusal is not None
    assert refusal.verdict == verdict
    assert words in refusal.detail


def test_rows_that_no_slowing_would_help_are_named_by_what_they_ask():
    rows = wave_rows(START)
    rows[:, 3] -= 1.9 * (np.arange(32) >= 12)  # 28 rad/s between two rows, 14 after the filter
    refusal = guard.judge(chunk(START, rows), EXPECTED)
    assert refusal.verdict in ('speed', 'acceleration')
    assert 'left_arm_joint4 asks for' in refusal.detail
    assert 'slowed down 4 times at most' in refusal.detail


@pytest.mark.parametrize(('jump', 'verdict'), [(0.9, 'speed'), (0.3, None)])
def test_speed_and_acceleration_of_rows_are_judged_as_they_would_be_passed(jump, verdict):
    rows = np.tile(HOME, (32, 1))
    rows[:, 0] += jump * np.clip(np.arange(32) - 10, 0, 2) - jump
    still = replace(EXPECTED, planned=lambda now: rows[0])
    refusal = guard.judge(chunk(START, rows), still)
    assert (refusal and refusal.verdict) == verdict


def test_rows_of_the_past_do_not_count():
    rows = np.tile(HOME, (32, 1))
    rows[0, 5] = 1.5
    late = replace(EXPECTED, now=START + SECOND, planned=lambda now: HOME)
    assert guard.judge(chunk(START, rows), late) is None


def test_a_little_beyond_a_limit_is_left_to_clamping():
    assert guard.judge(with_value(9, 'right_arm_joint3', 0.015), at_rest()) is not None
    rows = np.zeros((32, 12))
    rows[:, 2] = 0.015
    assert guard.judge(chunk(START, rows), at_rest()) is None


def at_rest():
    return replace(EXPECTED, planned=lambda now: np.zeros(12))


def test_a_jump_is_measured_at_the_present_instant():
    """Not against row 0, which is as old as the inference."""
    rows = np.tile(HOME, (32, 1))
    rows[:, 0] = np.linspace(-0.5, 0.5, 32)  # moving: 0 now would be far from where it starts
    late = replace(EXPECTED, now=START + SECOND, planned=lambda now: HOME)
    gap = np.interp(15.0, np.arange(32), rows[:, 0])
    assert abs(gap) < guard.JUMP < 0.5
    assert guard.judge(chunk(START, rows), late) is None


def trained_where_it_swings(less: float = 0.0) -> guard.Expected:
    """Actions of the wave's own range, that of one joint and one gripper smaller by `less`."""
    rows = sound().positions
    lower, upper = rows.min(axis=0), rows.max(axis=0)
    for name in ('right_arm_joint6', 'right_gripper'):
        upper[JOINT_NAMES.index(name)] -= less
    return replace(EXPECTED, trained=Trained('ours', JOINT_NAMES, lower, upper))


def test_a_chunk_stays_in_the_range_of_the_training_data():
    assert guard.judge(sound(), trained_where_it_swings()) is None
    refusal = guard.judge(sound(), trained_where_it_swings(less=0.01))
    assert refusal.verdict == 'trained'
    assert 'right_arm_joint6 is 0.200 in row' in refusal.detail
    assert 'ours has -0.200 to 0.190' in refusal.detail


def test_a_gripper_has_a_range_too():
    wide = replace(chunk(START, wave_rows(START), grips=0.0501))
    refusal = guard.judge(wide, trained_where_it_swings())
    assert refusal.verdict == 'trained'
    assert 'gripper is 0.050' in refusal.detail


def test_statistics_of_another_bundle_are_seen_where_the_limits_are_kept():
    """Half the span and another middle: all of it is inside the joints' limits."""
    rows = HOME + 0.5 * (wave_rows(START) - HOME) + np.where(np.arange(12) == 5, 0.3, 0.0)
    still = replace(trained_where_it_swings(), planned=lambda now: rows[3])
    assert guard.judge(chunk(START, rows), replace(still, trained=None)) is None
    assert guard.judge(chunk(START, rows), still).verdict == 'trained'


def test_left_and_right_swapped_within_the_right_names_cannot_be_seen():
    """Documents a limit of the guard: the names are all it has."""
    rows = np.tile(HOME, (32, 1))
    rows[:, 0], rows[:, 6] = 0.1, -0.1
    swapped = np.concatenate([rows[:, 6:], rows[:, :6]], axis=1)
    still = replace(EXPECTED, planned=lambda now: HOME)
    assert guard.judge(chunk(START, swapped), still) is None
