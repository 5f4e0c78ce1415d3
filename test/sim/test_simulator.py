"""The simulator as its topics show it: rates, stamps, streams, seeds."""

from itertools import pairwise

import numpy as np
import pytest

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.tracker import FAST, NORMAL
from fastwam_ros.sim.simulator import CAMERA_PHASE, Simulator
from fastwam_ros.sim.world import ARM_HOME, STEP_NS

START = 1_700_000_000_123_456_789
SECOND = 1_000_000_000
THERE = np.add(ARM_HOME, [0.3, 0.3, -0.3, -0.4, 0.4, 0.5]).tolist()
FAR = np.add(ARM_HOME, [1.5, 0.9, -1.0, -2.0, 1.5, 1.5]).tolist()


def script(sim, seconds=2.0, every=STEP_NS):
    """One command log: targets at 100 Hz for both arms, a gripper stream, then silence."""
    readings, end = [], sim.time + round(seconds * SECOND)
    log = {sim.time + k * 2 * STEP_NS for k in range(120)}
    while sim.time < end:
        if sim.time in log:
            for side in SIDES:
                assert sim.target_arm(side, THERE, [2.0] * 6, sim.time) == ''
                assert sim.target_gripper(side, [30.0], sim.time) == ''
        readings += sim.advance(sim.time + every)
    return readings


def test_readings_come_at_200_hz_on_their_own_stamps():
    sim = Simulator(0, START)
    assert sim.advance(START + STEP_NS - 1) == []
    stamps = [reading.stamp for reading in sim.advance(START + SECOND)]
    assert stamps == [START + (k + 1) * STEP_NS for k in range(200)]


def test_same_seed_and_commands_give_identical_runs():
    first, second = Simulator(7, START), Simulator(7, START)
    assert script(first) == script(second)
    assert first.world.data.qpos.tobytes() == second.world.data.qpos.tobytes()
    assert first.world.data.qvel.tobytes() == second.world.data.qvel.tobytes()


def test_a_reset_forgets_everything():
    used, fresh = Simulator(3, START), Simulator(7, START)
    script(used)
    used.target_arm('left', [0.0], [], used.time)
    used.target_arm('left', THERE, [], used.time)
    used.target_gripper('left', [10.0], used.time)
    used.reset(7, START)
    assert not used.ignored
    assert script(used) == script(fresh)
    assert used.world.data.qpos.tobytes() == fresh.world.data.qpos.tobytes()


def test_another_seed_is_another_run():
    first, second = Simulator(1, START), Simulator(2, START)
    assert script(first, 0.1) != script(second, 0.1)
    assert np.abs(first.world.block('red') - second.world.block('red')).max() > 1e-3


def test_the_arm_follows_the_stream_and_stops_with_it():
    sim = Simulator(0, START)
    readings = script(sim, 4.0)  # targets for 1.2 s, then none
    travel = readings[239].arms['left'].position[0] - readings[0].arms['left'].position[0]
    assert travel > 0.15
    assert max(map(abs, readings[-1].arms['left'].velocity)) < 0.02
    assert readings[-1].arms['left'].position == pytest.approx(
        readings[-100].arms['left'].position, abs=1e-3
    )
    assert readings[-1].grippers['left'].position == pytest.approx(30.6, abs=0.3)


def test_a_stream_that_dies_in_motion_leaves_the_arm_short_of_its_target():
    sim = Simulator(0, START)
    for _ in range(20):
        sim.target_arm('right', FAR, [], sim.time)
        sim.advance(sim.time + STEP_NS)
    assert np.abs(sim.world.arm('right').velocity).max() > 0.01
    sim.advance(sim.time + 3 * SECOND)
    assert np.abs(sim.world.arm('right').velocity).max() < 1e-3
    assert np.abs(sim.world.arm('right').position - FAR).min() > 0.2


