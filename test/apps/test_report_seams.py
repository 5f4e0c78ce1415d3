"""Steps of the commands across seams that are known by construction."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.report.figures import arm_motion
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.report.seams import Seam, seams, sharpest
from fastwam_ros.bag.reader import Bag
from test.apps.recording import PLANS, Recording, known

STEP = 0.005  # [s]


def found(recording: Recording, folder: Path, side: str = 'left') -> tuple[Run, list[Seam]]:
    run = Run.read(Bag(recording.write(folder / 'run.mcap')))
    return run, seams(run, side)


def test_one_for_each_plan_whose_command_is_there(tmp_path: Path) -> None:
    _, left = found(known(), tmp_path)
    assert [round(1e3 * seam.age) for seam in left] == [age for _, age in PLANS]


def test_smooth_motion_steps_as_its_derivatives_do(tmp_path: Path) -> None:
    # Joint 1 at ticks 20, 60, 140 and 200: jerk 40 rad/s3, jerk -40, constant speed, constant.
    _, left = found(known(), tmp_path)
    first, second, third, fourth = left
    assert first.steps[2, 0] == pytest.approx(40.0 * STEP, rel=1e-6)
    assert first.shares[2, 0] == pytest.approx(40.0 / 80.0, rel=1e-6)
    assert second.steps[2, 0] == pytest.approx(40.0 * STEP, rel=1e-6)
    for seam in (third, fourth):
        assert seam.v[0] == pytest.approx(0.8)
        assert seam.steps[0, 0] == pytest.approx(0.8 * STEP)
        assert seam.steps[1:, 0] == pytest.approx(0.0, abs=1e-6)
    assert first.shares[0, 0] == pytest.approx(first.steps[0, 0] / (1.5 * STEP))


def test_a_jump_at_a_seam_is_seen_there_and_only_there(tmp_path: Path) -> None:
    changed = known()
    for command in changed.commands[140:]:
        command.arms['left'] = command.arms['left'] + np.array([0.0, 0.0, 0.0, 0.02, 0.0, 0.0])
    run, left = found(changed, tmp_path)
    assert left[2].steps[0, 3] == pytest.approx(0.02)
    assert left[2].shares[0, 3] == pytest.approx(0.02 / (2.5 * STEP))
    assert left[2].shares[1, 3] > 100.0
    for seam in (left[0], left[1], left[3]):
        assert seam.steps[:, 3] == pytest.approx(0.0, abs=1e-9)
    names = {side: arm_motion(run, side).names for side in ('left', 'right')}
    rows = sharpest([(names['left'], left), (names['right'], seams(run, 'right'))])
    assert len(rows) == len(left) + 1  # the left arm's command of one plan was lost
    jumped = [row for row in rows if row.shares[1] > 100.0]
    assert [(row.joints[0], round(1e3 * row.age)) for row in jumped] == [
        ('left_arm_joint4', PLANS[2][1])
    ]
    assert jumped[0].steps[0] == pytest.approx(0.02)


def test_a_jump_beside_a_seam_is_not_the_seams(tmp_path: Path) -> None:
    changed = known()
    for command in changed.commands[137:]:
        command.arms['left'] = command.arms['left'] + np.array([0.0, 0.0, 0.0, 0.02, 0.0, 0.0])
    _, left = found(changed, tmp_path)
    assert left[2].steps[0, 3] == pytest.approx(0.0, abs=1e-9)


def test_the_first_command_of_all_has_no_step(tmp_path: Path) -> None:
    changed = known()
    changed.commands = changed.commands[20:]
    _, left = found(changed, tmp_path)
    assert np.isnan(left[0].steps).all()
    assert not np.isnan(left[0].v).any()
    (row,) = sharpest([(['a', 'b', 'c', 'd', 'e', 'f'], left[:1])])
    assert np.isnan(row.shares).all()


def test_no_executor_no_seams(tmp_path: Path) -> None:
    assert found(replace(known(), states=[]), tmp_path)[1] == []
