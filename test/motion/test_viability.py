"""Stopping inside the position limits from anywhere: the closed form, and plans that keep it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion import pace
from fastwam_ros.motion.limits import State
from fastwam_ros.motion.plan import Path, Plan
from fastwam_ros.motion.splice import Refusal, Splice, _assemble, bridge, rendezvous
from fastwam_ros.motion.stop import MARGIN, beyond, quickest
from fastwam_ros.motion.viability import stranded, way

SIZE = len(LIMITS.names)
WIDE = replace(LIMITS, lower=np.full(SIZE, -99.0), upper=np.full(SIZE, 99.0))
BOUNDS = LIMITS.share(MARGIN)
TIMES = np.arange(32) / 15.0


def states(count: int, seed: int = 0) -> State:
    """Random states [count, D] that keep the velocity and acceleration limits."""
    random = np.random.default_rng(seed)
    v = random.uniform(-1.0, 1.0, (count, SIZE)) * BOUNDS.velocity
    a = random.uniform(-1.0, 1.0, (count, SIZE)) * BOUNDS.acceleration
    v[::7], a[::11] = 0.0, 0.0
    return State(np.zeros((count, SIZE)), v, a)


def test_no_stop_gets_farther_than_the_closed_form_says():
    q, v, a = states(300)
    forward, back = way(WIDE, v, a), way(WIDE, -v, -a)
    for n in range(len(q)):
        low, high = quickest(WIDE, State(q[n], v[n], a[n]))[0].reach()
        assert (high <= forward[n] + 1e-6).all() and (-low <= back[n] + 1e-6).all()


def test_pushing_forward_the_closed_form_is_exact():
    q, v, a = states(200)
    v, a = np.abs(v), np.abs(a)
    forward = way(WIDE, v, a)
    high = [quickest(WIDE, State(*rows))[0].reach()[1] for rows in zip(q, v, a, strict=True)]
    np.testing.assert_allclose(high, forward, atol=1e-6)


def test_a_joint_at_rest_on_its_limit_is_not_stranded():
    q = np.stack([LIMITS.lower, LIMITS.upper])
    assert stranded(LIMITS, State.rest(q)) is None


def test_the_first_state_that_cannot_be_stopped_is_named_with_its_joint():
    q = np.tile(0.5 * (LIMITS.lower + LIMITS.upper), (4, 1))
    v = np.zeros_like(q)
    q[2:, 3], v[2:, 3] = LIMITS.upper[3] - 0.01, LIMITS.velocity[3]
    assert stranded(LIMITS, State(q, v, np.zeros_like(q))) == (2, LIMITS.names[3])


def test_outside_a_limit_only_the_way_in_is_free():
    q = np.tile(0.5 * (LIMITS.lower + LIMITS.upper), (1, 1))
    v = np.zeros_like(q)
    q[0, 1], v[0, 1] = LIMITS.upper[1] + 0.01, -0.5
    assert stranded(LIMITS, State(q, v, np.zeros_like(q))) is None
    assert stranded(LIMITS, State(q, -v, np.zeros_like(q))) == (0, LIMITS.names[1])


def test_a_state_that_is_none_cannot_be_stopped():
    q = np.zeros((1, SIZE))
    v = np.full_like(q, 99.0)
    assert stranded(LIMITS, State(q, v, np.full_like(q, np.inf))) is not None


def towards(seed: int) -> tuple[Plan, np.ndarray]:
    """A pose near limits, and rows that swing along them, often faster than stops allow."""
    random = np.random.default_rng(seed)
    near = np.where(random.random(SIZE) < 0.5, LIMITS.lower, LIMITS.upper)
    middle = 0.5 * (LIMITS.lower + LIMITS.upper)
    begin = near + random.uniform(0.0, 0.3, SIZE) * np.sign(middle - near)
    rate = random.uniform(0.5, 4.0, SIZE)
    swing = random.uniform(0.05, 0.5, SIZE) * np.sin(rate * TIMES[:, None] + random.uniform(0, 6))
    rows = np.clip(begin + swing - swing[0], LIMITS.lower, LIMITS.upper)
    return Plan.hold(0, begin), rows


def test_every_instant_of_a_plan_can_be_stopped_inside_the_limits():
    plans = [rendezvous(LIMITS, plan, 0, TIMES, rows) for plan, rows in map(towards, range(40))]
    plans = [found.plan for found in plans if isinstance(found, Splice)]
    assert len(plans) > 20  # the others swing past a limit between rows
    for plan in plans:
        for u in np.arange(0.0, plan.duration, 0.02):
            state = plan.after(float(u))
            assert not beyond(LIMITS, quickest(LIMITS, state)[0], state).any(), u


def straight_at_a_limit(left: float) -> Splice | Refusal:
    """A plan whose path leads at 1.2 rad/s up to `left` rad before a joint's upper limit."""
    end = 0.5 * (LIMITS.lower + LIMITS.upper)
    end[3] = LIMITS.upper[3] - left
    rate = np.zeros(SIZE)
    rate[3] = 1.2
    path = Path(CubicSpline(TIMES, end + rate * (TIMES[:, None] - TIMES[-1])), 0.0, 1.0, TIMES[-1])
    began = State(path.at(0.0).q + 0.3 * rate, np.zeros(SIZE), np.zeros(SIZE))
    onto = bridge(BOUNDS, began, path.at(0.6), 0.6)
    assert onto is not None
    return _assemble(LIMITS, 0, path, onto, '')


@pytest.mark.parametrize('left', [0.01, 0.1])
def test_a_plan_that_leads_too_fast_to_a_limit_rests_before_it(left):
    found = straight_at_a_limit(left)
    assert isinstance(found, Splice)
    assert found.plan.after(found.plan.duration).q[3] <= LIMITS.upper[3]
    assert stranded(LIMITS, found.plan.sample(np.arange(0.0, found.plan.duration, 0.01))) is None


def test_a_plan_that_cannot_rest_before_a_limit_either_is_refused(monkeypatch):
    monkeypatch.setattr(pace, 'stop_before', lambda *given: None)
    found = straight_at_a_limit(0.01)
    assert isinstance(found, Refusal) and found.verdict == 'no_stop'
    assert 'left_arm_joint4 could not be stopped inside its position limits' in found.detail
