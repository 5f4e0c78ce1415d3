"""One instant of a plan and many at once are the same motion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from fastwam_ros.motion.plan import Hold, Path, Plan, Reel

TIMES = np.array([-0.3, 0.0, 0.1, 0.25, 0.6, 0.7])
SPLINE = CubicSpline(TIMES, np.random.default_rng(3).normal(size=(6, 4)))


@given(
    u=st.floats(0.0, 1.5),
    begin=st.floats(-0.3, 0.3),
    slow=st.floats(1.0, 4.0),
)
def test_a_path_at_one_instant_is_the_path_at_many(u, begin, slow):
    path = Path(SPLINE, begin, slow, duration=0.4 * slow)
    for one, many in zip(path.at(u), path.over(np.array([u])), strict=True):
        assert one == pytest.approx(many[0], abs=1e-9)


@pytest.mark.parametrize('knot', TIMES[1:-1])
def test_a_path_passes_its_rows(knot):
    path = Path(SPLINE, TIMES[0], 2.0, duration=2.0 * (TIMES[-1] - TIMES[0]))
    u = float(2.0 * (knot - TIMES[0]))
    assert path.at(u).q == pytest.approx(SPLINE(knot), abs=1e-12)


def test_a_plan_that_does_not_end_is_refused():
    path = Path(SPLINE, 0.0, 1.0, duration=0.5)
    with pytest.raises(ValueError, match='append a Hold'):
        Plan(0, (path,))


def test_a_reel_has_the_states_of_its_plan_whatever_is_asked_for():
    plans = [Plan(0, (Path(SPLINE, 0.0, 1.3, 0.6), Hold(np.full(4, k)))) for k in (1.0, 2.0)]
    reel, period = Reel(5_000_000), 5_000_000
    asked = [*range(25), 25, 25, 7, 8, 60, 61, 200, 3]
    for tick, plan in [(t, plans[0]) for t in asked] + [(t, plans[t % 2]) for t in range(30)]:
        for t in (tick * period, tick * period + 1_234_567):
            for found, known in zip(reel.at(plan, t), plan.at(t), strict=True):
                np.testing.assert_allclose(found, known, rtol=0.0, atol=1e-12)
