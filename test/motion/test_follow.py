"""Following a hand: bounded whatever it does, there in the end, and in words when it cannot."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.follow import Clutch, Follower
from fastwam_ros.motion.limits import State
from test.motion.robot import HOME, SIZE, ratios


def test_a_jump_of_the_target_is_reached_inside_the_limits():
    follower = Follower(LIMITS, 0.005, State.rest(HOME))
    goal = HOME + 0.4
    path = np.array([follower.step(goal).q for _ in range(400)])
    assert (ratios(LIMITS, np.vstack([HOME, path])) <= 0.975).all()
    assert path[-1] == pytest.approx(np.clip(goal, LIMITS.lower, LIMITS.upper), abs=1e-6)


def test_a_target_beyond_a_limit_is_followed_up_to_it():
    follower = Follower(LIMITS, 0.005, State.rest(HOME))
    path = np.array([follower.step(np.full(SIZE, 9.0)).q for _ in range(1500)])
    assert LIMITS.excess(path).max() < 1e-9
    assert path[-1] == pytest.approx(LIMITS.upper, abs=1e-6)


def test_it_takes_over_a_motion_under_way():
    speed = 0.5 * LIMITS.velocity
    state = State(HOME, speed, np.zeros(SIZE))
    follower = Follower(LIMITS, 0.005, state)
    path = np.array([HOME - 0.005 * speed, HOME, *(follower.step(HOME).q for _ in range(300))])
    assert (ratios(LIMITS, path[1:])[1:] <= 0.98).all()
    assert path[-1] == pytest.approx(HOME, abs=1e-6)


def test_a_target_that_is_none_is_an_error_and_no_motion():
    follower = Follower(LIMITS, 0.005, State.rest(HOME))
    with pytest.raises(ArithmeticError, match='no motion towards'):
        follower.step(np.full(SIZE, np.nan))


def test_a_clutch_moves_as_the_hand_moves_from_where_the_arm_is():
    clutch = Clutch(HOME)
    hand = np.full(SIZE, np.nan)
    hand[2] = 1.0
    clutch.move(hand)
    assert clutch.goal == pytest.approx(HOME)
    hand[2] = 1.1
    clutch.move(hand)
    assert clutch.goal[2] == pytest.approx(HOME[2] + 0.1)
    assert np.delete(clutch.goal, 2) == pytest.approx(np.delete(HOME, 2))
