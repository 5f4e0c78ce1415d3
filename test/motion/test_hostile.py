"""What may come in, however wrong: one case each, what becomes of it, and that the bounds hold.

Chunks first, with the verdict that each gets in POLICY; then the robot, clocks and people. Cases
of the process itself (a stopped one, /clock) are tested with the nodes.
"""

from dataclasses import replace

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS, chunk_of
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.robot.joints import ARM_NAMES, JOINT_NAMES
from test.motion.robot import HOME, PERIOD, SIZE, STEP, Rig, chunk, ratios, wave_rows

GRIPS = np.full(2, np.nan)
HOUR = 3600.0


def running(q: np.ndarray = HOME, **changes) -> Rig:
    """A rig in POLICY on its wave, or holding still at another pose."""
    rig = Rig(q, **changes)
    rig.tick(2)
    assert rig.ask('engage') == 'ok'
    rig.tick(2)
    assert rig.ask('run') == 'ok'
    rig.tick(80)
    rows = None if q is HOME else np.tile(np.clip(q, LIMITS.lower, LIMITS.upper), (32, 1))
    assert rig.offer(rows=rows).name == 'accepted'
    rig.tick(40)
    return rig


def sound(rig: Rig, age: float = 0.2, **changes):
    """What the policy would have sent now."""
    stamp = rig.now - round(age * SECOND)
    status = rig.executor.status
    given = {'epoch': status.epoch, 'sequence': status.judged[1] + 1}
    return replace(chunk(stamp, wave_rows(stamp), **given), **changes)


def with_values(rig: Rig, **columns):
    """A sound chunk with other values in named columns: a number, or (row, number)."""
    made = sound(rig)
    positions = made.positions.copy()
    for name, value in columns.items():
        row, number = value if isinstance(value, tuple) else (slice(None), value)
        positions[row, JOINT_NAMES.index(name)] = number
    return replace(made, positions=positions)


def of_rows(rig: Rig, rows: np.ndarray, **changes):
    made = sound(rig)
    fields = {'epoch': made.epoch, 'sequence': made.sequence} | changes
    return chunk(made.stamp, rows, **fields)


def reread(rig: Rig, positions, names=JOINT_NAMES):
    """The same numbers as they would come from a message."""
    made = sound(rig)
    fields = ('stamp', 'step', 'offset', 'epoch', 'sequence', 'robot')
    return chunk_of(positions, names, **{name: getattr(made, name) for name in fields})


def permuted(rig: Rig):
    order = np.random.default_rng(0).permutation(len(JOINT_NAMES))
    made = sound(rig)
    names = tuple(JOINT_NAMES[i] for i in order)
    return replace(made, names=names, positions=made.positions[:, order])


def swapped(rig: Rig):
    """Left and right within the right names: the wave differs between the arms by little."""
    made = sound(rig)
    return replace(made, positions=made.positions[:, [*range(7, 14), *range(7)]])


def zigzag(rig: Rig):
    rows = np.tile(rig.commands[-1], (32, 1))
    rows[:, 4] += 0.3 * (-1.0) ** np.arange(32)
    return of_rows(rig, rows)


def without(rig: Rig, name: str):
    made = sound(rig)
    keep = [i for i, each in enumerate(JOINT_NAMES) if each != name]
    names = tuple(JOINT_NAMES[i] for i in keep)
    return replace(made, names=names, positions=made.positions[:, keep])


def doubled(rig: Rig):
    names = ('left_arm_joint1', 'left_arm_joint1', *JOINT_NAMES[2:])
    return replace(sound(rig), names=names)


