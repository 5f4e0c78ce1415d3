"""What is measured of what a replay writes: of a wave, with chunks that are off by so much."""

import math

import pytest

from fastwam_ros.apps.replay.build import Asked, replay
from fastwam_ros.apps.replay.measures.measures import Measures, measure
from test.apps.replay.bags import waving

SHIFT = 0.02  # [rad]


def measured(folder, mode: str) -> Measures:
    bag = waving(folder / 'bag.mcap', shift=SHIFT)
    return measure(replay(Asked(bag, None, folder / 'out', mode)).path)


def test_each_chunk_from_where_the_arms_were(tmp_path):
    found = measured(tmp_path, 'anchored')
    values = found.numbers()
    assert found.words()['truth.left_arm'] == 'recorded commands'
    assert values['action_error.rad.mae'] == pytest.approx(SHIFT, rel=0.1)
    assert values['action_error.relative.rad.mae'] < 0.1 * SHIFT
    assert values['chunks.accepted_share'] == 1.0 and values['chunks.not_told'] == 0
    assert values['plans.count'] == values['chunks.count'] > 5
    assert values['plans.velocity_ratio'] <= 1.0 and math.isnan(values['commands.jerk_ratio'])


def test_one_executor_with_a_robot_of_its_own(tmp_path):
    found = measured(tmp_path, 'free')
    values = found.numbers()
    assert values['action_error.rad.mae'] == pytest.approx(SHIFT, rel=0.1)
    assert values['seams.count'] > 2
    for name in ('velocity', 'acceleration', 'jerk'):
        assert values[f'commands.{name}_ratio'] <= 1.0
    assert values['stream.left_arm.feedback.rate_hz'] == pytest.approx(200.0)
