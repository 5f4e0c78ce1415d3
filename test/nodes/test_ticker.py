"""Deadlines and stamps: on a grid while in time, a new grid after a late tick, never a hurry.

A clock that is set is told from one that drifts, and from a process that was held up.

On a clock that is told: one tick per period of it, whatever the wall clock does.
"""

from itertools import count

import pytest

from fastwam_ros.nodes.ticker import ClockTicker, Punctuality, Ticker, moment

pytestmark = pytest.mark.alone

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


@pytest.mark.parametrize('step', [30_000 * MS, 21 * MS, -21 * MS, -2_000 * MS])
def test_a_ros_clock_that_is_set_is_told_once_and_the_stamps_follow(step):
    ticker = Ticker(PERIOD, 0)
    ticks = [ticker.tick(k * PERIOD, ROS + k * PERIOD) for k in (1, 2)]
    ticks += [ticker.tick(k * PERIOD, ROS + k * PERIOD + step) for k in (3, 4, 5)]
    assert [tick.step for tick in ticks] == [0, 0, step, 0, 0]
    assert [tick.stamp - ROS - step for tick in ticks[2:]] == [k * PERIOD for k in (3, 4, 5)]
    assert [tick.anew for tick in ticks] == [True, False, True, False, False]


def test_drift_a_late_tick_and_a_pause_are_no_clock_that_is_set():
    ticker = Ticker(PERIOD, 0)
    now = 0
    for k, pause in enumerate([0] * 50 + [7 * MS, 0, 2_000 * MS, 0, 0]):
        now += PERIOD + pause
        assert ticker.tick(now, ROS + now + k * MS // 2).step == 0  # half a ms more each tick


def test_a_ros_clock_that_is_set_during_a_pause_is_told_all_the_same():
    ticker = Ticker(PERIOD, 0)
    ticker.tick(PERIOD, ROS + PERIOD)
    tick = ticker.tick(400 * PERIOD, ROS + 400 * PERIOD + 25 * MS)
    assert (tick.late, tick.step) == (True, 25 * MS)


def test_two_clocks_are_read_again_where_the_process_was_held_up_in_between():
    clock = iter([0, 300 * MS, 301 * MS, 301 * MS + 1000])
    ros = count(ROS, 300 * MS)
    assert moment(lambda: next(clock), lambda: next(ros)) == (301 * MS, ROS + 300 * MS)


def test_a_machine_that_is_always_held_up_still_gets_a_moment():
    clock = count(0, 2 * MS)
    assert moment(lambda: next(clock), lambda: ROS) == (8 * MS, ROS)


def test_after_a_hold_up_a_period_is_listened_before_the_tick():
    """What was said meanwhile, an e-stop for one, is heard before anything is commanded."""
    ticker = Ticker(PERIOD, 0)
    ticker.tick(PERIOD, ROS)
    woken = 2 * PERIOD + 200 * MS
    assert ticker.remaining(woken) == PERIOD
    assert ticker.remaining(woken + PERIOD - 1) == 1
    assert ticker.remaining(woken + PERIOD) == 0
    ticker.tick(woken + PERIOD, ROS)
    assert ticker.remaining(woken + PERIOD) == PERIOD


def test_a_tick_that_is_merely_late_comes_at_once():
    ticker = Ticker(PERIOD, 0)
    assert ticker.remaining(PERIOD + 40 * MS) == -40 * MS


def test_what_was_missed_since_the_start_is_counted():
    ticker, missed = Ticker(PERIOD, 0), Punctuality()
    now = 0
    for late in (0, 2 * MS, 3 * MS, 90 * MS, 0, 0):
        now += PERIOD + late
        missed.add(ticker.tick(now, ROS + now))
        now -= late if late <= PERIOD // 2 else 0  # the grid stays where it was in time
    assert missed.figures() == {'late ticks': 2, 'longest lateness us': 90_000}
    told = Punctuality()
    for tick in ClockTicker(PERIOD).due(ROS):
        told.add(tick)
    assert told.figures() == {'late ticks': 0, 'longest lateness us': 0}


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
