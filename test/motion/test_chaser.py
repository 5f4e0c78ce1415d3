"""A chaser takes the short way where Ruckig first finds a long one, and keeps its limits."""

import numpy as np
import pytest
from ruckig import InputParameter, Ruckig, Trajectory

from fastwam_ros.motion.chaser import Chaser

PERIOD = 0.005
# A joint that slows down to its speed limit while its target comes to stand: position, velocity
# and acceleration, the target, the limits. The first motion that is found takes 0.64 s.
EDGE = (
    ([-1.4676614170793842], [-0.4408596882507999], [-0.9038840221995614]),
    [-1.6391182978106478],
    ([0.47761510790061124], [7.972591990993381], [11.114093287081413]),
)


def lasts(motion, target, limits) -> float:
    """Of the motion that Ruckig finds [s]."""
    ask, way = InputParameter(1), Trajectory(1)
    ask.current_position, ask.current_velocity, ask.current_acceleration = motion
    ask.max_velocity, ask.max_acceleration, ask.max_jerk = limits
    ask.target_position = target
    Ruckig(1).calculate(ask, way)
    return way.duration


def shortest(motion, target, limits) -> float:
    """Of limits that are the same but for roundings [s]."""
    speeds = limits[0][0] * (1.0 + np.linspace(-1e-9, 1e-9, 21))
    return min(lasts(motion, target, ([speed], *limits[1:])) for speed in speeds.tolist())


def ridden(chaser: Chaser) -> np.ndarray:
    """Positions, velocities and accelerations [T, 3, D] until it rests."""
    seen = [chaser.motion]
    while not chaser.resting:
        chaser.step()
        seen.append(chaser.motion)
        assert len(seen) < 10_000
    return np.array(seen)


def test_a_long_way_is_left_for_the_short_one():
    motion, target, limits = EDGE
    chaser = Chaser(PERIOD, *limits)
    chaser.begin(motion[0])
    chaser.motion = motion
    chaser.head_for(target)
    took = PERIOD * (len(ridden(chaser)) - 1)
    assert lasts(*EDGE) > 1.1 * shortest(*EDGE)
    assert took < shortest(*EDGE) + 4 * PERIOD
    assert chaser.position == pytest.approx(target, abs=1e-8)


@pytest.mark.parametrize('seed', range(20))
def test_a_target_that_stands_is_reached_as_soon_as_it_can_be(seed):
    rng = np.random.default_rng(seed)
    limits = [[float(x)] for x in np.exp(rng.uniform(np.log((0.3, 1.5, 6)), np.log((3, 20, 99))))]
    chaser, target = Chaser(PERIOD, *limits), 0.0
    speed = float(rng.uniform(0.3, 1.2)) * limits[0][0]
    for _ in range(int(rng.integers(20, 200))):
        target += speed * PERIOD
        chaser.head_for([target])
        chaser.step()
    chaser.head_for([target + 1e-3])
    least = shortest(chaser.motion, [target + 1e-3], limits)
    way = ridden(chaser)
    assert PERIOD * (len(way) - 1) < least + 4 * PERIOD
    assert way[-1, 0, 0] == pytest.approx(target + 1e-3, abs=1e-8)
    for kept, limit in zip(np.abs(way[:, 1:, 0]).max(axis=0), limits[:2], strict=True):
        assert kept <= limit[0] * (1.0 + 1e-6)
    assert np.abs(np.diff(way[:, 2, 0])).max() <= limits[2][0] * PERIOD * (1.0 + 1e-6)


def test_what_rests_stops_where_it_is_and_heads_for_the_next_target():
    chaser = Chaser(PERIOD, [1.0] * 2, [5.0] * 2, [50.0] * 2)
    chaser.head_for([1.0, -1.0])
    for _ in range(100):
        chaser.step()
    chaser.rest()
    stopped = ridden(chaser)[-1]
    assert 0.1 < stopped[0, 0] < 0.9 and stopped[0, 1] == -stopped[0, 0]
    assert np.abs(stopped[1:]).max() < 1e-9
    chaser.head_for([0.2, 0.2], [0.5, 0.0])  # the second joint is to stay
    reached = ridden(chaser)
    assert reached[-1, 0] == pytest.approx([0.2, stopped[0, 1]])
    assert 0.45 < np.abs(reached[:, 1]).max() <= 0.5 + 1e-9
