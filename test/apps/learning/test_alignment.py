"""Streams at the same instants: nearest, between, in force, and where there is nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from fastwam_ros.apps.learning.alignment import between, in_force, nearest, rate

STAMPS = np.array([0, 10, 20, 50, 60], np.int64)
VALUES = np.array([[0.0], [1.0], [2.0], [5.0], [7.0]])


def at(*instants):
    return np.array(instants, np.int64)


def test_values_lie_on_the_line_between_two_readings():
    rows, there = between(STAMPS, VALUES, at(0, 4, 20, 35, 55, 60), 30)
    assert rows[:, 0] == pytest.approx([0.0, 0.4, 2.0, 3.5, 6.0, 7.0])
    assert there.all()


def test_a_gap_is_not_bridged_but_its_ends_are_readings():
    _, there = between(STAMPS, VALUES, at(20, 21, 49, 50), 29)
    assert there.tolist() == [True, False, False, True]


def test_there_is_nothing_before_the_first_and_after_the_last():
    _, there = between(STAMPS, VALUES, at(-1, 0, 60, 61), 30)
    assert there.tolist() == [False, True, True, False]


def test_the_last_value_at_or_before_an_instant_is_in_force():
    rows, there = in_force(STAMPS, VALUES, at(-1, 0, 9, 10, 49, 90), 29)
    assert rows[1:5, 0].tolist() == [0.0, 0.0, 1.0, 2.0]
    assert there.tolist() == [False, True, True, True, True, False]


def test_one_reading_is_nearest_to_all():
    assert nearest(at(7), at(0, 100)).tolist() == [0, 0]


@given(
    some.lists(some.integers(0, 1000), min_size=1, unique=True).map(sorted),
    some.lists(some.integers(-50, 1050), min_size=1),
)
def test_no_other_stamp_is_nearer(stamps, instants):
    found = nearest(at(*stamps), at(*instants))
    for k, instant in zip(found, instants, strict=True):
        assert abs(stamps[k] - instant) == min(abs(stamp - instant) for stamp in stamps)


def test_the_rate_does_not_see_what_was_lost_or_the_grid_of_ticks():
    stamps = np.round(np.arange(200) / 7.5 / 0.005) * 5_000_000
    kept = np.delete(stamps.astype(np.int64), [20, 21, 90])
    assert rate(kept) == pytest.approx(7.5, rel=2e-3)
    assert np.isnan(rate(kept[:1]))
