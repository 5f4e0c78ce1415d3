"""How the simulated robot takes targets: limits, delay, stream, caps, nonsense."""

import numpy as np
import pytest

from fastwam_ros.robot.joints import arm_joints
from fastwam_ros.robot.tracker import FAST, NORMAL
from fastwam_ros.sim.plant import ArmTracker, GripperDrive

PERIOD = 5_000_000
HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0])
THERE = HOME + np.array([0.4, 0.3, -0.3, -0.5, 0.5, 0.6])
# So far that an arm still speeds up when its stream has been silent for the time-out.
FAR = HOME + np.array([1.5, 1.2, -1.2, -2.0, 1.5, 1.5])
REST = pytest.approx(np.zeros(6), abs=1e-12)


class Bench:
    """A tracker with a clock that counts periods."""

    def __init__(self, model=FAST, start=HOME):
        self.tracker = ArmTracker('left', model, PERIOD)
        self.tracker.reset(np.array(start))
        self.now, self.path, self.speeds = 0, [np.array(start)], [np.zeros(6)]

    def run(self, periods, target=None, caps=()):
        for _ in range(periods):
            if target is not None:
                assert self.tracker.receive(list(target), list(caps), self.now) == ''
            self.now += PERIOD
            position, velocity = self.tracker.tick(self.now)
            self.path.append(position)
            self.speeds.append(velocity)
        return np.array(self.path), np.array(self.speeds)


@pytest.mark.parametrize('model', [FAST, NORMAL])
@pytest.mark.parametrize('seed', range(4))
def test_motion_stays_within_the_tracker_whatever_arrives(model, seed):
    """Jumping targets, changing caps down to zero, gaps in the stream."""
    rng = np.random.default_rng(seed)
    joints = arm_joints('left')
    low, high = np.array([j.lower for j in joints]), np.array([j.upper for j in joints])
    bench = Bench(model)
    for _ in range(60):
        target = rng.uniform(low - 0.5, high + 0.5)
        caps = rng.choice([0.0, 0.01, 0.5, 2.0, 50.0], 6) if rng.random() < 0.7 else ()
        quiet = rng.random() < 0.2
        path, speeds = bench.run(int(rng.integers(1, 80)), None if quiet else target, caps)
    dt = PERIOD * 1e-9
    acceleration = np.diff(speeds, axis=0) / dt
    jerk = np.diff(acceleration, axis=0) / dt
    assert np.abs(speeds).max() > 0.5
    assert (np.abs(speeds) <= np.array(model.velocity) + 1e-6).all()
    assert (np.abs(acceleration) <= np.array(model.acceleration) + 1e-5).all()
    assert (np.abs(jerk) <= np.array(model.jerk) * 1.001 + 1e-3).all()
    assert np.abs(np.diff(path, axis=0) / dt - (speeds[1:] + speeds[:-1]) / 2).max() < 1e-3
    assert (path >= low - 1e-6).all()
    assert (path <= high + 1e-6).all()


def test_a_target_takes_effect_after_the_delay():
    path, _ = Bench().run(200, THERE)
    still = round(FAST.delay * 1e9 / PERIOD)
    assert (path[:still] == HOME).all()
    assert (path[still + 2] != HOME).all()
    assert Bench().run(600, THERE)[0][-1] == pytest.approx(THERE, abs=1e-9)


def test_arms_stop_when_the_stream_stops():
    bench = Bench()
    bench.run(20, FAR)
    path, speeds = bench.run(400)
    silent = 20 + round(FAST.stream_timeout * 1e9 / PERIOD)
    assert np.abs(speeds[silent]).max() > 0.1  # until then it moved on
    assert speeds[-1] == REST
    assert path[-1] == pytest.approx(path[-100], abs=1e-12)
    assert (np.abs(path[-1] - FAR) > 0.2).all()  # it held where it stopped, short of the goal


def test_a_stopped_arm_needs_a_new_target():
    bench = Bench()
    bench.run(20, FAR)
    bench.run(400)
    held = bench.path[-1]
    assert bench.tracker.receive(list(held), [], bench.now) == ''
    path, _ = bench.run(30)
    assert np.abs(path[-30:] - held).max() < 1e-9  # the old goal is forgotten


def test_a_target_that_waited_through_a_gap_is_forgotten():
    """A process held up between receipt and tick must not act on what is old by then."""
    bench = Bench()
    assert bench.tracker.receive(list(FAR), [], bench.now) == ''
    bench.now += 1_000_000_000
    bench.run(1)
    path, _ = bench.run(20, HOME)
    assert (path == HOME).all()


