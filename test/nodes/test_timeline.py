"""A clock that is set moves no age: own time goes on, and stamps find their way in and out."""

import pytest

from fastwam_ros.nodes.timeline import Timeline

MS = 1_000_000
START = 1_700_000_000_000 * MS


@pytest.mark.parametrize('step', [30_000 * MS, -2_000 * MS, 50 * MS])
def test_own_time_goes_on_through_a_step(step):
    line = Timeline(0, START)
    before = line.own(5 * MS, START + 5 * MS)
    assert before == START + 5 * MS
    # The clock is set before the tick that tells so: readings of that moment go on as well.
    assert line.own(7 * MS, START + 7 * MS + step) == START + 7 * MS
    line.tick(10 * MS, START + 10 * MS + step, step)
    assert line.own(12 * MS, START + 12 * MS + step) == START + 12 * MS


def test_a_stamp_after_the_step_is_of_now():
    line = Timeline(0, START)
    line.tick(5 * MS, START + 5 * MS + 30_000 * MS, 30_000 * MS)
    taken = START + 6 * MS + 30_000 * MS
    assert line.of(taken) == START + 6 * MS
    assert line.ros(line.of(taken)) == taken


def test_without_a_step_it_is_ros_time_with_its_drift():
    line = Timeline(0, START)
    for k in range(1, 1000):
        drift = 10_000 * k  # [ns]: two parts in a thousand
        line.tick(5 * MS * k, START + 5 * MS * k + drift, 0)
        assert line.own(5 * MS * k, START + 5 * MS * k + drift) == START + 5 * MS * k + drift
    assert line.set_by == 0


def test_no_stamp_stays_none():
    line = Timeline(0, START)
    line.tick(5 * MS, START, 7 * MS)
    assert line.of(0) == 0
    assert line.ros(0) == 0
