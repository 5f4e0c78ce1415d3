"""When a drive works too hard, for how long it may, and when the cause is gone."""

import numpy as np
import pytest

from fastwam_ros.motion.effort import Effort
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.robot.joints import ARM_NAMES, ARMS
from test.motion.robot import PERIOD, SIZE, START

RATED = np.array([joint.effort for joint in ARMS])
NONE = np.full(SIZE, np.nan)


class Bench:
    """Readings 200 times a second."""

    def __init__(self):
        self.watch, self.now = Effort(ARM_NAMES, RATED), START

    def run(self, seconds, share, joint=1):
        """One joint at a share of its rated effort, of either sign; the others at a tenth."""
        efforts = 0.1 * RATED
        efforts[joint] = share * RATED[joint]
        self.take(seconds, efforts)

    def take(self, seconds, efforts):
        for _ in range(round(seconds * SECOND / PERIOD)):
            self.now += PERIOD
            self.watch.take(self.now, efforts)


@pytest.mark.parametrize('share', [0.91, -0.91, 3.0])
def test_nine_tenths_of_the_rated_effort_for_fifty_milliseconds_is_a_hard_fault(share):
    bench = Bench()
    bench.run(0.05, share)
    assert bench.watch.hard == ''
    bench.run(0.005, share)
    assert bench.watch.hard == (
        f'left_arm_joint2 works with {abs(share) * 50.0:.1f} Nm for 0.05 s, limit 45.0 of rated '
        '50: does it push against something?'
    )


@pytest.mark.parametrize('joint', range(SIZE))
def test_each_joint_has_its_own_limit(joint):
    bench = Bench()
    bench.run(1.0, 0.89, joint)
    assert bench.watch.hard == ''
    bench.run(0.1, 0.91, joint)
    assert bench.watch.hard.startswith(f'{ARM_NAMES[joint]} works with')


def test_a_shock_is_none_and_another_one_begins_anew():
    bench = Bench()
    for _ in range(20):
        bench.run(0.045, 1.0)
        bench.run(0.005, 0.89)
    assert bench.watch.hard == ''


def test_two_joints_that_take_turns_are_none():
    bench, efforts = Bench(), 0.85 * RATED
    for k in range(20):
        efforts[[0, 1]] = RATED[[0, 1]] * np.array([1.0, 0.1])[[k % 2, 1 - k % 2]]
        bench.take(0.04, efforts)
    assert bench.watch.hard == ''


def test_the_same_reading_taken_twice_counts_once():
    bench = Bench()
    bench.run(0.005, 1.0)
    for _ in range(50):
        bench.watch.take(bench.now, RATED)
    assert bench.watch.hard == ''


def test_the_cause_is_gone_after_a_while_clearly_below():
    bench = Bench()
    bench.run(0.1, 0.95)
    bench.run(1.0, 0.85)  # below the limit, but not clear
    said = bench.watch.hard
    assert said
    bench.run(0.19, 0.5)
    bench.run(0.005, 0.82)
    bench.run(0.19, 0.5)
    assert bench.watch.hard == said  # the words of the first moment
    bench.run(0.01, 0.5)
    assert bench.watch.hard == ''
    bench.run(0.1, 0.95)
    assert bench.watch.hard


def test_beginning_anew_forgets():
    bench = Bench()
    bench.run(0.1, 0.95)
    bench.watch.begin()
    assert bench.watch.hard == ''
    bench.run(0.05, 0.95)
    assert bench.watch.hard == ''
    bench.run(0.01, 0.95)
    assert bench.watch.hard


def test_the_other_joints_are_watched_beside_one_that_reports_none():
    bench = Bench()
    efforts = 0.95 * RATED
    efforts[0] = np.nan
    bench.take(0.1, efforts)
    assert bench.watch.hard.startswith('left_arm_joint2')


def test_a_robot_that_reports_no_efforts_has_no_fault():
    bench = Bench()
    bench.take(1.0, NONE)
    assert bench.watch.hard == ''


def test_readings_are_left_as_they_are():
    bench = Bench()
    efforts = np.where(np.arange(SIZE) == 3, np.nan, -RATED)
    before = efforts.copy()
    bench.take(0.1, efforts)
    assert np.array_equal(efforts, before, equal_nan=True)


def test_a_rated_effort_of_nothing_is_refused():
    with pytest.raises(ValueError, match='rated effort of left_arm_joint4 is not above 0'):
        Effort(ARM_NAMES, np.where(np.arange(SIZE) == 3, 0.0, RATED))
