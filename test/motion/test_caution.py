"""Plans that lead into something rest before it; doubt slows plans, and ends them."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.lookahead import MISSED
from fastwam_ros.motion.uncertainty import Thresholds
from test.motion.approach import (
    BLIND,
    EVERY,
    GOALS,
    LATENCY,
    REACHING,
    SEEING,
    Approach,
    approached,
)
from test.motion.robot import STEP, Rig, ratios, wave_rows


@pytest.fixture(scope='module')
def near():
    return clearance()


def inwards(rig: Rig, age: float = 0.2) -> np.ndarray:
    """Rows that turn both arms towards each other until the hands would meet."""
    stamp = rig.now - round(age * SECOND)
    begun = (stamp - rig.begun) / SECOND
    turn = np.clip(0.5 * (begun + np.arange(32) * STEP), 0.0, 1.1)
    rows = np.tile(REACHING, (32, 1))
    rows[:, 0] -= turn
    rows[:, 6] += turn
    return rows


def driven(near, seconds: float) -> Rig:
    """A rig whose policy turns the arms inwards, with a chunk every 0.3 s."""
    rig = Rig(REACHING, clearance=near)
    rig.tick(2)
    assert rig.ask('engage') == 'ok'
    rig.tick(2)
    assert rig.ask('run') == 'ok'
    rig.tick(80)
    rig.begun = rig.now - SECOND // 5
    rig.verdicts = []
    for _ in range(int(seconds / 0.3)):
        rig.verdicts.append(rig.offer(rows=inwards(rig)))
        rig.tick(60)
    return rig


def test_hands_on_their_way_into_each_other_rest_before(near):
    rig = driven(near, 5.0)
    sent = np.array(rig.commands)
    least = min(float(near.nearest(q).distance) for q in sent[::10])
    assert least > near.stop.max() - 0.003
    assert np.ptp(sent[-20:], axis=0).max() < 1e-3
    assert (ratios(LIMITS, sent) <= 1.0 + 1e-6).all()
    said = (rig.executor.status.reason, rig.executor.status.in_force.slowed_by)
    assert any('left_gripper_fingers - right_gripper_fingers' in each for each in said)


@pytest.mark.parametrize('speed', [0.3, 1.4])
@pytest.mark.parametrize('goal', GOALS)
def test_a_policy_that_presses_on_rests_a_few_millimetres_away_and_keeps_the_arms(
    near, goal, speed
):
    """On each chunk it is asked to go on, and does as far as it may: no person has to come."""
    found = approached(near, goal, speed)
    stop = float(near.stop.max())
    assert found.standing == 'POLICY'
    assert found.faults == 0
    assert set(found.verdicts) == {'accepted'}
    assert stop - MISSED < found.least <= found.rest < stop + 0.006
    assert found.moving == 0.0
    assert max(found.ratios) <= 1.0 + 1e-6


@pytest.mark.parametrize('goal', GOALS)
def test_the_same_without_clearances_runs_into_it(near, goal):
    assert approached(near, goal, 0.8, watched=False).least < 0.0


@pytest.mark.parametrize('speed', [0.3, 1.4])
def test_a_policy_that_does_not_see_that_the_arms_rest_loses_them(near, speed):
    """Its rows go on without them, and are refused once they are a jump away."""
    found = approached(near, 'hand to torso', speed, BLIND)
    assert (found.standing, found.faults) == ('HOLD', 1)
    assert 'jump' in found.verdicts
    assert any(reason.startswith('late:') for reason in found.reasons)
    assert found.least > float(near.stop.max()) - MISSED


@pytest.mark.parametrize('goal', GOALS)
def test_who_rests_before_something_is_led_away_at_once(near, goal):
    approach = Approach(near, GOALS[goal], 0.8)
    approach.start()
    approach.go(4.0)
    there = approach.rig.q.copy()
    assert near.nearest(there).distance < 0.02
    approach.goal = REACHING
    approach.go(0.75)
    assert np.abs(approach.rig.q - there).max() > 0.2
    approach.go(3.0)
    found = approach.outcome()
    assert (found.standing, found.faults, set(found.verdicts)) == ('POLICY', 0, {'accepted'})
    assert np.abs(approach.rig.q - REACHING).max() < 0.05
    assert max(found.ratios) <= 1.0 + 1e-6


@pytest.mark.parametrize('after', [0.01, 0.1, 0.25])
def test_a_pause_right_after_a_chunk_rests_clear_of_it_too(near, after):
    """Its plan was not walked yet: the stop on its path is."""
    for speed in (0.9, 1.4):
        for chunks in range(1, 6):
            one = Approach(near, GOALS['hand to torso'], speed)
            one.start()
            one.go(chunks * EVERY)
            one.rig.offer(age=LATENCY, rows=one.rows())
            one.rig.tick(round(after / 0.005))
            if one.rig.mode == 'POLICY':
                assert one.rig.ask('pause') == 'ok'
            one.rig.tick(600)
            assert one.rig.mode == 'HOLD'
            assert one.outcome().least >= near.stop.min() - MISSED


def test_one_who_presses_on_for_long_does_not_creep(near):
    """100 chunks that each would go on by what rounding allows would be a centimetre."""
    approach = Approach(near, GOALS['hand to torso'], 0.1, noise=0.0)
    approach.start()
    approach.go(20.0)
    first = near.nearest(approach.rig.q).distance
    approach.go(10.0)
    last = near.nearest(approach.rig.q).distance
    assert 0.011 < first < 0.0135
    assert abs(first - last) < 2e-4


@pytest.mark.parametrize('seed', [3, 7, 10, 11])
def test_a_policy_that_wanders_never_enters_a_margin(near, seed):
    random = np.random.default_rng(1000 + seed)
    reach = np.array([1.3, 0.9, 1.2, 1.2, 1.2, 1.5] * 2)
    middle = np.array([0.0, 1.8, -1.4, 0.3, 0.0, 0.0] * 2)

    def goal() -> np.ndarray:
        return LIMITS.clamp(middle + reach * random.uniform(-1.0, 1.0, len(reach)))

    approach = Approach(near, goal(), 1.2, SEEING, seed, noise=0.02)
    approach.start()
    for _ in range(4):
        approach.go(float(random.uniform(0.5, 2.5)))
        approach.goal, approach.speed = goal(), float(random.uniform(0.3, 1.4))
    found = approach.outcome()
    assert found.least > float(near.stop.max()) - MISSED
    assert max(found.ratios) <= 1.0 + 1e-6
    assert any(reason.endswith('mm') for reason in found.reasons)
    assert not any('no room' in reason for reason in found.reasons)


def test_the_same_approach_twice_is_the_same_to_the_bit(near):
    both = [approached(near, 'hand to hand', 1.4, seed=3) for _ in range(2)]
    assert both[0] == both[1]


def test_without_clearances_they_would_have_met(near):
    rig = driven(None, 5.0)
    assert min(float(near.nearest(q).distance) for q in np.array(rig.commands)[::10]) < 0.0


def test_motion_that_is_clear_of_everything_is_left_as_it_is(near):
    rig, twin = Rig(clearance=near), Rig()
    for each in (rig, twin):
        each.run()
        for _ in range(4):
            each.tick(60)
            assert each.offer().name == 'accepted'
        each.tick(60)
    assert np.array_equal(rig.commands, twin.commands)


def doubtful(rig: Rig, disagreement: float) -> str:
    rig.tick(40)
    stamp = rig.now - SECOND // 5
    return rig.offer(rows=wave_rows(stamp), disagreement=disagreement).name


def test_a_doubtful_chunk_is_executed_at_half_the_speed():
    rig = Rig(doubt=Thresholds(0.1, 0.5))
    rig.run()
    assert doubtful(rig, 0.05) == 'accepted'
    assert rig.executor.status.in_force.slow == 1.0
    assert doubtful(rig, 0.2) == 'accepted'
    force = rig.executor.status.in_force
    assert force.slow == 2.0
    assert 'disagreement 0.2' in force.slowed_by


def test_doubt_that_lasts_stops_on_the_path_and_holds():
    rig = Rig(doubt=Thresholds(0.1, 0.5))
    rig.run()
    assert [doubtful(rig, 0.9) for _ in range(3)] == ['accepted', 'accepted', 'uncertain']
    assert rig.mode == 'STOPPING>HOLD'
    assert 'uncertain' in rig.executor.status.reason
    rig.tick(400)
    assert rig.mode == 'HOLD'
    assert (ratios(LIMITS, np.array(rig.commands)) <= 1.0 + 1e-6).all()


def test_without_thresholds_doubt_changes_nothing():
    rig = Rig()
    rig.run()
    assert [doubtful(rig, 1e300) for _ in range(4)] == ['accepted'] * 4
    assert rig.executor.status.in_force.slow == 1.0
