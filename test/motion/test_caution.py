"""Plans that lead into something rest before it; doubt slows plans, and ends them."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.uncertainty import Thresholds
from test.motion.robot import STEP, Rig, ratios, wave_rows

REACHING = np.array([0.0, 1.8, -1.2, 0.3, 0.0, 0.0] * 2)  # forward: turned in by 1 rad, hands meet


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
