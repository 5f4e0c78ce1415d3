"""An executor knows no joint, no side and no hour: inputs that are changed change outputs alike.

Tapes of chaotic runs (policies, bridges, hands, stops, faults) are played again later, for joints
in another order, and for the other arm. Times are whole nanoseconds, of which only differences
count, so later is exact to the last bit. The other two are so here as well, but a linear algebra
library may treat columns differently by their place: 1e-9 rad is what is asked for.
"""

import gc
from dataclasses import replace

import numpy as np
import pytest

from fastwam_ros.apps.chaos.draw import START, Draw
from fastwam_ros.apps.chaos.run import play
from fastwam_ros.apps.chaos.tape import later, of_joints, played, reordered, rows, swapped, taped
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, frozen
from fastwam_ros.motion.tracking import Response
from test.motion.robot import PERIOD, SIZE, STEP, Rig, wave_rows

SEEDS = (1, 4, 5, 8, 9)
LENGTH = 9.0
SAME = 1e-9  # [rad]
DAY = 86_400 * SECOND


class Run:
    """A seed of chaos on tape, without obstacles: those know which arm is which."""

    def __init__(self, seed: int) -> None:
        draw = Draw.of(seed)
        draw = replace(draw, settings=replace(draw.settings, clearance=None))
        self.settings, executor = draw.settings, Executor(draw.settings, 1)
        self.calls = taped(executor)
        self.modes = play(draw, executor, LENGTH).modes
        self.points = played(self.settings, self.calls)
        self.commands = rows(self.points, SIZE)


@pytest.fixture(scope='module')
def runs():
    return [Run(seed) for seed in SEEDS]


def same(found: np.ndarray, wanted: np.ndarray) -> None:
    assert np.array_equal(np.isnan(found), np.isnan(wanted))
    assert np.nanmax(np.abs(found - wanted)) <= SAME


def test_everything_is_on_the_tapes(runs):
    for mode in ('POLICY', 'TELEOP', 'STOPPING', 'FAULT'):
        assert sum(run.modes[mode] for run in runs) > 100, mode


@pytest.mark.parametrize('by', [0, -3, DAY + 7, SECOND - START])
def test_the_same_later_is_the_same_to_the_last_bit(runs, by):
    """0: the same events give the same commands. The last shift begins at one second."""
    for run in runs:
        again = played(run.settings, later(run.calls, by))
        assert np.array_equal(rows(again, SIZE), run.commands, equal_nan=True)
        times = [point.now - by for point in again if point is not None]
        assert times == [point.now for point in run.points if point is not None]


def test_joints_in_another_order_move_as_they_did(runs):
    for seed, run in zip(SEEDS, runs, strict=True):
        order = np.random.default_rng(seed).permutation(SIZE).tolist()
        settings = in_order(run.settings, order)
        again = played(settings, reordered(run.calls, order))
        same(rows(again, SIZE), run.commands[:, order])


def in_order(settings, order):
    response, rated = settings.response, settings.rated
    slowest = of_joints(response.slowest, order)
    response = replace(response, limits=of_joints(response.limits, order), slowest=slowest)
    assert isinstance(response, Response)
    limits = of_joints(settings.limits, order)
    return replace(settings, limits=limits, response=response, rated=frozen(rated[order]))


def test_the_other_arm_moves_as_this_one_did(runs):
    """The arms are copies of each other: what was said to one is said to the other."""
    for run in runs:
        again = played(run.settings, swapped(run.calls, ('left', 'right')))
        same(rows(again, SIZE), np.roll(run.commands, SIZE // 2, axis=1))
        for one, other in zip(run.points, again, strict=True):
            if one is not None:
                assert np.array_equal(other.openings, one.openings[::-1])


@pytest.mark.parametrize('bridge', ['fast', 'smooth'])
def test_a_plan_that_is_offered_to_itself_hardly_changes(bridge):
    """Not exactly: rows are filtered by [1 2 1]/4, which takes step^2/4 of their acceleration."""
    rig = Rig(bridge=bridge)
    rig.run()
    rig.tick(100)
    plan, stamp = rig.executor.drive.plan, rig.now - SECOND // 5
    grid = rig.now + PERIOD * np.arange(1, 200)
    before = rig.executor.committed(grid)
    ahead = rig.executor.committed(stamp + np.rint(STEP * SECOND * np.arange(32)).astype(int))
    past = np.array(rig.commands)[[-1 - round((0.2 - k * STEP) / 0.005) for k in range(3)]]
    assert rig.offer(rows=np.concatenate((past, ahead[3:]))).name == 'accepted'
    assert rig.executor.drive.plan is not plan
    push = 0.2 * 1.5**2  # [rad/s2] of the wave
    moved = np.abs(rig.executor.committed(grid) - before).max()
    assert 0.0 < moved <= 1.2 * STEP**2 / 4.0 * push  # 0.5 mrad is measured


def reachable(executor: Executor) -> int:
    """How many objects an executor holds, arrays by their length."""
    seen, todo, size = set(), [executor], 0
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, type) or callable(each):
            continue
        seen.add(id(each))
        size += each.size if isinstance(each, np.ndarray) else 1
        todo += gc.get_referents(each)
    return size


def test_nothing_grows():
    """An hour of ticks, chunks, requests and hands holds no more than a minute of them."""
    rig, sizes = Rig(), []
    rig.run()
    for _ in range(6):
        for k in range(200):
            rig.offer(rows=wave_rows(rig.now - SECOND // 5))
            rig.ask('pause' if k % 50 == 49 else 'run')
            rig.executor.on_teleop_active(rig.now, k % 70 > 60)
            rig.executor.on_teleop_target(rig.now, rig.q, np.full(2, 0.05))
            rig.tick(10)
        rig.executor.on_teleop_active(rig.now, False)
        rig.tick(400)
        sizes.append(reachable(rig.executor))
    assert max(sizes[2:]) <= 1.1 * max(sizes[:2])
