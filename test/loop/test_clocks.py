"""Bounds of other clocks: what is true is never outside of them."""

import numpy as np
import pytest

from fastwam_ros.loop.clocks import UNKNOWN, Behind, Echo, answered, moved


@pytest.mark.parametrize('seed', range(20))
def test_the_true_offset_is_within_the_bounds(seed):
    rng = np.random.default_rng(seed)
    behind = float(rng.uniform(-1.0, 1.0))
    echoes = []
    for begun in np.arange(5.0):
        there, back = rng.exponential(0.01, 2)
        late = float(rng.uniform(0.0, 0.0025))  # of a tick that keeps its stamp
        moment = begun + there
        echoes.append(Echo(begun, moment - late - behind, moment + back, 0.0025))
    executor = answered(echoes)
    assert executor is not None and executor.agrees(behind)
    # The arms' readings are on another clock, and so far away is their answer.
    other, response = float(rng.uniform(-1.0, 1.0)), float(rng.uniform(0.0, 0.05))
    to_here, from_executor = rng.exponential(0.01, 2)
    delay = response + to_here - from_executor
    arms = moved(other + to_here, delay, behind + from_executor, executor)
    assert arms.agrees(other)
    assert arms.most - arms.least < response + to_here + 0.2


def test_without_answers_there_is_one_bound():
    assert answered([]) is None
    one = moved(0.02, 0.04, 0.0, None)
    assert one == Behind(UNKNOWN, 0.02)
    assert str(one) == 'at most 20.0 ms'
    assert str(Behind(-0.001, 0.02)) == '-1.0 to 20.0 ms'
