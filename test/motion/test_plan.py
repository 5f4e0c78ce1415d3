"""One instant of a plan and many at once are the same motion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from fastwam_ros.motion.plan import Path, Plan

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
