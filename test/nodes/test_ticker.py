"""Deadlines and stamps: on a grid while in time, a new grid after a late tick, never a hurry."""

from fastwam_ros.nodes.ticker import Ticker

PERIOD, MS = 5_000_000, 1_000_000
ROS = 10**18


def test_stamps_stay_on_the_grid_whatever_the_jitter():
    ticker = Ticker(PERIOD, 0)
    ticks = [
        ticker.tick(k * PERIOD + jitter, ROS + k * PERIOD + jitter)
        for k, jitter in enumerate((0, 900, 40_000, 2 * MS, 10), 1)
    ]
    assert [t.stamp - ROS for t in ticks] == [k * PERIOD for k in range(1, 6)]
    assert [t.anew for t in ticks] == [True, False, False, False, False]
    assert [t.number for t in ticks] == [1, 2, 3, 4, 5]
    assert not any(t.late for t in ticks)


def test_a_late_tick_begins_a_new_grid_and_is_not_caught_up():
    ticker = Ticker(PERIOD, 0)
    ticker.tick(PERIOD, ROS + PERIOD)
    late = ticker.tick(2 * PERIOD + 7 * MS, ROS + 2 * PERIOD + 7 * MS)
    assert late.late
    assert late.anew
    assert late.stamp == ROS + 2 * PERIOD + 7 * MS
    assert ticker.remaining(2 * PERIOD + 7 * MS) == PERIOD


def test_stamps_follow_a_ros_clock_that_is_set():
    ticker = Ticker(PERIOD, 0)
    ticker.tick(PERIOD, ROS + PERIOD)
    on = ticker.tick(2 * PERIOD, ROS + 2 * PERIOD + 30 * MS)
    assert (on.anew, on.late) == (True, False)
    assert on.stamp == ROS + 2 * PERIOD + 30 * MS
    assert ticker.remaining(2 * PERIOD) == PERIOD
