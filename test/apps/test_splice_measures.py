"""The splice benchmark's measures, reactions and rules, on motions whose values are known."""

import numpy as np
import pytest

from fastwam_ros.apps.splice import metrics
from fastwam_ros.apps.splice.limited import TICK, Chase, Hermite, Residual
from fastwam_ros.apps.splice.methods import LIMITS
from fastwam_ros.apps.splice.reaction import floor, reaction
from fastwam_ros.apps.splice.rules import CrossFade, Grid, Mean, Newest, Told
from fastwam_ros.apps.splice.run import made
from fastwam_ros.apps.splice.scenarios import LEAD, REACH, SIZE, Delivery, Reach, Truth
from fastwam_ros.motion.limits import State

# Measures


def test_derivatives_of_a_cubic_are_exact():
    t = TICK * np.arange(100)[:, None]
    v, a, j = metrics.differences(2.0 * t**3, TICK)
    np.testing.assert_allclose(j, 12.0, rtol=1e-6)
    np.testing.assert_allclose(a[0], 12.0 * TICK, rtol=1e-6)
    np.testing.assert_allclose(v[0], 2.0 * TICK**2, rtol=1e-6)


def test_a_jump_is_what_velocity_does_not_allow():
    steps = np.array([[0.0, 0.0], [0.004, 0.0], [0.004, 0.1]])
    assert metrics.jump(steps, np.array([1.0, 2.0]), 0.005) == pytest.approx(0.09)
    assert metrics.jump(steps[:2], np.array([1.0, 2.0]), 0.005) == 0.0


def test_lag_and_error_of_a_motion_that_is_late():
    t = TICK * np.arange(2000)[:, None]
    wanted, late = np.sin(t), np.sin(t - 0.15)
    assert metrics.lag(late, wanted, TICK) == pytest.approx(0.15)
    assert metrics.error(late, wanted) == pytest.approx(
        2.0 * np.sin(0.075) * np.sqrt(0.5), rel=0.1
    )


def test_a_crossing_is_between_two_ticks():
    assert metrics.crossing(np.array([0.0, 0.4, 0.8]), 0.1) == pytest.approx(0.125)
    assert metrics.crossing(np.array([0.6]), 0.1) == 0.0
    assert metrics.crossing(np.array([0.0, 0.4]), 0.1) == np.inf


# Reactions


def one_reach() -> tuple[Truth, Reach]:
    still = np.zeros((1, SIZE))
    change = np.zeros(SIZE)
    change[3] = -LEAD
    reach = Reach(1.0, change, 3)
    return Truth((still, still, still), (reach,)), reach


def test_the_reaction_of_the_truth_delayed_is_its_delay():
    truth, reach = one_reach()
    times = metrics.ticks(0, 1000, TICK)
    assert reaction(truth, reach, truth.at(times)) == pytest.approx(0.0, abs=1e-9)
    assert reaction(truth, reach, truth.at(times - 0.2)) == pytest.approx(0.2, abs=1e-9)
    assert reaction(truth, reach, np.tile(truth.at(times[:1]), (1000, 1))) == np.inf


def test_the_floor_is_the_hardest_push_from_where_the_joint_stands():
    """0.15 rad from rest: the jerk up to 6 rad/s2 takes 75 ms, then it is a parabola."""
    truth, reach = one_reach()
    chunk = made('S0', 0, 3.0)[1][0].chunk
    coming = [Delivery(0.5, 0.4, chunk), Delivery(1.29, 1.1, chunk)]
    states = [State.rest(truth.at(np.zeros(1))[0])] * 1000
    ramp = 6.0 / 80.0
    v, q = 3.0 * ramp, 6.0 * ramp**2 / 6.0
    push = ramp + (np.sqrt(v**2 + 12.0 * (LEAD / 2.0 - q)) - v) / 6.0
    found = floor(truth, reach, coming, states, LIMITS)
    assert found == pytest.approx(0.29 + push - REACH / 2.0, abs=1e-3)
    assert floor(truth, reach, coming[:1], states, LIMITS) == np.inf


# Rules


def told(begin: float, value: float) -> Told:
    return Told(begin + 0.1 * np.arange(11), np.full((11, 1), value))


def test_rules_command_what_they_are_named_after():
    rising = Told(0.1 * np.arange(11), np.arange(11.0)[:, None])
    held, straight, first = Newest(Told.row), Newest(Told.at), Newest(Told.at, from_arrival=True)
    for rule in (held, straight, first):
        rule.begin(0.0, np.zeros(1))
        assert rule.at(0.2) == 0.0
        rule.take(0.25, rising)
    assert (held.at(0.47), straight.at(0.47)) == (4.0, pytest.approx(4.7))
    assert first.at(0.47) == pytest.approx(2.2)
    assert held.at(5.0) == straight.at(5.0) == 10.0


def test_rules_that_weigh_weigh_as_published():
    mean = Mean(4, lambda n: np.power(0.5, np.arange(n, 0.0, -1.0)))
    grid, fade = Grid(0.7), CrossFade(0.2)
    for rule in (mean, grid, fade):
        rule.begin(0.0, np.zeros(1))
        rule.take(0.2, told(0.0, 1.0))
        rule.take(0.6, told(0.5, 2.0))
    assert mean.at(0.7) == pytest.approx((2.0 + 0.5) / 1.5)
    assert mean.at(1.2) == 2.0  # the older one says nothing of it
    assert grid.at(0.75) == pytest.approx(0.3 + 1.4)
    assert grid.at(1.25) == 2.0
    assert fade.at(0.7) == pytest.approx(1.5)
    assert fade.at(0.8) == 2.0


def test_a_hand_is_followed_at_once_by_rules_without_limits_only():
    hand = np.full(SIZE, 0.3)
    for rule, at_once in (
        (Hermite(), True),
        (Residual(LIMITS), True),
        (Chase(LIMITS, 0.0), False),
    ):
        rule.begin(0.0, np.zeros(SIZE))
        command = rule.follow(TICK, hand)
        assert (command == hand).all() == at_once
        rule.release(TICK, command)
        assert np.abs(rule.at(2.0 * TICK) - command).max() < 1e-3
