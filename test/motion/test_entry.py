"""Where commands begin: at the last one seen, joint by joint, where the robot is near it."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS, settings
from fastwam_ros.motion.entry import Entry
from fastwam_ros.motion.status import Measured
from test.motion.robot import HOME, SIZE

NONE, NO_GRIPS = np.full(SIZE, np.nan), np.full(2, np.nan)


def measured(q=HOME, openings=(0.02, 0.03)):
    return Measured(1, np.array(q), np.zeros(SIZE), np.array(openings))


def test_without_commands_it_is_the_measured_pose_inside_the_limits():
    outside = np.zeros(SIZE)
    outside[1], outside[2] = -0.004, 0.003
    q, openings = Entry(settings(200.0)).first(measured(outside))
    assert (LIMITS.excess(q) == 0.0).all()
    assert q == pytest.approx(np.zeros(SIZE))
    assert openings == pytest.approx([0.02, 0.03])


@pytest.mark.parametrize(('off', 'resumed'), [(0.049, True), (0.051, False)])
def test_a_joint_near_its_command_resumes_it(off, resumed):
    entry = Entry(settings(200.0))
    entry.saw(HOME + off, NO_GRIPS)
    q, _ = entry.first(measured())
    assert np.array_equal(q, HOME + off if resumed else HOME)


def test_a_squeezing_command_is_not_replaced_by_the_measured_width():
    entry = Entry(settings(200.0))
    entry.saw(NONE, np.array([0.0, np.nan]))
    _, openings = entry.first(measured(openings=(0.04, 0.05)))
    assert openings == pytest.approx([0.0, 0.05])


def test_the_newest_command_counts_part_by_part():
    entry = Entry(settings(200.0))
    entry.saw(HOME + 0.01, np.array([0.01, 0.02]))
    left = NONE.copy()
    left[:6] = HOME[:6] + 0.03
    entry.saw(left, NO_GRIPS)
    q, openings = entry.first(measured())
    assert q == pytest.approx(np.concatenate([HOME[:6] + 0.03, HOME[6:] + 0.01]))
    assert openings == pytest.approx([0.01, 0.02])


def test_what_somebody_commanded_beyond_a_limit_is_moved_inside():
    entry = Entry(settings(200.0))
    far = HOME.copy()
    far[1] = LIMITS.lower[1] - 0.03
    entry.saw(far, np.array([0.2, -0.1]))
    at = HOME.copy()
    at[1] = LIMITS.lower[1]
    q, openings = entry.first(measured(at))
    assert q[1] == LIMITS.lower[1]
    assert openings == pytest.approx([0.1, 0.0])
