"""Deadlines and stamps: on a grid while in time, a new grid after a late tick, never a hurry.

On a clock that is told: one tick per period of it, whatever the wall clock does.
"""

from fastwam_ros.nodes.ticker import ClockTicker, Ticker

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


def stamps(ticker: ClockTicker, ros: int) -> list[int]:
    return [(tick.stamp - ROS) // MS for tick in ticker.due(ros)]


def test_each_period_of_a_told_clock_is_one_tick():
    ticker = ClockTicker(PERIOD)
    assert stamps(ticker, 0) == []  # nobody told the time yet
    assert [stamps(ticker, ROS + ms * MS) for ms in (0, 4, 5, 12, 31)] == [
        [0],
        [],
        [5],
        [10],
        [15, 20, 25, 30],
    ]


def test_a_told_clock_that_stands_gives_no_tick_and_is_never_late():
    ticker = ClockTicker(PERIOD)
    first = next(ticker.due(ROS))
    assert (first.number, first.anew, first.late, first.lateness) == (1, True, False, None)
    assert [stamps(ticker, ROS) for _ in range(100)] == [[]] * 100
    assert next(ticker.due(ROS + PERIOD)).number == 2


def test_a_leap_is_not_ticked_through():
    ticker = ClockTicker(PERIOD)
    assert stamps(ticker, ROS) == [0]
    assert stamps(ticker, ROS + 200 * MS) == list(range(5, 205, 5))
    leap = list(ticker.due(ROS + 1000 * MS))
    assert [(tick.stamp - ROS) // MS for tick in leap] == [1000]
    assert leap[0].anew


def test_a_told_clock_that_goes_back_is_noticed_and_begins_a_new_grid():
    ticker = ClockTicker(PERIOD)
    assert stamps(ticker, ROS + 50 * MS) == [50]
    assert ticker.back(ROS + 50 * MS) == 0
    assert ticker.back(ROS + 48 * MS) == 2 * MS
    back = list(ticker.due(ROS + 48 * MS))
    assert [(tick.stamp - ROS) // MS for tick in back] == [48]
    assert back[0].anew
    assert stamps(ticker, ROS + 53 * MS) == [53]