def test_the_tracker_set_decides_how_fast():
    travel = {}
    for model in (FAST, NORMAL):
        sim = Simulator(0, START, tracker=model)
        for _ in range(100):
            sim.target_arm('left', THERE, [], sim.time)
            sim.advance(sim.time + STEP_NS)
        travel[model.name] = sim.world.arm('left').position - ARM_HOME
    # The normal set's wrist jerk is twice the fast set's; joints 1 to 3 differ in speed alone.
    assert abs(travel['normal'][5]) > 1.1 * abs(travel['fast'][5])


def test_wrong_targets_are_counted_and_explained():
    sim = Simulator(0, START)
    before = script(sim, 0.05)
    assert before
    assert sim.target_arm('left', [0.0] * 7, [], START) == (
        'left arm target has 7 positions: the tracker takes 6; ignored (1 so far)'
    )
    assert '(2 so far)' in sim.target_arm('left', [float('nan')] * 6, [], START)
    assert '(1 so far)' in sim.target_gripper('right', [], START)
    assert sim.ignored == {'left_arm': 2, 'right_gripper': 1}


def test_cameras_expose_at_15_hz_one_after_the_other():
    sim = Simulator(0, START)
    sim.advance(START + 2 * SECOND)
    exposures = sim.exposures()
    assert sim.exposures() == []
    for camera, phase in CAMERA_PHASE.items():
        stamps = [e.stamp for e in exposures if e.camera == camera]
        assert len(stamps) == pytest.approx(30, abs=1)
        assert 0 <= stamps[0] - START - phase <= STEP_NS
        gaps = {b - a for a, b in pairwise(stamps)}
        assert gaps <= {13 * STEP_NS, 14 * STEP_NS}
        assert np.mean(list(np.diff(stamps))) == pytest.approx(SECOND / 15, rel=0.01)
    offsets = {phase % (SECOND // 15) for phase in CAMERA_PHASE.values()}
    assert len(offsets) == 3


def test_a_camera_rate_is_kept_and_the_phases_with_it():
    sim = Simulator(0, 0, camera_rate=30.0)
    sim.advance(1_000_000_000)
    stamps = [e.stamp for e in sim.exposures() if e.camera == 'right']
    assert stamps[0] == CAMERA_PHASE['right']
    assert 29 <= len(stamps) <= 30
    assert all(30_000_000 <= b - a <= 35_000_000 for a, b in pairwise(stamps))


def test_an_exposure_keeps_the_state_of_its_stamp():
    sim = Simulator(0, START)
    script(sim, 0.6)
    exposures = sim.exposures()
    assert any((a.qpos != b.qpos).any() for a, b in pairwise(exposures))
    again = Simulator(0, START)
    script(again, 0.6)
    assert all((a.qpos == b.qpos).all() for a, b in zip(exposures, again.exposures(), strict=True))


def test_a_camera_with_latency_shows_what_was_before_its_stamp():
    latencies = {'head': 40_000_000, 'left': 0, 'right': -10_000_000}
    plain, late = (
        Simulator(0, START, latencies=given)
        for given in (None, {name: each / SECOND for name, each in latencies.items()})
    )
    script(plain, 1.0)
    script(late, 1.0)
    shown = {(each.camera, each.stamp): each.qpos for each in plain.exposures()}
    taken = late.exposures()
    assert len(taken) > 40
    for each in taken:
        assert each.stamp <= late.time
        assert (each.qpos == shown[each.camera, each.stamp - latencies[each.camera]]).all()


def test_time_that_slips_passes_without_physics():
    sim = Simulator(0, START)
    script(sim, 0.3)
    before = sim.world.data.qpos.copy()
    assert sim.slip(sim.time + SECOND) == pytest.approx(1.0)
    assert sim.slip(sim.time - SECOND) == 0.0
    assert (sim.world.data.qpos == before).all()
    sim.exposures()
    at = sim.time
    assert [r.stamp for r in sim.advance(at + STEP_NS)] == [at + STEP_NS]
    assert sorted(e.camera for e in sim.exposures()) == ['head', 'left', 'right']
    sim.advance(at + SECOND)
    assert len(sim.exposures()) <= 46  # missed pictures are not made up for
