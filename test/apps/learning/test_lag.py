"""The convention of the offset, pinned: data are executed when they were recorded."""

from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from fastwam_ros.apps.learning.export import Wanted, export
from fastwam_ros.apps.learning.exported import read_episode
from fastwam_ros.apps.learning.lag import lag, rollout
from fastwam_ros.apps.learning.layouts import LAYOUTS
from fastwam_ros.apps.learning.recording import Recording
from fastwam_ros.bag.reader import Bag
from fastwam_ros.robot.joints import JOINT_NAMES
from test.apps.learning.taught import SECOND, START, TASK, Taught, gripper


@lru_cache
def taught(every: int = 5_000_000, version: str = 'v2.1', fps: float = 15.0):
    """A recording, and the first episode of what was exported of it."""
    folder = Path(mkdtemp())
    bag = Taught(8.0, every=every, fps=fps).write(folder / 'run.mcap')
    wanted = Wanted(LAYOUTS[version], 'h264')
    export(folder / 'data', [bag], wanted, lambda _: None)
    return Recording.read(Bag(bag)), read_episode(folder / 'data', 0)


@pytest.mark.parametrize('latency', [0.0, 0.2, 0.5])
@pytest.mark.parametrize('version', LAYOUTS)
def test_an_episode_is_executed_when_it_was_recorded(version, latency):
    recording, rows = taught(version=version)
    driven = rollout(rows, latency)
    assert not driven.refused and len(driven.stamps) > 500
    assert abs(lag(driven, recording)) <= 1.0


def test_rows_are_read_in_our_units_and_order():
    recording, rows = taught()
    side, joint, grip = (
        JOINT_NAMES.index('right_arm_joint1'),
        3,
        JOINT_NAMES.index('right_gripper'),
    )
    late = recording.commanded['right_arm']
    there = late.values[np.searchsorted(late.stamps, rows.stamps, side='right') - 1]
    assert rows.actions[:, side + joint] == pytest.approx(there[:, joint], abs=1e-6)
    wire = [gripper((stamp - START) / SECOND, 'right') for stamp in rows.stamps]
    assert rows.actions[:, grip] == pytest.approx(np.array(wire) * 1e-3, abs=3e-4)
    assert rows.task == TASK


def test_commands_that_come_at_50_hz():
    recording, rows = taught(20_000_000)
    assert abs(lag(rollout(rows, 0.2), recording)) <= 1.0


def test_at_another_rate():
    recording, rows = taught(fps=7.5)
    assert abs(lag(rollout(rows, 0.2), recording)) <= 1.0


@pytest.mark.parametrize('offset', [0.5, 1.0])
def test_a_wrong_offset_is_found_as_a_lag(offset):
    recording, rows = taught()
    late = lag(rollout(rows, 0.2, offset), recording)
    assert late == pytest.approx(offset * 200.0 / 15.0, abs=1.5)


def test_rows_that_hold_the_next_state_are_found_early():
    """Data whose action k is what was commanded a step later are of offset 1, not 0."""
    recording, rows = taught()
    ahead = type(rows)(rows.fps, rows.stamps[:-1], rows.actions[1:], rows.task)
    assert lag(rollout(ahead, 0.2), recording) < -10.0
    assert abs(lag(rollout(ahead, 0.2, 1.0), recording)) <= 1.0


def test_what_cannot_be_driven_or_measured_is_said():
    recording, rows = taught()
    short = type(rows)(rows.fps, rows.stamps[:20], rows.actions[:20], rows.task)
    with pytest.raises(ValueError, match='it has 20 rows: a chunk alone has 32'):
        rollout(short, 0.2)
    still = type(rows)(rows.fps, rows.stamps, np.repeat(rows.actions[:1], len(rows.stamps), 0), '')
    with pytest.raises(ValueError, match='nothing moves'):
        lag(rollout(still, 0.2), recording)
