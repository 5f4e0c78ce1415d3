"""Figures of a recording that are known by construction; each would be off if its formula were."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.apps.report import __main__ as report
from fastwam_ros.apps.report import events as report_events
from fastwam_ros.apps.report.figures import arm_motion, metrics, plain, sections
from fastwam_ros.apps.report.mosaics import mosaics
from fastwam_ros.apps.report.motion import Motion
from fastwam_ros.apps.report.picture import draw
from fastwam_ros.apps.report.reach import reach
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.run import Bounds
from fastwam_ros.bag.streams import JointStream
from fastwam_ros.bag.writer import BagWriter
from test.apps.recording import (
    COLOURS,
    LATE_BY,
    MS,
    START,
    TICK,
    TICKS,
    Recording,
    at_rate,
    empty,
    known,
)


@pytest.fixture(scope='module')
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run.read(Bag(known().write(tmp_path_factory.mktemp('run') / 'run.mcap')))


@pytest.fixture(scope='module')
def found(run: Run) -> dict:
    return metrics(run)


def test_ratios_over_plan_time(found: dict) -> None:
    # Joint 1 is limited to 1.5 rad/s, 6 rad/s2, 80 rad/s3.
    assert found['velocity_ratio'] == pytest.approx(0.8 / 1.5, abs=1e-6)
    assert found['acceleration_ratio'] == pytest.approx(4.0 / 6.0, abs=1e-6)
    assert found['jerk_ratio'] == pytest.approx(40.0 / 80.0, abs=1e-6)
    assert found['gripper_velocity_ratio'] == pytest.approx(0.2 / 0.5, abs=1e-6)


def test_a_held_up_stream_is_fast_as_received(run: Run, found: dict) -> None:
    # 20 commands in 10 ms and 8 more in the 40 ms after: 28 periods of 0.8 rad/s in 50 ms.
    assert found['velocity_50ms_ratio'] == pytest.approx(28 * 0.005 * 0.8 / 0.05 / 1.5, rel=1e-4)
    assert 'left_arm_joint1' in report.table(run).split('as received')[1].splitlines()[0]


def test_lost_and_late(found: dict) -> None:
    assert found['missing'] == 1
    assert found['late_ticks'] == 1
    assert found['commands'] == TICKS - 1
    assert found['longest_gap_ms'] == pytest.approx((TICK + LATE_BY) / 1e6)


def test_beyond_position_limits(run: Run, found: dict) -> None:
    assert found['beyond_rad'] == pytest.approx(0.004)
    assert found['gripper_beyond_m'] == 0.0
    (line,) = (row for row in report.table(run).splitlines() if 'arms beyond' in row)
    assert '0 !' in line and 'right_arm_joint3' in line


def test_verdicts_since_the_recording_began(found: dict) -> None:
    assert (found['accepted'], found['shadowed'], found['refused']) == (5, 3, 5)
    assert (found['refused_jump'], found['refused_position']) == (2, 1)
    assert found['refused_not_named'] == 2
    assert 'refused_epoch' not in found


def test_ages_of_the_plans_whose_first_command_is_there(run: Run, found: dict) -> None:
    assert found['age_p50_ms'] == pytest.approx(315.0)
    assert found['age_p95_ms'] == pytest.approx(np.quantile([300, 310, 320, 430], 0.95))
    assert found['plans_joined'] == 5
    assert 'joined 4 of 5 plans' in report.table(run)


def test_times_in_modes(found: dict) -> None:
    late = LATE_BY / 1e9
    assert found['time_in_policy_s'] == pytest.approx(200 * 0.005 + late)
    assert found['time_in_teleop_s'] == pytest.approx(30 * 0.005)
    assert found['time_in_stopping_s'] == pytest.approx(40 * 0.005)
    assert found['time_in_hold_s'] == pytest.approx((20 + 9 + 199) * 0.005)
    assert found['time_in_disarmed_s'] == pytest.approx(2.0 + 0.005)


def test_share_of_slowed_time(run: Run, found: dict) -> None:
    late = LATE_BY / 1e9
    slow, all_of_it = (140 - 60) * 0.005 + late, 200 * 0.005 + late
    assert found['slowed_percent'] == pytest.approx(100 * slow / all_of_it)
    assert 'x 1.250 left_arm_joint4' in report.table(run)


def test_takeover(found: dict) -> None:
    assert found['takeovers'] == 1
    assert found['takeover_to_state_ms'] == pytest.approx(5.0)
    assert found['takeover_to_command_ms'] == pytest.approx(1.5)
    assert found['takeover_to_hold_ms'] == pytest.approx(300.0)


def test_policy_and_cameras(found: dict) -> None:
    assert found['chunks'] == 3
    assert found['inference_p50_ms'] == pytest.approx(200.0)
    assert found['inference_p95_ms'] == pytest.approx(290.0)
    assert found['chunk_hz'] == pytest.approx(1 / 0.066)
    assert found['camera_left_hz'] == pytest.approx(1 / 0.066)
    assert found['picture_span_p50_ms'] == pytest.approx(22.0)


def test_tracking_is_the_worst_joint_without_delay(found: dict) -> None:
    assert found['tracking_p95_rad'] == pytest.approx(0.01)


def test_a_wrong_rate_is_said(tmp_path: Path) -> None:
    run = Run.read(Bag(at_rate(100.0).write(tmp_path / 'run.mcap')))
    assert "recorded as 100 Hz but 200 Hz apart: give the recorder the executor's rate" in (
        report.table(run)
    )


def test_a_takeover_that_nobody_followed(tmp_path: Path) -> None:
    changed = known()
    changed.states = [told for told in changed.states if told.fields['mode'] != 'TELEOP']
    found = metrics(Run.read(Bag(changed.write(tmp_path / 'run.mcap'))))
    assert found['takeovers'] == 1
    assert np.isnan(found['takeover_to_state_ms'])


def test_a_counter_of_a_restarted_executor_counts_on() -> None:
    states = [
        report_events.Heard(0, type('State', (), {'accepted': value})) for value in (5, 7, 1, 4)
    ]
    assert report_events.counted(states, 'accepted') == 2 + 1 + 3


@pytest.mark.parametrize('seed', range(20))
def test_differences_never_exceed_what_bounds_the_motion(seed: int) -> None:
    """However many commands are lost, a bounded motion is not called faster than it is."""
    rng = np.random.default_rng(seed)
    jerk = rng.choice([-1.0, 0.0, 1.0], 600) * 80.0
    step = TICK / 1e9
    acceleration = np.cumsum(jerk) * step
    velocity = np.cumsum(acceleration) * step
    position = np.cumsum(velocity) * step
    bound = Bounds(-9, 9, np.abs(velocity[1:]).max(), np.abs(acceleration[2:]).max(), 80.0)
    kept = np.flatnonzero(rng.random(600) < 0.8)
    stamps = START + kept * TICK
    stream = JointStream(stamps, stamps, position[kept, None])
    motion = Motion.of(stream, TICK, ['joint'], [bound])
    assert motion.missing == kept[-1] - kept[0] + 1 - len(kept)
    for order in (1, 2, 3):
        assert motion.over_plan_time(order).ratio <= 1.0 + 1e-6
    stamps = START + np.arange(600) * TICK
    whole = Motion.of(JointStream(stamps, stamps, position[:, None]), TICK, ['joint'], [bound])
    for order in (1, 2, 3):
        assert whole.over_plan_time(order).ratio == pytest.approx(1.0, abs=1e-5)


def test_a_tick_that_is_late_by_almost_a_period_is_no_lost_command() -> None:
    stamps = START + np.array([0, 1, 2, 3, 5, 6, 7, 8]) * TICK
    stamps[4:] += 757
    position = 0.004 * np.arange(8.0)[:, None]  # 0.8 rad/s
    motion = Motion.of(
        JointStream(stamps, stamps, position), TICK, ['joint'], [Bounds(-9, 9, 1.0, 1.0, 1.0)]
    )
    assert motion.missing == 0
    assert motion.over_plan_time(1).ratio == pytest.approx(0.8)
    assert motion.over_plan_time(2).ratio == pytest.approx(0.0, abs=1e-9)


def test_stamps_that_go_back_begin_anew() -> None:
    stamps = START + np.array([0, 1, 2, 0, 1, 2]) * TICK
    position = np.array([0.0, 0.0, 0.0, 3.0, 3.0, 3.0])[:, None]
    motion = Motion.of(
        JointStream(stamps, stamps, position), TICK, ['joint'], [Bounds(-9, 9, 1.0, 1.0, 1.0)]
    )
    assert motion.over_plan_time(1).ratio == 0.0
    assert len(motion.stretches) == 2


def test_the_tightest_pictures_are_not_the_nearest(tmp_path: Path) -> None:
    # 66 ms apart: left 33 ms and right 32 ms after the head's, though left is as near before.
    changed = known()
    shift = {'head': 0, 'left': -33 * MS, 'right': 32 * MS}
    heads = [stamp for camera, stamp in changed.pictures if camera == 'head']
    changed.pictures = [(c, head + by) for c, by in shift.items() for head in heads]
    found = metrics(Run.read(Bag(changed.write(tmp_path / 'run.mcap'))))
    assert found['picture_span_p50_ms'] == pytest.approx(33.0)


def test_another_robot_is_refused(tmp_path: Path) -> None:
    changed = known()
    changed.facts = replace(changed.facts, robot='aloha')
    with pytest.raises(BagError, match="robot 'aloha': the report knows 'r1lite'"):
        Run.read(Bag(changed.write(tmp_path / 'run.mcap')))


def test_mosaics_are_the_recorded_pictures(run: Run) -> None:
    (mosaic,) = mosaics(run, [START + 500 * MS])
    assert mosaic.shape == (384, 320, 3)
    for camera, (row, column) in {
        'head': (100, 100),
        'left': (300, 80),
        'right': (300, 240),
    }.items():
        assert np.abs(mosaic[row, column].astype(int) - COLOURS[camera]).max() < 8


def test_raw_pictures_under_former_names_are_shown_too(tmp_path: Path) -> None:
    changed = known()
    changed.raw = True
    run = Run.read(Bag(changed.write(tmp_path / 'run.mcap')))
    (mosaic,) = mosaics(run, [START + 500 * MS])
    assert (mosaic[300, 80] == COLOURS['left']).all()
    assert (mosaic[300, 240] == COLOURS['right']).all()


def test_garbage_from_a_camera_is_grey(tmp_path: Path) -> None:
    changed = known()
    changed.jpeg = b'\xff\xd8garbage'
    run = Run.read(Bag(changed.write(tmp_path / 'run.mcap')))
    (mosaic,) = mosaics(run, [START])
    assert (mosaic == 128).all()


def test_picture_and_json(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    png, figures = tmp_path / 'run.png', tmp_path / 'run.json'
    arguments = ['report', str(run.bag.path), '--picture', str(png), '--json', str(figures)]
    monkeypatch.setattr(sys, 'argv', arguments)
    report.main()
    pixels = np.asarray(Image.open(png).convert('RGB')).reshape(-1, 3)
    assert Image.open(png).size == (1600, 1000)
    colours = {tuple(pixel) for pixel in np.unique(pixels, axis=0).tolist()}
    assert {(207, 227, 242), (230, 230, 230), (0, 114, 178)} <= colours  # POLICY, HOLD, joint 1
    assert json.loads(figures.read_text())['refused_jump'] == 2


def test_the_picture_shows_two_seconds_of_idling_at_most(tmp_path: Path) -> None:
    changed = known()
    for told in changed.states:  # the policy is slow to come
        if told.fields['mode'] == 'HOLD' and told.at < START + 20 * TICK:
            told.at -= 30_000 * MS
    for command in changed.commands:
        command.stamp -= 30_000 * MS * (command.stamp < START + 10 * TICK)
    run = Run.read(Bag(changed.write(tmp_path / 'run.mcap')))
    began = run.seconds(START + 20 * TICK)  # of POLICY
    assert began > 25.0
    left, right = reach(run)
    assert (left, right > began) == (pytest.approx(began - 2.0), True)


def test_nothing_but_a_recorder(tmp_path: Path) -> None:
    run = Run.read(Bag(empty().write(tmp_path / 'run.mcap')))
    text = report.table(run)
    assert 'commands per arm' in text and 'no commands' in text
    assert json.dumps(plain(sections(run)), allow_nan=False)
    draw(run, tmp_path / 'run.png')


def test_a_broken_off_file_is_reported_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = known().write(tmp_path / 'run.mcap').read_bytes()
    cut = tmp_path / 'cut.mcap'
    cut.write_bytes(whole[: int(0.7 * len(whole))])
    run = Run.read(Bag(cut))
    assert 'cut.mcap breaks off' in report.table(run)
    assert 50 < metrics(run)['commands'] < TICKS


def test_what_is_no_run_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / 'other.mcap'
    with BagWriter(path) as bag:
        bag.metadata('rosbag2', {})
    with pytest.raises(BagError, match="no metadata 'fastwam_ros': it was not made by"):
        Run.read(Bag(path))
    monkeypatch.setattr(sys, 'argv', ['report', str(tmp_path / 'none.mcap')])
    with pytest.raises(SystemExit, match=r'report: .*none\.mcap: No such file'):
        report.main()


def test_it_imports_nothing_of_what_decided_the_run() -> None:
    code = (
        'import sys; import fastwam_ros.apps.report.__main__, fastwam_ros.apps.report.picture; '
        'import fastwam_ros.apps.report.html; '
        'print(*(name for name in sys.modules if name.startswith('
        "('fastwam_ros.motion', 'fastwam_ros.loop', 'fastwam_ros.nodes', 'torch', 'rclpy'))))"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    # A tracker's step towards a target decides nothing.
    tracker = {'fastwam_ros.motion', 'fastwam_ros.motion.chaser'}
    assert set(done.stdout.split()) <= tracker


def test_reads_without_anything_of_ours_on_the_wire(tmp_path: Path) -> None:
    """A topic may be missing altogether: an unplugged camera, no teleop."""
    changed = Recording(states=known().states, chunks=known().chunks)
    run = Run.read(Bag(changed.write(tmp_path / 'run.mcap')))
    found = metrics(run)
    assert np.isnan(found['camera_head_hz'])
    assert np.isnan(found['picture_span_p50_ms'])
    assert found['takeovers'] == 0
    assert arm_motion(run, 'left').missing == 1