def leap(rig: Rig):
    rows = wave_rows(rig.now - SECOND // 5)
    rows[16:, 0] = np.clip(rows[16:, 0] + np.pi, -2.8, 2.8)
    return of_rows(rig, rows)


REST = np.zeros(SIZE)
CHUNKS = {
    'NaN in one joint': (lambda r: with_values(r, left_arm_joint2=(3, np.nan)), 'finite'),
    'plus infinity': (lambda r: with_values(r, left_arm_joint2=(3, np.inf)), 'finite'),
    'minus infinity': (lambda r: with_values(r, right_gripper=(3, -np.inf)), 'finite'),
    'NaN in the last row only': (lambda r: with_values(r, left_arm_joint6=(31, np.nan)), 'finite'),
    'nothing but NaN': (lambda r: sound(r, positions=np.full((32, 14), np.nan)), 'finite'),
    'no rows': (lambda r: sound(r, positions=np.zeros((0, 14))), 'schema'),
    'one row': (lambda r: sound(r, positions=sound(r).positions[:1]), 'schema'),
    'two rows': (lambda r: sound(r, 0.02, positions=sound(r).positions[:2]), 'too_short'),
    'a million rows': (lambda r: sound(r, positions=np.zeros((10**6, 14))), 'schema'),
    '13 columns': (lambda r: sound(r, positions=np.zeros((32, 13))), 'schema'),
    '15 columns': (lambda r: sound(r, positions=np.zeros((32, 15))), 'schema'),
    'float16 that overflowed': (
        lambda r: reread(r, np.where(np.arange(448) == 7, np.float16('inf'), np.float16(0.5))),
        'finite',
    ),
    'read-only': (lambda r: reread(r, bytes_of(sound(r).positions)), 'accepted'),
    'every second number of an array': (
        lambda r: reread(r, np.repeat(sound(r).positions.ravel(), 2)[::2]),
        'accepted',
    ),
    'Python objects': (lambda r: reread(r, sound(r).positions.ravel().astype(object)), 'accepted'),
    'integers': (lambda r: reread(r, np.zeros(32 * 14, int)), 'jump'),
    'names permuted': (permuted, 'accepted'),
    'a joint missing': (lambda r: without(r, 'left_arm_joint4'), 'names'),
    'a name twice': (doubled, 'names'),
    'left and right swapped': (swapped, 'accepted'),  # cannot be seen: names are all there is
    'degrees': (lambda r: sound(r, positions=np.degrees(sound(r).positions)), 'position'),
    'still normalised': (lambda r: of_rows(r, np.tanh(wave_rows(r.now) - HOME)), 'position'),
    'deltas for positions': (lambda r: of_rows(r, wave_rows(r.now) - HOME + 0.001), 'position'),
    'stamp 0': (lambda r: sound(r, stamp=0), 'stamp'),
    'a second ahead': (lambda r: sound(r, -1.0), 'stamp'),
    'an hour old': (lambda r: sound(r, HOUR), 'stamp'),
    'older than the plan in force': (lambda r: sound(r, 0.5), 'stamp'),
    'the same sequence again': (lambda r: sound(r, sequence=1), 'sequence'),
    'out of order': (lambda r: sound(r, sequence=0), 'sequence'),
    'step 0': (lambda r: sound(r, step=0.0), 'schema'),
    'step negative': (lambda r: sound(r, step=-STEP), 'schema'),
    'step of a nanosecond': (lambda r: sound(r, step=1e-9), 'schema'),
    'an old epoch': (lambda r: sound(r, epoch=1), 'epoch'),
    'constant': (lambda r: of_rows(r, np.tile(r.commands[-1], (32, 1))), 'accepted'),
    'half a turn in one row': (leap, 'speed'),
    'wrapped by a turn': (
        lambda r: with_values(r, left_arm_joint1=sound(r).positions[0, 0] + 2.0 * np.pi),
        'position',
    ),
    'zig-zag from row to row': (zigzag, 'accepted'),
    'beyond a limit and back': (lambda r: with_values(r, left_arm_joint5=(20, 1.7)), 'position'),
    'a torn message': (lambda r: reread(r, sound(r).positions.ravel()[:-1]), 'schema'),
    'for another robot': (lambda r: sound(r, robot='libero'), 'robot'),
    'disagreement without bounds': (lambda r: sound(r, disagreement=1e300), 'accepted'),
    'disagreement NaN': (lambda r: sound(r, disagreement=float('nan')), 'accepted'),
}


def bytes_of(positions: np.ndarray) -> np.ndarray:
    """As a middleware hands it over: a view of its own memory."""
    return np.frombuffer(positions.tobytes())


def check(rig: Rig) -> None:
    sent = np.array(rig.commands)
    assert (ratios(LIMITS, sent) <= 1.0 + 1e-6).all()
    assert LIMITS.excess(sent).max() <= 1e-6


@pytest.mark.parametrize('name', CHUNKS)
def test_a_chunk(name):
    make, expected = CHUNKS[name]
    rig, twin = running(), running()
    verdict = rig.executor.on_chunk(rig.now, make(rig))
    assert verdict.name == expected, verdict
    rig.tick(100)
    twin.tick(100)
    check(rig)
    if expected != 'accepted':
        assert verdict.detail
        assert np.array_equal(rig.commands, twin.commands)  # nothing changed, to the last bit


def test_a_permuted_chunk_moves_the_arms_as_the_chunk_does():
    rig, twin = running(), running()
    rig.executor.on_chunk(rig.now, permuted(rig))
    twin.executor.on_chunk(twin.now, sound(twin))
    rig.tick(100)
    twin.tick(100)
    assert np.array_equal(rig.commands, twin.commands)


def test_a_zigzag_is_not_executed_as_one():
    rig = running()
    rig.executor.on_chunk(rig.now, zigzag(rig))
    rig.tick(200)
    assert np.ptp(np.array(rig.commands[-120:])[:, 4]) < 0.03  # of 0.6


@pytest.mark.parametrize('value', [0.0, -0.0, 1e-310])
def test_zeros_and_denormals_are_positions_like_others(value):
    rig = running(REST)
    assert rig.offer(rows=np.full((32, SIZE), value)).name == 'accepted'
    rig.tick(100)
    assert np.abs(rig.commands[-1]).max() < 1e-6
    check(rig)


def test_a_chunk_on_the_limits_stays_inside():
    edge = np.where(np.arange(SIZE) % 2 == 0, LIMITS.upper, LIMITS.lower)
    rig = running(edge)
    for k in range(6):
        rows = np.tile(edge, (32, 1))
        rows[10 + k :] = edge - 0.2 * np.sign(edge)
        rows[24:] = edge
        assert rig.offer(rows=rows).name == 'accepted'
        rig.tick(40)
    check(rig)


def test_two_chunks_within_one_tick_are_both_judged_and_the_second_is_in_force():
    rig = running()
    first, second = sound(rig), sound(rig)
    second = replace(second, sequence=first.sequence + 1, stamp=second.stamp + 1)
    assert rig.executor.on_chunk(rig.now, first).name == 'accepted'
    assert rig.executor.on_chunk(rig.now, second).name == 'accepted'
    rig.tick(100)
    assert rig.executor.status.in_force.sequence == second.sequence
    check(rig)


def test_a_flood_of_chunks_leaves_the_bounds_as_they_are():
    rig = running()
    rng = np.random.default_rng(0)
    for _ in range(60):
        for _ in range(5):
            rig.offer(rows=wave_rows(rig.now - SECOND // 5) + rng.normal(0.0, 0.05, SIZE))
        rig.tick()
    assert rig.mode == 'POLICY'
    rig.tick(100)
    check(rig)


def test_two_modes_in_turn_are_travelled_between_inside_the_limits():
    rig = running()
    names = set()
    for k in range(20):
        rows = np.tile(HOME, (32, 1))
        rows[:, [0, 3, 6, 9]] += 0.12 if k % 2 else -0.12
        names.add(rig.offer(rows=rows).name)
        rig.tick(30)
    assert names == {'accepted'}
    check(rig)


def test_a_chunk_of_the_old_epoch_after_a_person_is_not_executed():
    rig = running()
    old = rig.executor.status.epoch
    rig.executor.on_teleop_active(rig.now, True)
    rig.tick(20)
    rig.executor.on_teleop_active(rig.now, False)
    rig.tick(300)
    assert rig.mode == 'HOLD'
    assert rig.ask('run') == 'ok'
    rig.tick(80)
    assert rig.offer(epoch=old).name == 'shadow'
    assert rig.mode == 'HOLD'


def test_a_gripper_that_toggles_leaves_the_arms_alone():
    rig, twin = running(), running()
    made = sound(rig)
    positions = made.positions.copy()
    positions[:, JOINT_NAMES.index('left_gripper')] = 0.1 * (np.arange(32) % 2)
    assert rig.executor.on_chunk(rig.now, replace(made, positions=positions)).name == 'accepted'
    twin.executor.on_chunk(twin.now, made)
    rig.tick(150)
    twin.tick(150)
    assert np.array_equal(rig.commands, twin.commands)
    opened = np.diff([point.openings[0] for point in rig.setpoints[-150:]])
    assert np.abs(opened).max() <= 0.5 * 0.005 + 1e-12


# The robot


@pytest.mark.parametrize('off', [0.01, 0.1])
def test_arms_that_measure_outside_of_their_limits_engage_inside(off):
    outside = HOME.copy()
    outside[1], outside[2] = LIMITS.lower[1] - off, LIMITS.upper[2] + off
    rig = Rig(outside)
    rig.tick(2)
    assert rig.ask('engage') == 'ok'
    rig.tick(50)
    assert rig.mode == 'HOLD'
    assert LIMITS.excess(np.array(rig.commands)).max() == 0.0


@pytest.mark.parametrize(('ticks', 'mode'), [(16, 'POLICY'), (400, 'HOLD')])
def test_feedback_that_drops_out(ticks, mode):
    rig = running()
    rig.feedback = False
    rig.tick(ticks)
    rig.feedback = True
    rig.offer()
    rig.tick(100)
    assert rig.mode == mode
    check(rig)


# Clocks and pauses


@pytest.mark.parametrize('step', [30.0, -2.0])
def test_a_wall_clock_that_is_set_changes_no_command(step):
    rig, twin = running(), running()
    rig.executor.on_clock_step(rig.now, round(step * SECOND))
    rig.tick(60)
    twin.tick(60)
    assert np.array_equal(rig.commands, twin.commands)


@pytest.mark.parametrize('missed', [10, 20, 40])
def test_ticks_that_are_missed_make_the_plan_late_and_never_jump(missed):
    rig = running()
    rig.feedback = False
    rig.now += missed * PERIOD
    rig.executor.on_measured(rig.measured())
    rig.feedback = True
    rig.tick(late=True)
    rig.tick(100)
    check(rig)


# People


def test_a_hand_that_is_a_radian_away_at_takeover_moves_nothing():
    rig = running()
    rig.ask('pause')
    rig.tick(300)
    before = rig.commands[-1]
    rig.executor.on_teleop_active(rig.now, True)
    for _ in range(100):
        rig.executor.on_teleop_active(rig.now, True)
        rig.executor.on_teleop_target(rig.now, HOME + 1.0, GRIPS)
        rig.tick()
    assert np.abs(rig.commands[-1] - before).max() < 1e-6
    check(rig)


def test_a_switch_that_flaps():
    rig = running()
    for k in range(200):
        if k % 2 == 0:
            rig.executor.on_teleop_active(rig.now, k % 4 == 0)
            rig.executor.on_teleop_target(rig.now, HOME + 0.5 * (k % 3), GRIPS)
        rig.tick(2)
    check(rig)


def test_a_deadman_that_is_lost_for_a_tick_has_been_lost():
    rig = running()
    rig.executor.on_deadman(rig.now, True)
    rig.tick()
    rig.executor.on_deadman(rig.now, False)
    rig.tick()
    rig.executor.on_deadman(rig.now, True)
    rig.tick()
    assert rig.mode == 'STOPPING>HOLD'
    check(rig)


def test_an_estop_within_a_bridge_ends_the_stream():
    rig = running()
    rig.offer(rows=wave_rows(rig.now - SECOND // 5) + 0.2)
    rig.tick(10)
    count = len(rig.commands)
    rig.executor.on_estop(rig.now, True)
    rig.tick(50)
    assert len(rig.commands) == count


def test_a_takeover_a_chunk_and_an_estop_at_once_are_an_estop():
    rig = running()
    rig.executor.on_teleop_active(rig.now, True)
    rig.executor.on_chunk(rig.now, sound(rig))
    rig.executor.on_estop(rig.now, True)
    rig.executor.on_teleop_active(rig.now, False)
    rig.executor.on_teleop_active(rig.now, True)
    rig.tick()
    assert rig.mode == 'ESTOP'


def test_engaging_arms_that_move_is_refused():
    rig = Rig()
    rig.v[8] = 0.3
    rig.feedback = False
    rig.executor.on_measured(rig.measured())
    assert f'{ARM_NAMES[8]} moves at 0.300 rad/s' in rig.ask('engage')
