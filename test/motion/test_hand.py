"""A hand's positions to goals: as it moves, or where it is."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.hand import APPROACH, NEAR, Absolute, Clutch
from test.motion.robot import HOME, SIZE


def one(joint: int, position: float) -> np.ndarray:
    hand = np.full(SIZE, np.nan)
    hand[joint] = position
    return hand


def test_a_clutch_moves_as_the_hand_moves_from_where_the_arm_is():
    clutch = Clutch(HOME)
    clutch.move(one(2, 1.0))
    assert clutch.goal == pytest.approx(HOME)
    goals = clutch.move(one(2, 1.1))
    assert clutch.goal[2] == goals[2] == pytest.approx(HOME[2] + 0.1)
    assert np.delete(clutch.goal, 2) == pytest.approx(np.delete(HOME, 2))
    assert np.isnan(np.delete(goals, 2)).all()


@pytest.mark.parametrize('side', [1.0, -1.0])
def test_a_hand_beyond_a_limit_turns_the_arm_when_it_turns(side):
    clutch = Clutch(HOME, LIMITS)
    edge = (LIMITS.upper if side > 0 else LIMITS.lower)[3]
    clutch.move(one(3, 0.0))
    clutch.move(one(3, 3.0 * side))
    assert clutch.goal[3] == edge
    clutch.move(one(3, 2.9 * side))
    assert clutch.goal[3] == pytest.approx(edge - 0.1 * side)


def test_a_trembling_hand_at_a_limit_is_not_pushed_away_for_ever():
    rng = np.random.default_rng(0)
    clutch = Clutch(HOME, LIMITS)
    clutch.move(one(3, 0.0))
    tremble = 3.0 + np.clip(rng.normal(0.0, 0.003, 5000), -0.01, 0.01)
    goals = [clutch.move(one(3, position))[3] for position in tremble]
    assert min(goals[10:]) >= LIMITS.upper[3] - 0.02


def test_without_limits_nothing_is_dragged():
    clutch = Clutch(HOME)
    for position in (0.0, 3.0, 0.1):
        clutch.move(one(3, position))
    assert clutch.goal[3] == pytest.approx(HOME[3] + 0.1)


def test_a_clutch_is_never_approached():
    clutch = Clutch(HOME, LIMITS)
    clutch.move(HOME + 1.0)
    assert clutch.share(HOME - 1.0) == 1.0
    assert not clutch.approaching


def test_a_leader_that_is_elsewhere_is_approached_until_all_joints_have_arrived():
    hand, leader = Absolute(HOME, LIMITS), HOME + 0.3
    assert np.array_equal(hand.move(leader), hand.goal)
    assert hand.approaching
    q = leader - 0.04
    q[7] = leader[7] - NEAR - 1e-6
    assert hand.share(q) == APPROACH
    q[7] += 2e-6
    assert hand.share(q) == 1.0
    assert not hand.approaching


def test_a_lag_is_no_reason_to_approach_again_and_a_jump_is():
    hand = Absolute(HOME, LIMITS)
    hand.move(HOME)
    assert hand.share(HOME) == 1.0
    hand.move(HOME - 0.2)  # the arm may be that far behind at full speed
    assert hand.share(HOME) == 1.0
    hand.move(one(0, HOME[0] - 0.35))
    assert hand.share(HOME) == APPROACH
    assert hand.share(hand.goal + 0.04) == 1.0


def test_an_arm_whose_leader_comes_later_is_approached_too():
    hand = Absolute(HOME, LIMITS)
    hand.move(np.concatenate([HOME[:6], np.full(6, np.nan)]))
    assert hand.share(HOME) == 1.0
    hand.move(one(8, HOME[8] + 0.1))
    assert hand.approaching
    assert hand.share(HOME) == APPROACH


def test_goals_of_a_leader_stay_inside_the_limits():
    hand = Absolute(HOME, LIMITS)
    assert hand.move(np.full(SIZE, 9.0)) == pytest.approx(LIMITS.upper)
    assert LIMITS.excess(hand.goal).max() == 0.0
