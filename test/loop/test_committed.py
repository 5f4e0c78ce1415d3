"""What the arms are committed to, from plans and states as the executor tells them."""

from bisect import bisect_right
from dataclasses import replace

import numpy as np
import pytest

from fastwam_ros.loop.committed import Committed
from fastwam_ros.loop.plans import Said
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES, JOINT_NAMES

MS = 1_000_000
BASE = 10**18
STEP, ROWS = 0.05, 16
POINT = 20 * MS  # between the points of a plan
MIXED = tuple(reversed(ARM_NAMES))  # the order that plans come in here
ARMS = [JOINT_NAMES.index(name) for name in ARM_NAMES]
GRIPPERS = [JOINT_NAMES.index(name) for name in GRIPPER_NAMES]
SIZES = 1.0 + np.arange(len(ARM_NAMES))  # no two joints move alike


def chunk(ms: float, sequence: int = 1, epoch: int = 7, rows: int = ROWS, offset: float = 0.0):
    """Of a picture so many ms after BASE; its grippers open by 1 mm per row from 10 a chunk."""
    positions = np.full((rows, len(JOINT_NAMES)), np.nan)  # what it wants of the arms is no matter
    positions[:, GRIPPERS] = 0.01 * sequence + 0.001 * np.arange(rows)[:, None]
    stamp = BASE + round(ms * MS)
    return Chunk(stamp, STEP, offset, JOINT_NAMES, positions, epoch, sequence)


def said(ms: float, of: Chunk | None = None, begin: float | None = None, left=1.0, **changes):
    """The state at an instant; begin: first tick of the plan in force, now where not given."""
    first = ms if begin is None else begin
    named = ((0, 0), 0) if of is None else ((of.epoch, of.sequence), of.stamp)
    first_tick = BASE + round(first * MS)
    stamp = BASE + round(ms * MS)
    made = Said(stamp, 'POLICY', 7, first_tick, *named, 1.0, left, named[0], True)
    return replace(made, **changes)


def motion(height: float, speed: float, duration: float):
    """times [ns] and positions [rad]: joint i stands at (height + speed * t) * SIZES[i]."""
    times = np.arange(0, round(duration * SECOND) + 1, POINT)
    heights = height + speed * times / SECOND
    return times.tolist(), (heights[:, None] * SIZES)[:, ::-1]


def follow(of: Committed, own: Chunk | None, ms: float, height: float, speed=0.0, duration=1.0):
    """A chunk is published, and a plan from it comes into force at an instant."""
    if own is not None:
        of.add_chunk(own)
    times, positions = motion(height, speed, duration)
    assert of.add_plan(BASE + round(ms * MS), times, MIXED, positions) == ''
    of.add_state(said(ms, own, left=duration))


def ahead(of: Committed, ms: float, latency_ms: float = 0.0, rows: int = ROWS, offset=0.0):
    return of.ahead(BASE + round(ms * MS), STEP, offset, rows, round(latency_ms * MS))


def heights(found) -> np.ndarray:
    """The first joint's rows, NaN where they are not known; the others are checked along."""
    arms = found.rows[:, ARMS]
    np.testing.assert_allclose(arms, arms[:, :1] * SIZES, atol=1e-12)
    return np.where(found.covered, arms[:, 0], np.nan)


@pytest.fixture
def committed():
    return Committed()


def test_rows_are_the_plan_s_at_the_instants_at_which_they_are_due(committed):
    follow(committed, chunk(0), 100, 0.5, speed=1.0)
    found = ahead(committed, 100)
    assert heights(found) == pytest.approx(0.5 + STEP * np.arange(ROWS))  # 50 ms: between points
    assert ahead(committed, 100, offset=0.5).rows[0, 0] == pytest.approx(0.525)
    on_points = committed.ahead(BASE + 100 * MS, 0.02, 0.0, 4, 0)
    assert on_points.rows[:, 0].tolist() == [0.5, 0.52, 0.54, 0.56]


