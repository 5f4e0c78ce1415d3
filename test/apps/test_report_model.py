"""The modelled tracker follows recorded commands as far as it can, from where the arm was."""

from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.report.model import (
    TRACKER,
    Trace,
    cut,
    deviations,
    modelled_arm,
    modelled_gripper,
)
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.streams import JointStream
from test.apps.recording import OFF, SILENT_FROM, START, TICK, Recording, empty, known


def recorded(recording: Recording, folder: Path) -> Run:
    return Run.read(Bag(recording.write(folder / 'run.mcap')))


@pytest.fixture(scope='module')
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return recorded(known(), tmp_path_factory.mktemp('run'))


def test_an_engagement_is_a_line_that_begins_where_the_arm_was(run: Run) -> None:
    first, second = modelled_arm(run, 'left')
    assert first.stamps[0] == run.arms['left'].stamps[0]
    assert first.values[0] == pytest.approx(OFF, abs=1e-6)
    begun = run.arms['left'].stamps[SILENT_FROM - 1]  # one command before it was lost
    assert second.stamps[0] == begun
    assert second.values[0] == pytest.approx(run.arms['left'].position[-1] + OFF, abs=1e-6)


def test_it_arrives_behind_the_command_and_not_before_its_delay(run: Run) -> None:
    first, _ = modelled_arm(run, 'left')
    command = cut(run.arms['left'])[0]
    at = np.searchsorted(first.stamps, command.stamps[100])
    assert first.values[at, 0] < command.values[100, 0]  # on the way up
    assert first.values[-1, 0] == pytest.approx(command.values[-1, 0], abs=1e-3)
    moved = first.stamps[np.abs(first.values[:, 0]) > 0.0][0]
    began = command.stamps[command.values[:, 0] > 0.0][0]
    assert moved - began >= TRACKER.delay * 1e9


def test_it_is_as_fast_as_the_commands_ask_for_and_no_faster(tmp_path: Path) -> None:
    changed = known()
    for command in changed.commands[10:SILENT_FROM]:
        command.arms['left'] = np.array([2.5, 0.0, 0.0, 0.0, 0.0, 0.0])
    first, _ = modelled_arm(recorded(changed, tmp_path), 'left')
    speed = np.diff(first.values[:, 0]) / 0.005
    assert speed.max() == pytest.approx(1.5, abs=1e-3)  # the limit in the file; its own is 15


def test_the_gripper_moves_in_metres(run: Run) -> None:
    first, second = modelled_gripper(run, 'right')
    assert first.values == pytest.approx(0.05)
    assert second.values[-1] == pytest.approx(0.08)


def test_without_readings_it_begins_at_the_command(tmp_path: Path) -> None:
    run = recorded(known(), tmp_path)
    nothing = JointStream(*(np.zeros(0, np.int64),) * 2, np.zeros((0, 6)))
    bare = Run(**{**vars(run), 'measured': {'left': nothing, 'right': nothing}})
    assert modelled_arm(bare, 'left')[0].values[0] == pytest.approx(np.zeros(6))


def test_no_commands_no_line(tmp_path: Path) -> None:
    assert modelled_arm(recorded(empty(), tmp_path), 'left') == []


def test_the_distance_is_the_worst_joints_of_each_engagement(run: Run) -> None:
    first, second = deviations(cut(run.arms['left']), run.measured['left'])
    assert first.values == pytest.approx(0.01)
    assert second.stamps[0] - first.stamps[-1] > 1e9


def test_readings_before_a_line_have_no_distance() -> None:
    stamps = START + np.arange(4) * TICK
    line = Trace(stamps[2:], np.ones((2, 1)))
    reading = JointStream(stamps, stamps, np.zeros((4, 1)))
    (found,) = deviations([line], reading)
    assert found.values.tolist() == [[1.0], [1.0]]
    assert deviations([], reading) == []
