"""Counting ticks between recorded commands, beside late ticks and lost messages."""

import numpy as np

from fastwam_ros.apps.report.ticks import UNKNOWN, Ticks

PERIOD = 5_000_000
START = 10**18


def grid(*ticks: int, late: int = 0) -> np.ndarray:
    return START + np.array(ticks) * PERIOD + late


def test_a_lost_command_beside_a_late_tick_is_counted():
    """By stamps alone the gap would be one late tick, and the motion three times as fast."""
    stamps = np.concatenate([grid(0, 1), grid(4, 5, late=3_000_000)])  # 2 is lost, 3 is late
    told = [(int(grid(0)[0]), 100), (int(grid(3, late=3_000_000)[0]), 103)]
    assert Ticks.of(told).between(stamps, PERIOD).tolist() == [1, 3, 1]
    assert Ticks.of(()).between(stamps, PERIOD).tolist() == [1, 1, 1]


def test_a_late_tick_of_a_whole_period_is_no_lost_command():
    stamps = grid(0, 1, 3, 4)
    told = [(int(grid(0)[0]), 7), (int(grid(3)[0]), 9)]
    assert Ticks.of(told).between(stamps, PERIOD).tolist() == [1, 1, 1]


def test_without_the_state_of_a_new_grid_the_gap_is_unknown():
    stamps = np.concatenate([grid(0, 1), grid(4, 5, late=1_234_567)])
    found = Ticks.of([(int(grid(0)[0]), 1)]).between(stamps, PERIOD)
    assert found.tolist() == [1, UNKNOWN, UNKNOWN]


def test_commands_before_the_first_state_are_unknown():
    found = Ticks.of([(int(grid(2)[0]), 9)]).between(grid(0, 1, 2, 3), PERIOD)
    assert found.tolist() == [UNKNOWN, UNKNOWN, 1]
