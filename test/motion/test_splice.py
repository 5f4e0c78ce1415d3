"""The splice keeps every bound between any two ticks; each trap that broke one is a test."""

import numpy as np
import pytest
from ruckig import Trajectory
from scipy.interpolate import CubicSpline

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.limits import State
from fastwam_ros.motion.plan import Jerks, Path, Plan
from fastwam_ros.motion.splice import (
    MEETINGS,
    Refusal,
    Splice,
    bridge,
    rendezvous,
    slowing,
    waypoints,
)
from fastwam_ros.motion.spline import through
from fastwam_ros.motion.stop import MARGIN, quickest
from test.motion.robot import HOME, PERIOD, SIZE, STEP, ratios, wave

TIMES = np.arange(32) * STEP - 0.2


def sampled(plan: Plan, seconds: float) -> np.ndarray:
    count = int(seconds / 0.005)
    return np.array([plan.at(plan.start + k * PERIOD).q for k in range(count)])


def rows(begin: float = -0.2, swing: float = 0.2) -> np.ndarray:
    return np.array([wave(begin + k * STEP, swing) for k in range(32)])


def test_joins_the_chunk_and_ends_at_rest():
    found = rendezvous(LIMITS, Plan.hold(0, wave(0.0)), 0, TIMES, rows())
    assert isinstance(found, Splice)
    commands = sampled(found.plan, found.plan.duration + 0.1)
    assert (ratios(LIMITS, commands) <= 0.975).all()
    meeting = int(found.met / 0.005) + 1
    truth = np.array([wave(k * 0.005) for k in range(meeting, meeting + 150)])
    assert np.abs(commands[meeting : meeting + 150] - truth).max() < 0.004  # the filter's part
    assert np.abs(np.diff(commands[-10:], axis=0)).max() == 0.0


def test_meets_at_the_smallest_feasible_time():
    far = rendezvous(LIMITS, Plan.hold(0, wave(0.0) + 0.2), 0, TIMES, rows())
    near = rendezvous(LIMITS, Plan.hold(0, wave(0.0)), 0, TIMES, rows())
    assert isinstance(far, Splice)
    assert isinstance(near, Splice)
    assert near.met < far.met
    shorter = [t for t in MEETINGS if t < far.met]
    bounds = LIMITS.share(MARGIN)
    state = State.rest(wave(0.0) + 0.2)
    path = far.plan.segments[1]
    assert isinstance(path, Path)
    whole = Path(path.spline, 0.0, far.slow, far.plan.ends[1])
    assert all(bridge(bounds, state, whole.at(t), t) is None for t in shorter)


def test_a_bridge_that_is_nearly_short_enough_is_refused():
    """A tolerance of 0.1 ms on the duration once was a jerk of 6.7 times the limit."""
    bounds = LIMITS.share(MARGIN)
    state, target = State.rest(HOME), State.rest(HOME + 0.3)
    fastest = next(t for t in np.arange(0.3, 2.0, 0.001) if bridge(bounds, state, target, t))
    exact = bridge(bounds, state, target, float(fastest) + 1.0)
    assert isinstance(exact, Jerks)
    assert exact.duration == pytest.approx(float(fastest) + 1.0, abs=1e-9)
    assert bridge(bounds, state, target, float(fastest) - 1e-3) is None


def test_a_meeting_state_beyond_the_bounds_is_no_meeting():
    """Clipping it would be a step in acceleration where the bridge ends."""
    bounds = LIMITS.share(MARGIN)
    v, a = np.zeros(SIZE), np.zeros(SIZE)
    a[3] = 1.01 * bounds.acceleration[3]
    assert bridge(bounds, State.rest(HOME), State(HOME + 0.1, v, a), 2.0) is None
    v[0], a[0] = 0.98 * bounds.velocity[0], 3.0  # cannot be shed before the velocity bound
    a[3] = 0.0
    assert bridge(bounds, State.rest(HOME), State(HOME + 0.1, v, a), 2.0) is None


def test_a_state_that_ruckig_refuses_is_no_bridge_and_no_crash():
    bounds = LIMITS.share(MARGIN)
    v = np.zeros(SIZE)
    v[4] = 1.5 * bounds.velocity[4]
    a = np.full(SIZE, np.nan)
    for state in (State(HOME, v, np.zeros(SIZE)), State(HOME, np.zeros(SIZE), a)):
        found = bridge(bounds, state, State.rest(HOME + 0.1), 1.0)
        assert found is None or np.isfinite(found.at(0.5).q).all()


def test_acceleration_is_judged_at_the_knots():
    """It is piecewise linear: a grid between the knots sees less than there is."""
    zigzag = np.tile(HOME, (32, 1))
    zigzag[16, 0] += 0.02
    spline, inside = through(LIMITS, TIMES, zigzag)
    assert inside
    slow, joint = slowing(LIMITS, spline, 0.0, float(TIMES[-3]))
    peak = np.abs(spline(TIMES, 2)[:, 0]).max()
    assert joint == 'left_arm_joint1'
    assert peak / slow**2 <= MARGIN**2 * LIMITS.acceleration[0] * (1.0 + 1e-9)


def test_the_stop_tail_starts_with_the_spline_s_acceleration():
    """A spline's end has some; a stop that ignored it once was a jerk of 9 times the limit."""
    steep = rows()
    steep[24:, 2] += 0.02 * np.arange(8) ** 1.5 / 8
    found = rendezvous(LIMITS, Plan.hold(0, wave(0.0)), 0, TIMES, steep)
    assert isinstance(found, Splice)
    assert (ratios(LIMITS, sampled(found.plan, found.plan.duration + 0.1)) <= 0.975).all()


