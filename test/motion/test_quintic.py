"""Polynomial bridges: they meet both states, and know which joints they may take."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.limits import State
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.quintic import Mixed, Quintic, quintic
from fastwam_ros.motion.splice import Splice, rendezvous
from fastwam_ros.motion.stop import MARGIN
from test.motion.robot import HOME, SIZE, STEP, ratios, wave

BOUNDS = LIMITS.share(MARGIN)


def random_state(rng: np.random.Generator, share: float) -> State:
    q = HOME + rng.uniform(-0.1, 0.1, SIZE)
    v = share * rng.uniform(-1.0, 1.0, SIZE) * LIMITS.velocity
    return State(q, v, share * rng.uniform(-1.0, 1.0, SIZE) * LIMITS.acceleration)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), duration=st.floats(0.2, 2.0))
def test_it_joins_both_states(seed, duration):
    rng = np.random.default_rng(seed)
    begin, end = random_state(rng, 0.5), random_state(rng, 0.5)
    found = quintic(begin, end, duration)
    for state, wanted in ((found.at(0.0), begin), (found.at(duration), end)):
        for value, want in zip(state, wanted, strict=True):
            assert value == pytest.approx(want, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), duration=st.floats(0.2, 1.5))
def test_a_joint_that_it_may_take_keeps_every_bound(seed, duration):
    rng = np.random.default_rng(seed)
    begin, end = random_state(rng, 0.4), random_state(rng, 0.4)
    found = quintic(begin, end, duration)
    inside = found.inside(BOUNDS, begin)
    fine = np.array([found.at(float(u)).q for u in np.arange(0.0, duration, 0.001)])
    if len(fine) > 4:
        steps = [np.abs(np.diff(fine, n, axis=0)).max(axis=0) / 0.001**n for n in (1, 2, 3)]
        for values, limit in zip(
            steps, (LIMITS.velocity, LIMITS.acceleration, LIMITS.jerk), strict=True
        ):
            assert (values[inside] <= limit[inside] * (1.0 + 1e-4)).all()


def test_a_joint_beyond_a_bound_may_not_go_by_it():
    begin = State.rest(HOME)
    far = HOME.copy()
    far[4] += 0.5
    inside = quintic(begin, State.rest(far), 0.3).inside(BOUNDS, begin)
    assert np.flatnonzero(~inside).tolist() == [4]


@pytest.mark.parametrize('smooth', [False, True])
def test_a_splice_uses_it_where_it_may(smooth):
    times = np.arange(32) * STEP - 0.2
    rows = np.array([wave(-0.2 + k * STEP) for k in range(32)])
    begin = wave(0.0)
    begin[0] += 0.25
    found = rendezvous(LIMITS, Plan.hold(0, begin), 0, times, rows, smooth=smooth)
    assert isinstance(found, Splice)
    bridge = found.plan.segments[0]
    if smooth:
        assert isinstance(bridge, Quintic)
    else:
        assert isinstance(bridge, Mixed)
        assert bridge.which[1:].all()
        assert not bridge.which[0]
    sent = np.array([found.plan.after(k * 0.005).q for k in range(400)])
    assert (ratios(LIMITS, sent) <= 0.975).all()


def test_the_smooth_bridge_has_less_jerk_and_takes_longer():
    times = np.arange(32) * STEP - 0.2
    rows = np.array([wave(-0.2 + k * STEP) for k in range(32)])
    figures = {}
    for smooth in (False, True):
        found = rendezvous(LIMITS, Plan.hold(0, wave(0.0) + 0.2), 0, times, rows, smooth=smooth)
        sent = np.array([found.plan.after(k * 0.005).q for k in range(300)])
        jerk = np.diff(sent, 3, axis=0) / 0.005**3
        figures[smooth] = (found.met, float(np.sqrt(np.mean(jerk**2))))
    assert figures[True][0] > figures[False][0]
    assert figures[True][1] < 0.7 * figures[False][1]
