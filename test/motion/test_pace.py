"""Another timing of the same path: slower, or to rest, with all limits kept and nothing left."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion import pace
from fastwam_ros.motion.limits import SECOND, State
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.splice import Splice, rendezvous
from test.motion.robot import HOME, PERIOD, SIZE, STEP, ratios, wave

TIMES = np.arange(32) * STEP - 0.2


@pytest.fixture(scope='module')
def plan():
    """A lively plan that is a plan's business: bridge, path and stop."""
    rows = np.array([wave(-0.2 + k * STEP, 0.4) for k in range(32)])
    found = rendezvous(LIMITS, Plan.hold(0, wave(0.0, 0.4)), 0, TIMES, rows)
    assert isinstance(found, Splice)
    return found.plan


def commands(plan: Plan, other: Plan, at: int, seconds: float = 3.0) -> np.ndarray:
    """What is commanded when `other` takes over from `plan` at plan time `at`."""
    ticks = np.arange(0, round(seconds * SECOND), PERIOD)
    return np.array([(plan if t < at else other).at(int(t)).q for t in ticks])


def on_path(plan: Plan, q: np.ndarray) -> float:
    """The largest distance of positions [N, D] from the plan's path."""
    path = plan.sample(np.arange(0.0, plan.duration + 0.01, 0.001)).q
    return max(float(np.abs(path - row).max(axis=1).min()) for row in q)


@pytest.mark.parametrize('at', [0.5, 0.8, 1.1])
def test_a_stop_stays_on_the_path_inside_the_limits_and_rests(plan, at):
    now = round(at * SECOND)
    stop = pace.stop(LIMITS, plan, now)
    sent = commands(plan, stop, now)
    assert (ratios(LIMITS, sent) <= 1.0 + 1e-6).all()
    assert on_path(plan, sent[::10]) < 2e-3
    assert np.ptp(sent[-50:], axis=0).max() == 0.0
    assert stop.duration < plan.left(now) / SECOND + 2.0


@pytest.mark.parametrize('rate', [0.3, 0.5, 0.9])
def test_a_slower_plan_ends_where_the_plan_ends_and_later(plan, rate):
    now = round(0.6 * SECOND)
    slower = pace.slow(LIMITS, plan, now, rate)
    sent = commands(plan, slower, now, 8.0)
    assert (ratios(LIMITS, sent) <= 1.0 + 1e-6).all()
    assert on_path(plan, sent[::20]) < 2e-3
    end = plan.at(plan.start + round((plan.duration + 1.0) * SECOND)).q
    assert sent[-1] == pytest.approx(end, abs=1e-9)
    assert slower.duration > 0.9 * (plan.duration - 0.6) / rate - 1.0
    late = now + round(0.8 * SECOND)  # the change of pace is over
    speed = np.abs(slower.at(late).v).max()
    passed = slower.segments[0].end + rate * (0.8 - slower.ends[0])
    assert speed == pytest.approx(rate * np.abs(plan.after(passed).v).max(), rel=1e-6)


def test_it_rests_before_an_instant_and_begins_as_late_as_it_can(plan):
    now, end = round(0.5 * SECOND), 1.4
    stop = pace.stop_before(LIMITS, plan, now, end)
    sent = commands(plan, stop, now)
    assert (ratios(LIMITS, sent) <= 1.0 + 1e-6).all()
    assert sent[-1] == pytest.approx(plan.after(end).q, abs=1e-9)
    kept = round((stop.ends[0] + 0.5) * SECOND) // PERIOD
    untouched = np.array([plan.at(k * PERIOD).q for k in range(kept)])
    assert sent[:kept] == pytest.approx(untouched, abs=1e-12)
    assert stop.ends[0] > 0.3


def test_an_instant_that_is_too_near_cannot_be_stopped_before(plan):
    assert pace.stop_before(LIMITS, plan, round(0.5 * SECOND), 0.55) is None


def test_a_standing_plan_is_stopped_and_slowed_at_once():
    plan = Plan.hold(0, HOME)
    for other in (pace.stop(LIMITS, plan, SECOND), pace.slow(LIMITS, plan, SECOND, 0.5)):
        assert np.ptp(commands(plan, other, SECOND), axis=0).max() == 0.0


def test_a_path_that_leaves_no_room_is_not_slowed_quickly():
    """At full speed while the speed falls as fast as allowed, slowing more would break a limit."""
    limits = LIMITS

    class Hard:
        """Braking with all the acceleration there is."""

        duration = 0.2

        def at(self, u):
            return self.over(np.array([u]))

        def over(self, us):
            x = us[:, None]
            a = -limits.acceleration * np.ones((len(us), SIZE))
            v = limits.velocity + a * x
            return State(HOME + limits.velocity * x + 0.5 * a * x**2, v, a)

    hard = Hard()
    ahead = hard.over(np.arange(0.0, 0.2, 0.005))
    assert not pace._inside(limits, ahead, 0.3, 0.0, 0.005)


def lively(seed: int) -> Plan:
    random = np.random.default_rng(seed)
    rows = wave(0.0) + np.cumsum(random.normal(0.0, 0.05, (32, SIZE)), axis=0)
    found = rendezvous(LIMITS, Plan.hold(0, wave(0.0)), 0, TIMES, rows)
    assert isinstance(found, Splice)
    return found.plan


def test_a_stop_within_a_change_of_pace_keeps_the_jerk_of_short_ticks_too():
    """Where a ramp leads over a ramp the jerk falls within milliseconds."""
    worst = {pace.STEP: 0.0, 0.002: 0.0}
    for step in worst:
        for seed in range(12):
            plan, begun = lively(seed), round(0.35 * SECOND)
            slower = pace.slow(LIMITS, plan, begun, 0.5, step)
            for later in () if slower is None else (0.02, 0.06, 0.1, 0.2):
                now = begun + round(later * SECOND)
                stop = pace.stop(LIMITS, slower, now, step)
                if stop is not None:
                    us = np.arange(0.0, stop.duration + 0.01, 0.002)
                    jerk = np.abs(np.diff(stop.sample(us).q, 3, axis=0)).max(axis=0) / 0.002**3
                    worst[step] = max(worst[step], float((jerk / LIMITS.jerk).max()))
    assert 0.9 < worst[0.002] <= 1.0 + 1e-4
    assert worst[0.002] < worst[pace.STEP]