def test_ruckig_s_overshoot_of_the_velocity_bound_is_seen():
    """From a high acceleration near the bound Ruckig brakes too late."""
    bounds = LIMITS.share(MARGIN)
    v, a = np.zeros(SIZE), np.zeros(SIZE)
    v[0], a[0] = 0.99 * bounds.velocity[0], bounds.acceleration[0]
    state = State(HOME, v, a)
    for duration in (0.5, 1.0, 2.0):
        found = bridge(bounds, state, State.rest(HOME + 0.5), duration)
        if found is not None:
            speeds = [np.abs(found.at(u).v[0]) for u in np.linspace(0, found.duration, 500)]
            assert max(speeds) <= 1.005 * bounds.velocity[0]


def test_too_fast_a_chunk_is_slowed_on_its_path():
    fast = np.tile(HOME, (32, 1))
    fast[:, 0] += 0.6 * np.sin(2.0 * TIMES)
    found = rendezvous(LIMITS, Plan.hold(0, HOME), 0, TIMES, fast * 1.0)
    assert isinstance(found, Splice)
    faster = np.tile(HOME, (32, 1))
    faster[:, 0] += 1.0 * np.sin(3.0 * TIMES)
    slowed = rendezvous(LIMITS, Plan.hold(0, HOME), 0, TIMES, faster)
    assert isinstance(slowed, Splice)
    assert slowed.slow > found.slow >= 1.0
    assert slowed.slowed_by == 'left_arm_joint1'
    commands = sampled(slowed.plan, slowed.plan.duration)
    assert (ratios(LIMITS, commands) <= 0.975).all()
    met = slowed.plan.ends[0]
    path, _ = through(LIMITS, TIMES, waypoints(LIMITS, faster))
    for u in np.linspace(met, slowed.plan.ends[1] - 0.01, 20):
        q = slowed.plan.after(float(u)).q
        assert np.abs(q - path(u / slowed.slow)).max() < 1e-9


def test_white_noise_is_refused_by_name():
    rng = np.random.default_rng(3)
    noisy = rows() + rng.normal(0.0, 0.3, (32, SIZE))
    found = rendezvous(LIMITS, Plan.hold(0, wave(0.0)), 0, TIMES, noisy)
    assert isinstance(found, Refusal)
    assert found.verdict == 'too_fast'
    assert 'joint' in found.detail


def test_rows_on_a_limit_do_not_swing_past_it():
    """The rest pose lies on two limits, and a spline between two rows on one overshoots it."""
    resting = np.zeros((32, SIZE))
    resting[:, 1] = np.maximum(0.0, 0.3 * np.sin(2.0 * TIMES))
    resting[:, 2] = -np.maximum(0.0, 0.3 * np.sin(2.0 * TIMES))
    found = rendezvous(LIMITS, Plan.hold(0, np.zeros(SIZE)), 0, TIMES, resting)
    assert isinstance(found, Splice)
    commands = sampled(found.plan, found.plan.duration + 0.2)
    assert LIMITS.excess(commands).max() < 2e-3
    assert (ratios(LIMITS, commands) <= 0.975).all()


@pytest.mark.parametrize('count', [2, 4, 5])
def test_too_short_a_chunk_is_refused_by_name(count):
    found = rendezvous(LIMITS, Plan.hold(0, HOME), 0, TIMES[:count], np.tile(HOME, (count, 1)))
    assert isinstance(found, Refusal)
    assert found.verdict == 'too_short'


def test_a_plan_keeps_its_promise_only_from_its_start_on():
    with pytest.raises(ValueError, match='before the plan starts'):
        Plan.hold(PERIOD, HOME).at(0)
    with pytest.raises(ValueError, match='for ever'):
        Plan(0, (Jerks(Trajectory(SIZE), 1.0),))


@pytest.mark.parametrize('broken', ['q', 'v', 'a'])
def test_a_state_that_is_none_has_no_stop(broken):
    parts = {name: np.zeros(SIZE) for name in 'qva'}
    parts[broken][5] = np.nan
    with pytest.raises(ArithmeticError, match='no stop from'):
        quickest(LIMITS, State(**parts))


def test_quickest_stop_of_a_moving_state_is_bounded():
    rng = np.random.default_rng(0)
    for _ in range(50):
        v = rng.uniform(-0.9, 0.9, SIZE) * LIMITS.velocity
        a = rng.uniform(-0.9, 0.9, SIZE) * LIMITS.acceleration
        plan = Plan(0, quickest(LIMITS, State(HOME, v, a)))
        commands = sampled(plan, plan.duration + 0.05)
        assert (ratios(LIMITS, commands)[1:] <= 0.98).all()
        assert plan.duration < 2.0 * LIMITS.stop_time


@pytest.mark.parametrize('count', [4, 32, 128, 129, 1000])
@pytest.mark.parametrize('step', [0.01, 1.0 / 15.0])
def test_the_spline_is_the_one_of_the_library(count, step):
    """Whichever way its coefficients are found: see scipy.interpolate.CubicSpline."""
    rng = np.random.default_rng(count)
    rows = 0.3 * rng.standard_normal((count, SIZE)) * step + 0.5 * (LIMITS.lower + LIMITS.upper)
    times = -0.2 + step * np.arange(count)
    found, inside = through(LIMITS, times, rows)
    ends = ((1, (rows[1] - rows[0]) / step), (1, (rows[-1] - rows[-2]) / step))
    known = CubicSpline(times, rows, bc_type=ends)
    assert inside
    at = np.linspace(times[0], times[-1], 500)
    for order, scale in enumerate((1.0, 1.0, 1.0 / step, 1.0 / step**2)):
        gap = np.abs(found(at, order) - known(at, order)).max()
        assert gap <= 1e-9 * scale, order
