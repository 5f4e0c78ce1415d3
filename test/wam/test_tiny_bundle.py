"""The bundle that is shipped: small, made for this robot, smooth enough to be executed, stable."""

from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.tiny_bundle.figures import ask, measure
from fastwam_ros.apps.tiny_bundle.motion import BOTH, HOME, LEFT, REST, STEP, Situations
from fastwam_ros.apps.tiny_bundle.pictures import dimmed, mosaics
from fastwam_ros.motion import splice
from fastwam_ros.motion.limits import Limits
from fastwam_ros.robot.joints import ARM_NAMES, ARMS, JOINT_NAMES, ROBOT
from fastwam_ros.wam.policy import Policy

from . import rough_loop

BUNDLE = Path(__file__).parents[2] / 'bundles' / 'tiny_r1lite'
ARM = [JOINT_NAMES.index(name) for name in ARM_NAMES]
SCENE = 4321  # a placement of the blocks that training did not see


@pytest.fixture(scope='module')
def policy():
    return Policy.load(BUNDLE)


@pytest.fixture(scope='module')
def pictures():
    states = Situations.draw(5, np.random.default_rng(SCENE)).states
    return mosaics(np.concatenate((HOME[None], states)), SCENE)


@pytest.fixture(scope='module')
def asked(policy, pictures):
    situations = Situations.draw(80, np.random.default_rng(SCENE + 1))
    return situations, ask(policy, situations, pictures)


def test_it_is_small_and_made_for_this_robot(policy):
    assert sum(file.stat().st_size for file in BUNDLE.iterdir()) <= 3_000_000
    assert (policy.robot, policy.joint_names) == (ROBOT, JOINT_NAMES)
    assert (policy.horizon, policy.step, policy.offset) == (32, STEP, 0.0)
    assert policy.tasks[0] == BOTH  # what a node runs that was told nothing


def test_another_picture_state_or_task_is_another_chunk(policy, pictures):
    lit = pictures[0]
    first = policy.infer_mosaic(lit, HOME, BOTH)[:, ARM]
    moved = HOME + np.where(np.isin(np.arange(len(HOME)), ARM), 0.02, 0.0)
    for other in (
        policy.infer_mosaic(dimmed(lit, 0.3), HOME, BOTH),
        policy.infer_mosaic(lit, moved, BOTH),
        policy.infer_mosaic(lit, HOME, LEFT),
        policy.infer_mosaic(lit, HOME, REST),
    ):
        assert np.abs(other[:, ARM] - first).max() > 1e-3


def test_rows_carry_little_noise(asked):
    """White noise per row is felt as acceleration; what varies slowly is not."""
    situations, made = asked
    noise = measure(made, situations).noise[ARM]
    after_filter = noise * np.sqrt(6 / 16)  # [1 2 1]/4 of white noise
    assert np.sqrt(np.square(after_filter).mean()) < 0.5e-3


def test_chunks_stay_well_inside_the_limits(asked):
    situations, made = asked
    figures = measure(made, situations)
    assert (figures.speed[ARM] < 0.55).all()
    assert (figures.acceleration[ARM] < 0.5 * np.array([j.acceleration for j in ARMS])).all()
    lower, upper = (np.array([getattr(j, side) for j in ARMS]) for side in ('lower', 'upper'))
    assert (made[..., ARM] > lower).all() and (made[..., ARM] < upper + 0.05).all()


def test_the_executor_need_not_slow_them(asked):
    """The plan through a chunk keeps its time: smooth enough for the limits as it is."""
    limits, times = Limits.of(ARMS), np.arange(32) * STEP
    for rows in asked[1][..., ARM]:
        spline, _ = splice.through(limits, times, splice.waypoints(limits, rows))
        assert splice.slowing(limits, spline, times[2], times[-3]) == (1.0, '')


def test_a_chunk_begins_where_the_robot_is(asked):
    situations, made = asked
    distance = np.abs(made[:, 0] - situations.states)[:, ARM]
    assert np.quantile(distance.max(1), 0.9) < 0.1


def test_it_was_learnt(asked):
    situations, made = asked
    residual = measure(made, situations).residual[ARM]
    assert np.sqrt(np.square(residual).mean()) < 0.03


def test_resting_returns_home_and_stays(policy, pictures):
    """For a minute, from off home: errors must not add up from chunk to chunk."""
    start = HOME + np.where(np.isin(np.arange(len(HOME)), ARM), 0.15, 0.0)
    log = rough_loop.run(
        lambda state: policy.infer_mosaic(pictures[0], state, REST), start, seconds=60.0, step=STEP
    )[:, ARM]
    assert np.abs(log[-1] - HOME[ARM]).max() < 0.1
    late = log[round(30 / rough_loop.TICK) :]
    assert np.ptp(late, axis=0).max() < 0.05


@pytest.mark.parametrize(('lag', 'every'), [(0.10, 0.7), (0.15, 0.4)])
def test_the_wave_goes_on_behind_a_lagging_robot(policy, pictures, lag, every):
    """From off the curve, for a minute: neither drifting away nor shrinking to a halt."""
    rng = np.random.default_rng(7)
    start = HOME + np.where(np.isin(np.arange(len(HOME)), ARM), rng.uniform(-0.2, 0.2, 14), 0.0)
    log = rough_loop.run(
        lambda state: policy.infer_mosaic(pictures[0], state, BOTH),
        start,
        seconds=60.0,
        step=STEP,
        lag=lag,
        every=every,
    )[:, ARM]
    settled = log[round(5 / rough_loop.TICK) :]
    travel = rough_loop.least_travel(settled, window=5.0)
    assert (travel[:6] > 0.3).sum() >= 3 and (travel[6:] > 0.3).sum() >= 3
    assert np.abs(settled - settled.mean(0)).max() < 0.6
    assert np.abs(np.diff(settled, axis=0)).max() / rough_loop.TICK < 0.8
