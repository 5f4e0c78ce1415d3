"""Known faults of chunks in, the same errors out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.replay.measures.measures import Measures, measure
from fastwam_ros.apps.replay.measures.truth import COMMANDS, FEEDBACK, NOTHING, REPLAYED, Truth
from fastwam_ros.robot.hands import hand_poses
from fastwam_ros.robot.joints import ARM_NAMES, JOINT_NAMES
from test.apps.replayed import (
    ARMS,
    CHUNKS,
    EVERY,
    FIRST,
    ROWS,
    SPEEDS,
    START,
    STEP,
    Replay,
    human,
    rows,
)

OFFSET = np.zeros(14)
OFFSET[3], OFFSET[13] = 0.02, 0.004  # left joint 4 [rad], right gripper [m]


def measured(replay: Replay, folder: Path) -> Measures:
    return measure(replay.write(folder / 'replay.mcap'))


def numbers(replay: Replay, folder: Path) -> dict[str, float]:
    return measured(replay, folder).numbers()


def test_the_persons_own_way_has_no_error(tmp_path):
    found = numbers(Replay(), tmp_path)
    for name in ('rad.mae', 'rad.max', 'mm.max', 'row0.rad.max', 'relative.rad.max'):
        assert found[f'action_error.{name}'] == pytest.approx(0.0, abs=1e-9)
    assert found['hand_error.mm.max'] == pytest.approx(0.0, abs=1e-6)
    assert found['action_error.rows'] == CHUNKS * ROWS
    assert found['action_error.rows_left_out'] == 0


def test_an_offset_reads_as_it_is_and_is_no_wrong_motion(tmp_path):
    found = numbers(Replay(wanted=lambda ms: human(ms) + OFFSET), tmp_path)
    assert found['action_error.left_arm_joint4.rad.mae'] == pytest.approx(0.02)
    assert found['action_error.left_arm_joint4.rad.bias'] == pytest.approx(0.02)
    assert found['action_error.right_arm.rad.max'] == pytest.approx(0.0, abs=1e-9)
    assert found['action_error.right_gripper.mm.mae'] == pytest.approx(4.0)
    assert found['action_error.rad.mae'] == pytest.approx(0.02 / 12)
    assert found['action_error.rad.rmse'] == pytest.approx(0.02 / np.sqrt(12))
    assert found['action_error.row0.rad.max'] == pytest.approx(0.02)
    assert found['action_error.relative.rad.max'] == pytest.approx(0.0, abs=1e-9)
    assert found['action_error.relative.mm.max'] == pytest.approx(0.0, abs=1e-9)


def test_chunks_a_step_early_are_off_by_what_the_joints_move_in_a_step(tmp_path):
    found = numbers(Replay(wanted=lambda ms: human(ms + STEP)), tmp_path)
    moved = np.abs(SPEEDS) * STEP / 1e3
    for joint in ARM_NAMES:
        error = moved[JOINT_NAMES.index(joint)]
        assert found[f'action_error.{joint}.rad.mae'] == pytest.approx(error)
        assert found[f'action_error.{joint}.rad.rmse'] == pytest.approx(error)
    assert found['action_error.mm.mae'] == pytest.approx(1e3 * moved[6])
    assert found['action_error.relative.rad.max'] == pytest.approx(0.0, abs=1e-9)


def test_a_wrong_speed_grows_over_the_horizon_and_begins_with_nothing(tmp_path):
    def half(ms: np.ndarray) -> np.ndarray:
        since = FIRST + (ms[:1] - FIRST) // EVERY * EVERY
        return human(since) + 0.5 * (human(ms) - human(since))

    def wanted(ms: np.ndarray) -> np.ndarray:
        return half(ms) if len(ms) == ROWS else human(ms)

    found = measured(Replay(wanted=wanted), tmp_path)
    curves, behind = found.curves(), np.abs(SPEEDS[ARMS]).mean() * 0.5 * (rows(0) / 1e3)
    assert curves['action_error.rad.curve.mean'] == pytest.approx(behind, abs=1e-9)
    assert curves['action_error.curve.seconds'] == pytest.approx(rows(0) / 1e3)
    last = np.abs(SPEEDS[6]) * 0.5 * rows(0)[-1]
    assert curves['action_error.mm.curve.p95'][-1] == pytest.approx(last)
    by_name = found.numbers()
    assert by_name['action_error.row0.rad.max'] == pytest.approx(0.0, abs=1e-9)
    assert by_name['action_error.relative.rad.mae'] == pytest.approx(behind[1:].mean())


def test_the_hand_is_off_by_what_kinematics_make_of_the_joints(tmp_path):
    found = numbers(Replay(wanted=lambda ms: human(ms) + OFFSET), tmp_path)
    due = np.concatenate([rows(FIRST + n * EVERY) for n in range(CHUNKS)])
    q = human(due)[:, :6]
    lengths, angles = hand_poses('left', q).apart(hand_poses('left', q + OFFSET[:6]))
    assert found['hand_error.left.mm.mae'] == pytest.approx(1e3 * lengths.mean())
    assert found['hand_error.left.mm.p95'] == pytest.approx(1e3 * np.quantile(lengths, 0.95))
    assert found['hand_error.left.deg.max'] == pytest.approx(np.degrees(0.02))
    assert np.degrees(angles).max() == pytest.approx(np.degrees(0.02))
    assert found['hand_error.right.mm.max'] == pytest.approx(0.0, abs=1e-6)


def test_rows_beyond_the_end_and_in_gaps_are_left_out_and_counted(tmp_path):
    whole = Replay(wanted=lambda ms: human(ms) + OFFSET)
    due = np.concatenate([rows(FIRST + n * EVERY) for n in range(CHUNKS)])
    found = numbers(replace(whole, lasts=3000), tmp_path)
    assert found['action_error.rows_left_out'] == (due > 2990).sum() > 0
    assert found['action_error.left_arm_joint4.rad.mae'] == pytest.approx(0.02)
    (tmp_path / 'replay.mcap').unlink()
    found = numbers(replace(whole, silent=(1000, 1500)), tmp_path)
    assert found['action_error.rows_left_out'] == ((due > 1000) & (due < 1500)).sum()
    assert found['action_error.left_arm.rows_left_out'] == found['action_error.rows_left_out']
    assert found['action_error.left_arm_joint4.rad.max'] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ('roles', 'mode', 'source'),
    [
        (('measured', 'recorded', 'truth'), 'anchored', REPLAYED),
        (('measured', 'recorded'), 'free', COMMANDS),
        (('measured',), 'anchored', FEEDBACK),
        (('then', 'measured'), 'free', FEEDBACK),
        (('measured',), 'free', NOTHING),  # of the robot of the replay, not of the person's
        ((), 'anchored', NOTHING),
    ],
)
def test_the_best_that_a_recording_has_is_the_truth_and_is_named(tmp_path, roles, mode, source):
    found = measured(Replay(roles=roles, mode=mode), tmp_path)
    assert {found.words()[f'truth.{part}'] for part in found.errors.sources} == {source}
    error = found.numbers()['action_error.rad.mae']
    assert np.isnan(error) if source == NOTHING else error == pytest.approx(0.0, abs=1e-9)


def test_a_command_counts_until_the_next_and_a_reading_is_on_a_line():
    times, values = START + np.array([0, 10, 20], np.int64), np.array([[0.0], [1.0], [3.0]])
    due = START + np.array([-1, 0, 5, 10, 19, 20, 21])
    held = Truth(COMMANDS, times, values, True).at(due)[:, 0]
    line = Truth(FEEDBACK, times, values, False).at(due)[:, 0]
    np.testing.assert_array_equal(held, [np.nan, 0.0, 0.0, 1.0, 1.0, 3.0, np.nan])
    np.testing.assert_allclose(line, [np.nan, 0.0, 0.5, 1.0, 2.8, 3.0, np.nan])


def test_columns_are_by_name_and_a_joint_that_a_chunk_lacks_is_left_out(tmp_path):
    names = tuple(reversed(JOINT_NAMES[:-1]))  # without the right gripper
    found = numbers(Replay(wanted=lambda ms: human(ms) + OFFSET, names=names), tmp_path)
    assert found['action_error.left_arm_joint4.rad.mae'] == pytest.approx(0.02)
    assert found['action_error.right_gripper.rows_left_out'] == CHUNKS * ROWS
    assert np.isnan(found['action_error.right_gripper.mm.mae'])
    assert found['action_error.rows_left_out'] == 0
