"""Random streams of chunks, hands, faults and stops: every command stays inside the bounds.

The streams are those of `python -m fastwam_ros.apps.chaos`, which plays hours of them; here are
some seeds of a few seconds each, and what must be true of a sensible stream as well: it is
executed, in time. A failure is shown again by the command in its message.
"""

from collections import Counter

import numpy as np
import pytest

from fastwam_ros.apps.chaos.bounds import broken
from fastwam_ros.apps.chaos.draw import SHARES, Draw, limited
from fastwam_ros.apps.chaos.feasible import measure
from fastwam_ros.apps.chaos.run import play
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.status import BRIDGES

SECONDS = 12.0
SEEDS = range(18)
MODES = {'DISARMED', 'HOLD', 'POLICY', 'TELEOP', 'STOPPING', 'FAULT', 'ESTOP'}


@pytest.fixture(scope='module')
def played():
    """Every seed once: what it came to."""
    return {seed: play(draw, Executor(draw.settings, 1), SECONDS) for seed, draw in _draws()}


def _draws():
    return ((seed, Draw.of(seed)) for seed in SEEDS)


@pytest.mark.parametrize('seed', SEEDS)
def test_bounds_and_rules_hold_between_any_two_ticks(played, seed):
    again = f'python -m fastwam_ros.apps.chaos --seeds {seed}:{seed + 1}'
    assert not played[seed].wrong(), again


def test_the_seeds_are_not_tame(played):
    """All of it happens: every mode, all limits and bridges, and what is asked for is refused."""
    modes = sum((each.modes for each in played.values()), Counter())
    assert set(modes) == MODES
    assert modes['POLICY'] > 0.2 * modes.total()
    assert modes['TELEOP'] > 0.02 * modes.total()
    verdicts = sum((each.verdicts for each in played.values()), Counter())
    assert verdicts['accepted'] > 200
    assert len(verdicts) > 10
    worst = [each.shares() for each in played.values()]
    for order in ('velocity', 'acceleration', 'jerk'):
        assert max(each[order].share for each in worst) > 0.95
    kinds = {(draw.share, draw.settings.bridge) for _, draw in _draws()}
    assert kinds == {(share, bridge) for share in SHARES for bridge in BRIDGES}


def test_a_seed_is_the_same_however_often_it_is_played(played):
    draw = Draw.of(3)
    again = play(draw, Executor(draw.settings, 1), SECONDS)
    first = [row for stream in played[3].streams for row in stream.rows]
    assert np.array_equal(first, [row for stream in again.streams for row in stream.rows])
    assert again.verdicts == played[3].verdicts


@pytest.mark.parametrize('wrong', ['leap', 'nan', 'outside'])
def test_a_command_that_breaks_a_bound_is_found(played, wrong):
    """The judge itself: one command of thousands is spoilt."""
    stream = max(played[0].streams, key=lambda each: len(each.rows))
    rows, limits = [row.copy() for row in stream.rows], Draw.of(0).settings.limits
    if wrong == 'leap':
        rows[-9][4] += 1e-3
    elif wrong == 'nan':
        rows[-9][4] = np.nan
    else:
        rows = [row + (limits.upper - row.max()) + 2e-4 for row in rows]
    worst = type(stream)(stream.first, rows).shares(limits, 0.005)
    assert broken(worst)
    if wrong == 'leap':
        assert worst['jerk'].joint == limits.names[4]
        assert abs(worst['jerk'].tick - (stream.first + len(rows) - 9)) <= 3


# A sensible stream


@pytest.mark.parametrize('bridge', BRIDGES)
@pytest.mark.parametrize('share', SHARES)
def test_a_sensible_stream_is_executed_in_time(share, bridge, capsys):
    found = measure(limited(200.0, share, bridge=bridge), seed=1, length=20.0)
    with capsys.disabled():
        print(f'\n{share} x limits, {bridge}: {found}', end='')
    assert not found.wrong
    assert found.accepted >= 0.99
    assert abs(found.lag) <= 0.04
    assert found.rms <= 0.03
    assert found.stops == 0


@pytest.mark.parametrize('bridge', BRIDGES)
def test_a_plan_that_is_slowed_names_the_joint_whose_limit_binds(bridge):
    """A policy that changes its mind asks for more than the limits allow: computed anew."""
    found = measure(limited(200.0, 0.6, bridge=bridge), seed=1, length=20.0, flips=0.3)
    assert found.slowest > 1.05
    assert not found.wrong
    assert found.accepted >= 0.95