def test_joints_are_told_by_name_and_come_in_the_data_s_order(committed):
    follow(committed, chunk(0), 100, 0.5)
    first = ahead(committed, 100).rows[0]
    assert dict(zip(JOINT_NAMES, first, strict=True)) == pytest.approx(
        {name: 0.5 * size for name, size in zip(ARM_NAMES, SIZES, strict=True)}
        | dict.fromkeys(GRIPPER_NAMES, 0.01 + 0.002)  # row 2 of the chunk is due then
    )


def test_each_plan_is_what_was_commanded_until_the_next(committed):
    first, second = chunk(0), chunk(200, 2)
    follow(committed, first, 100, 1.0)
    follow(committed, second, 300, 2.0)
    found = ahead(committed, 50, rows=10)
    assert np.nan_to_num(heights(found)).tolist() == [0, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    openings = found.rows[1:, GRIPPERS[0]]
    by_first, by_second = 0.01 + 0.001 * np.arange(2, 6), 0.02 + 0.001 * np.arange(2, 7)
    assert openings == pytest.approx([*by_first, *by_second])


def test_rows_that_are_due_before_the_new_chunk_takes_over_bind_wholly(committed):
    follow(committed, chunk(0), 100, 1.0, duration=2.0)
    found = ahead(committed, 200, latency_ms=151)  # rows at 200, 250, 300 and 350 ms
    assert (found.start, found.end) == (4, 11)  # row 11 is due with the chunk's last one, at 750
    assert found.weights[:4].tolist() == [1.0] * 4
    assert (np.diff(found.weights[3:12]) < 0).all()
    assert not found.weights[11:].any()
    assert ahead(committed, 200, latency_ms=150).start == 3  # the instant itself is the new one's


def test_the_stop_behind_the_chunk_binds_nothing(committed):
    follow(committed, chunk(0, rows=8), 100, 1.0, duration=5.0)
    found = ahead(committed, 200, latency_ms=1000)  # longer than what is left
    assert found.covered.all()
    assert (found.start, found.end) == (3, 3)  # rows at 200, 250, 300; 350 is the last one's
    assert found.weights.tolist() == [1.0] * 3 + [0.0] * 13
    assert ahead(committed, 350, latency_ms=1000) is None
    follow(committed, chunk(150, 2, rows=8, offset=1.0), 200, 1.0, duration=5.0)
    assert ahead(committed, 200).end == 7  # the last one's is 150 + 8 * 50 ms


def test_nothing_is_extrapolated(committed):
    follow(committed, chunk(0), 100, 1.0, speed=1.0, duration=0.4)  # ends before its chunk
    found = ahead(committed, 50, latency_ms=900)
    assert found.covered.tolist() == [False] + [True] * 9 + [False] * 6
    assert found.weights.tolist() == [0.0] + [1.0] * 9 + [0.0] * 6
    assert np.isfinite(found.rows).all()


def test_a_plan_from_no_chunk_leaves_a_gap(committed):
    """The arms are known there and the grippers are not."""
    follow(committed, chunk(0), 100, 1.0)
    follow(committed, None, 200, 2.0)
    follow(committed, chunk(150, 2), 300, 3.0)
    found = ahead(committed, 100, rows=8)
    assert found.covered.tolist() == [True, True, False, False, True, True, True, True]


def test_another_timing_of_a_plan_keeps_its_grippers_on_the_chunk_s_time(committed):
    own = chunk(0)
    committed.add_chunk(own)
    times, positions = motion(1.0, 0.0, 2.0)
    committed.add_plan(BASE + 100 * MS, times, MIXED, positions)
    committed.add_state(said(100, own, left=2.0, slow=2.0))  # grippers go half as fast too
    committed.add_plan(BASE + 300 * MS, times, MIXED, 3.0 * positions)
    committed.add_state(said(300, own, left=2.0, slow=4.0))
    found = ahead(committed, 100, rows=9)
    assert heights(found).tolist() == [1, 1, 1, 1, 3, 3, 3, 3, 3]
    rows = 2.0 + np.arange(9) / 2  # of the chunk: 100 ms are two rows, 50 ms half of one here
    assert found.rows[:, GRIPPERS[1]] == pytest.approx(0.01 + 0.001 * rows)
    assert committed.latency == 100 * MS  # of the chunk, once


def test_a_late_tick_makes_the_plan_late_from_then_on(committed):
    own = chunk(0)
    follow(committed, own, 100, 0.0, speed=1.0)
    committed.add_state(said(200, own, 100, left=0.9))
    committed.add_state(said(300, own, 100, left=0.82))  # 20 ms behind
    committed.add_state(said(400, own, 100, left=0.72))
    found = ahead(committed, 100, rows=8)
    assert heights(found) == pytest.approx([0, 0.05, 0.1, 0.15, 0.18, 0.23, 0.28, 0.33])


def test_a_plan_at_rest_tells_nothing_of_being_late(committed):
    own = chunk(0)
    follow(committed, own, 100, 1.0, speed=1.0, duration=0.2)
    before = heights(ahead(committed, 100, rows=4))
    committed.add_state(said(600, own, 100, left=0.0))
    assert heights(ahead(committed, 100, rows=4)).tolist() == before.tolist()
    assert ahead(committed, 600) is None


# When there is no prefix


@pytest.mark.parametrize('mode', ['HOLD', 'TELEOP', 'STOPPING', 'FAULT', 'DISARMED'])
def test_only_a_policy_that_moves_the_arms_is_bound_by_what_it_said(committed, mode):
    follow(committed, chunk(0), 100, 1.0)
    assert ahead(committed, 100) is not None
    committed.add_state(said(200, chunk(0), 100, mode=mode))
    assert ahead(committed, 100) is None


def test_another_epoch_is_not_bound_by_the_last_one_s_plan(committed):
    follow(committed, chunk(0), 100, 1.0)
    committed.add_state(said(200, chunk(0), 100, epoch=8))
    assert ahead(committed, 200) is None
    new = chunk(250, epoch=8)
    follow(committed, new, 300, 2.0)
    committed.add_state(said(300, new, epoch=8))
    assert heights(ahead(committed, 250, rows=4)).tolist() == [1, 2, 2, 2]


def test_neither_is_a_policy_by_another_s_chunk(committed):
    committed.add_chunk(chunk(0))
    times, positions = motion(1.0, 0.0, 1.0)
    committed.add_plan(BASE + 100 * MS, times, MIXED, positions)
    committed.add_state(said(100, chunk(1)))  # same numbers, another picture
    assert ahead(committed, 100) is None


def test_plan_and_state_come_in_either_order_and_belong_together(committed):
    own = chunk(0)
    committed.add_chunk(own)
    committed.add_state(said(100, own))
    assert ahead(committed, 100) is None
    times, positions = motion(1.0, 0.0, 1.0)
    committed.add_plan(BASE + 100 * MS, times, MIXED, positions)
    assert heights(ahead(committed, 100))[0] == 1.0
    committed.add_plan(BASE + 200 * MS, times, MIXED, positions)
    assert ahead(committed, 100) is None  # whose this is has not been told yet
    follow(committed, chunk(150, 2), 300, 1.0)
    committed.add_state(said(395, chunk(350, 3), 0, first_tick=0))
    assert ahead(committed, 300) is None  # the next is decided and not told


def test_a_plan_that_is_none_is_dropped_in_words(committed):
    times, positions = motion(1.0, 0.0, 1.0)
    assert 'lacks right_arm_joint6' in committed.add_plan(BASE, times, MIXED[1:], positions[:, 1:])
    assert 'not finite' in committed.add_plan(BASE, times, MIXED, positions * np.nan)
    assert 'no points' in committed.add_plan(BASE, [], MIXED, positions[:0])
    committed.add_state(said(0))
    assert ahead(committed, 0) is None


def test_time_that_goes_back_begins_anew(committed):
    follow(committed, chunk(1000), 1100, 1.0)
    follow(committed, chunk(1200), 1300, 2.0)
    committed.clear()
    assert committed.latency == 0
    assert ahead(committed, 1100) is None
    follow(committed, chunk(0), 100, 3.0)
    assert heights(ahead(committed, 100))[0] == 3.0


def test_a_plan_is_what_is_commanded_whatever_was_told_for_later(committed):
    follow(committed, chunk(0), 100, 1.0)
    follow(committed, chunk(200, 2), 300, 2.0)
    follow(committed, chunk(150, 3), 200, 3.0)  # the clock was set back
    assert heights(ahead(committed, 100, rows=6)).tolist() == [1, 1, 3, 3, 3, 3]


# Latency and answers


def test_the_longest_of_the_last_latencies_is_expected(committed):
    for number in range(1, 12):
        late = 300 if number == 1 else 100 + number
        follow(committed, chunk(500 * number, number), 500 * number + late, 1.0)
        longest = 300 if number <= 8 else 100 + number
        assert committed.latency == longest * MS


def test_each_chunk_counts_once_however_often_its_plan_is_spoken_of(committed):
    follow(committed, chunk(0, 1), 300, 1.0)
    own = chunk(400, 2)
    follow(committed, own, 500, 1.0)
    before = ahead(committed, 500).rows
    for ms in range(510, 700, 10):
        committed.add_state(said(ms, own, 500, left=1.0 - (ms - 500) / 1000, slow=2.0))
    assert committed.latency == 300 * MS
    assert ahead(committed, 500).rows.tolist() == before.tolist()


def test_a_chunk_is_answered_when_it_is_refused_or_its_plan_is_known(committed):
    own = chunk(0, 3)
    assert not committed.answered(own)
    committed.add_state(said(50, judged=(7, 2), taken=False))
    assert not committed.answered(own)
    committed.add_state(said(50, judged=(7, 3), taken=False))
    assert committed.answered(own)
    committed.add_chunk(own)
    committed.add_state(said(100, own))
    assert not committed.answered(own)  # taken; its plan has yet to be told
    times, positions = motion(1.0, 0.0, 1.0)
    committed.add_plan(BASE + 100 * MS, times, MIXED, positions)
    assert committed.answered(own)
    committed.add_state(said(200, chunk(150, 4), first_tick=0))
    assert not committed.answered(chunk(150, 4))


# Beside an oracle that looks row by row


@pytest.mark.parametrize('seed', range(40))
def test_random_streams_beside_a_slow_and_plain_reading(seed):
    draw = np.random.default_rng(seed)
    committed, plans, begin = Committed(), [], 0.0
    for number in range(1, int(draw.integers(2, 9))):
        begin += float(draw.integers(20, 400))
        own = chunk(begin - float(draw.integers(30, 300)), number, rows=int(draw.integers(4, 24)))
        own = None if draw.random() < 0.2 else own
        height, speed, duration = (float(x) for x in draw.uniform((-1, -2, 0.1), (1, 2, 1.0)))
        follow(committed, own, begin, height, speed, duration)
        plans.append((begin, duration, height, speed, own))
    stamp, latency = begin + float(draw.integers(-300, 100)), float(draw.integers(0, 500))
    found = ahead(committed, stamp, latency)
    last = plans[-1][4]
    dues = [stamp + 50 * k for k in range(ROWS)]
    wanted = [reading(plans, due) for due in dues]
    chunk_end = -1e9 if last is None else (last.stamp - BASE) / MS + 50 * (last.rows - 1)
    free = not any(w is not None and due < chunk_end for w, due in zip(wanted, dues, strict=True))
    assert (found is None) == free
    if found is None:
        return
    assert found.covered.tolist() == [w is not None for w in wanted]
    for row, want, weight, due in zip(found.rows, wanted, found.weights, dues, strict=True):
        assert (weight > 0) == (want is not None and due < chunk_end)
        assert (weight == 1) == (weight > 0 and due < stamp + latency)
        if want is not None:
            assert row[[0, GRIPPERS[0]]] == pytest.approx(want, abs=1e-9)


def reading(plans, due):
    """(height, opening) at an instant [ms] or None, from plans in the order they came in."""
    at = bisect_right([plan[0] for plan in plans], due) - 1
    if at < 0 or plans[at][4] is None:
        return None
    begin, duration, height, speed, own = plans[at]
    seconds = (due - begin) / 1000
    if seconds > duration // 0.02 * 0.02 + 1e-9:
        return None
    row = min(max((due - (own.stamp - BASE) / MS) / 50, 0), own.rows - 1)
    return height + speed * seconds, 0.01 * own.sequence + 0.001 * row