def test_ten_targets_a_second_are_a_stream():
    bench = Bench()
    for _ in range(30):
        bench.run(1, THERE)
        bench.run(19)
    assert bench.path[-1] == pytest.approx(THERE, abs=1e-6)


def test_velocity_caps_the_tracking_speed_of_its_joint():
    caps = [0.2, 0.4, 0.1, 5.0, 0.3, 15.0]
    _, speeds = Bench().run(200, THERE, caps)
    fastest = np.abs(speeds).max(axis=0)
    assert (fastest <= np.array(caps) + 1e-6).all()
    assert fastest[[0, 1, 2, 4]] == pytest.approx(np.array(caps)[[0, 1, 2, 4]], abs=1e-3)


def test_no_velocity_means_the_trackers_own_speed():
    free, _ = Bench().run(100, THERE)
    capped, _ = Bench().run(100, THERE, FAST.velocity)
    beyond, _ = Bench().run(100, THERE, [99.0] * 6)
    assert (free == capped).all()
    assert (free == beyond).all()


def test_zero_velocity_sticks():
    path, _ = Bench().run(300, THERE, [0.0] * 6)
    assert (path == HOME).all()
    path, _ = Bench().run(600, THERE, [2.0, 0.0, 2.0, 2.0, 2.0, 2.0])
    assert (path[:, 1] == HOME[1]).all()
    assert np.delete(path[-1], 1) == pytest.approx(np.delete(THERE, 1), abs=1e-6)


def test_zero_velocity_brakes_a_moving_joint():
    bench = Bench()
    bench.run(60, THERE)
    _, speeds = bench.run(300, THERE, [0.0] * 6)
    assert speeds[-1] == REST


def test_targets_beyond_a_limit_are_that_limit():
    path, _ = Bench().run(1500, [9.0, -9.0, 9.0, 9.0, -9.0, 9.0])
    joints = arm_joints('left')
    corner = [j.upper if i not in (1, 4) else j.lower for i, j in enumerate(joints)]
    assert path[-1] == pytest.approx(corner, abs=1e-6)


NAN, INF = float('nan'), float('inf')


@pytest.mark.parametrize(
    ('position', 'caps', 'words'),
    [
        ([0.0] * 7, [], '7 positions'),
        ([], [], '0 positions'),
        ([0.0] * 6, [1.0] * 5, '5 velocities'),
        ([0.0] * 5 + [NAN], [], 'not finite'),
        ([0.0] * 5 + [INF], [], 'not finite'),
        ([0.0] * 6, [NAN] * 6, 'not finite'),
        ([0.0] * 6, [-1.0] * 6, 'negative'),
    ],
)
def test_wrong_targets_change_nothing_and_keep_no_stream_alive(position, caps, words):
    bench = Bench()
    bench.run(60, THERE)
    for _ in range(400):
        assert words in bench.tracker.receive(position, caps, bench.now)
        bench.run(1)
    assert bench.speeds[-1] == REST


class TestGripper:
    def drive(self, start=0.0):
        drive = GripperDrive('left', FAST, PERIOD)
        drive.reset(start)
        return drive

    def run(self, drive, periods=100):
        return [drive.tick() for _ in range(periods)]

    def test_one_shots_are_ignored(self):
        drive = self.drive(0.02)
        for k in range(5):
            assert drive.receive([80.0], k * 300_000_000) == ''  # each after the time-out
            assert {opening for opening, _ in self.run(drive)} == {0.02}

    def test_a_second_message_makes_a_stream(self):
        drive = self.drive()
        drive.receive([80.0], 0)
        drive.receive([80.0], 200_000_000)
        path = self.run(drive)
        assert path[-1] == (pytest.approx(0.08), 0.0)
        assert max(speed for _, speed in path) == pytest.approx(0.5)

    def test_the_last_target_stays_when_the_stream_ends(self):
        drive = self.drive()
        drive.receive([50.0], 0)
        drive.receive([50.0], PERIOD)
        self.run(drive)
        drive.receive([0.0], 900_000_000)
        assert self.run(drive)[-1][0] == pytest.approx(0.05)

    def test_values_beyond_the_stroke_are_its_ends(self):
        drive = self.drive()
        for value, end in ((130.0, 0.1), (-5.0, 0.0)):
            drive.receive([value], 0)
            drive.receive([value], PERIOD)
            assert self.run(drive)[-1][0] == pytest.approx(end)

    def test_wrong_targets_start_no_stream(self):
        drive = self.drive(0.05)
        assert 'not finite' in drive.receive([NAN], 0)
        assert '2 positions' in drive.receive([1.0, 2.0], 0)
        assert drive.receive([90.0], PERIOD) == ''
        assert self.run(drive)[-1][0] == 0.05
