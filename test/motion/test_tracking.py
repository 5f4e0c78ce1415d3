"""Do the arms follow? The watch beside the simulator's own trackers and its physics."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS, Execution
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.tracking import GAP, LOOK, Chase, Response, Tracking
from fastwam_ros.robot.joints import ARM_NAMES, ARM_SIZE, SIDES, arm_joints
from fastwam_ros.robot.tracker import FAST, NORMAL, TrackerModel
from fastwam_ros.sim.plant import ArmTracker
from fastwam_ros.sim.simulator import Simulator
from test.motion.robot import HOME, PERIOD, SIZE, START, chunk, wave, wave_rows

SPEEDS = {side: [joint.velocity for joint in arm_joints(side)] for side in SIDES}
ELBOW = ARM_NAMES.index('left_arm_joint3')


def scaled(model: TrackerModel, part: float, delay: float = 0.02) -> TrackerModel:
    figures = {
        name: tuple(part * value for value in getattr(model, name))
        for name in ('velocity', 'acceleration', 'jerk')
    }
    return replace(model, delay=delay, **figures)


def reach(seconds: float) -> np.ndarray:
    """Out and back for ever, 0.8 rad in 1.6 s: 0.94 rad/s at most, smooth."""
    u = seconds / 1.6 % 2.0
    u = min(u, 2.0 - u)
    return HOME + 0.8 * np.array([1, -0.5, 0.5, -1, 1, 1] * 2) * u**3 * (10 - 15 * u + 6 * u**2)


class Bench:
    """Both arms' trackers as the simulator has them, and the watch; no physics."""

    def __init__(self, robot=FAST, model=FAST, limits=LIMITS, caps=SPEEDS):
        self.arms = {side: ArmTracker(side, robot, PERIOD) for side in SIDES}
        self.caps = caps
        for i, arm in enumerate(self.arms.values()):
            arm.reset(HOME[i * ARM_SIZE : (i + 1) * ARM_SIZE])
        self.watch = Tracking(Response.of(limits, model))
        self.now, self.q, self.command = START, HOME.copy(), HOME.copy()
        self.lag = self.off = 0.0
        self.told: list[str] = []
        self.watch.begin(self.now, self.q)

    def run(self, seconds, command, spoil=lambda q: q, heard=True, sent=True, age=0):
        """command(seconds since the start) -> [12]; spoil(q) -> the reading of it."""
        for _ in range(round(seconds * SECOND / PERIOD)):
            self.now += PERIOD
            self.q = np.concatenate([arm.tick(self.now)[0] for arm in self.arms.values()])
            self.reading = spoil(self.q)
            self.watch.judge(self.now, self.now - age, self.reading)
            self.told += [why for why in (self.watch.soft, self.watch.hard) if why]
            self.off = max(self.off, float(self.watch.off.max()))
            if sent:
                self.command = command((self.now - START) / SECOND)
                self.watch.command(self.now, self.command)
            if sent and heard:
                for i, (side, arm) in enumerate(self.arms.items()):
                    part = self.command[i * ARM_SIZE : (i + 1) * ARM_SIZE]
                    assert arm.receive(part, self.caps[side], self.now) == ''
            self.lag = max(self.lag, float(np.abs(self.command - self.q).max()))

    def apart(self, seconds, command, **given):
        """Farthest that a reading was from the model meanwhile [rad], seen at every look."""
        worst = 0.0
        for _ in range(round(seconds * SECOND / LOOK)):
            self.run(LOOK / SECOND, command, **given)
            worst = max(worst, float(np.abs(self.watch.modelled - self.reading).max()))
        return worst


def still(seconds: float) -> np.ndarray:
    return HOME


# What it expects


def test_the_model_is_the_trackers_within_our_tracking_speeds_for_every_arm():
    response = Response.of(LIMITS, NORMAL)
    assert response.limits.velocity.tolist() == LIMITS.velocity.tolist()  # the lower ones
    assert response.limits.acceleration.tolist() == [10.0, 10.0, 10.0, 20.0, 20.0, 20.0] * 2
    slow = replace(NORMAL, velocity=(1.0,) * 6)
    assert Response.of(LIMITS, slow).limits.velocity.tolist() == [1.0] * 12
    assert Response.of(LIMITS, slow).slowest.velocity.tolist() == pytest.approx([0.7] * 12)
    assert (response.delay, response.timeout) == (20_000_000, 200_000_000)


def test_a_tracker_of_another_arm_is_refused():
    with pytest.raises(ValueError, match='12 joints are no whole number of arms of 5'):
        Response.of(LIMITS, SimpleNamespace(**vars(NORMAL) | {'velocity': (1.0,) * 5}))


@pytest.mark.parametrize('model', [FAST, NORMAL], ids=lambda m: m.name)
@pytest.mark.parametrize('motion', [wave, reach])
def test_the_likeness_is_where_the_simulators_tracker_is(model, motion):
    """Steps of 25 ms beside steps of 5 ms: two solutions of the same thing, written twice."""
    bench = Bench(model, model)
    assert bench.apart(8.0, motion) < 0.008
    assert bench.lag > 0.08


def test_it_stops_where_the_robot_stops_when_the_commands_stay_away():
    """Heading far away when they do: it speeds up for the time-out, then it brakes."""
    bench, far = Bench(), np.array([1.2, 1.2, 1.2, -1.2, 1.2, 1.2] * 2)
    bench.run(0.1, lambda seconds: HOME + far)
    assert bench.apart(1.5, still, sent=False) < 0.03
    rest = bench.q
    assert (np.abs(rest - HOME) > 0.05).all()
    assert (np.abs(rest - HOME - far) > 0.3).all()  # well before what was commanded
    assert bench.apart(0.5, lambda seconds: rest) < 0.03


def test_it_heads_for_rest_without_a_target_and_stays_there():
    chase = Chase([LIMITS], LOOK)
    chase.begin(0, HOME)
    for _ in range(20):
        chase.step((HOME + 1.0).tolist())
    moving = chase.near(chase.now)[0]
    for _ in range(60):
        chase.step([])
    rest = chase.near(chase.now)[0]
    assert (rest > moving).all()  # braked, not stopped dead
    chase.step([])
    assert (chase.near(chase.now)[0] == rest).all()
    assert chase.near(chase.now + SECOND)[0] == pytest.approx(rest, abs=1e-9)


# No alarm


@pytest.mark.parametrize('motion', [wave, reach])
@pytest.mark.parametrize(
    'robot',
    [FAST, NORMAL, scaled(FAST, 0.7), scaled(FAST, 1.4), scaled(FAST, 1.0, delay=0.07)],
    ids=['fast', 'normal', 'slower', 'faster', 'later'],
)
def test_a_tracker_that_differs_from_its_model_by_a_third_is_no_fault(robot, motion):
    bench = Bench(robot, FAST)
    bench.run(12.0, motion)
    assert bench.told == []
    assert bench.off < 0.05  # less than half of what would be too much
    assert bench.lag > (0.2 if motion is reach else 0.08)  # what the command says


def test_speeds_that_are_sent_with_the_targets_bound_the_model_too():
    """A far target is approached at the cap for seconds: without it, the model would be ahead."""
    slow = LIMITS.no_faster(np.full(SIZE, 0.2))
    caps = dict.fromkeys(SIDES, [0.2] * ARM_SIZE)
    far = HOME + 0.5

    def step(seconds):
        return far

    bench = Bench(limits=slow, caps=caps)
    bench.run(3.5, step)
    assert bench.told == []
    ahead = Bench(limits=LIMITS, caps=caps)
    ahead.run(3.5, step)
    assert ahead.told


@pytest.mark.parametrize('gap', [0.05, 0.15, 0.3, 0.9])
def test_commands_that_pause_and_come_back_stop_robot_and_model_alike(gap):
    bench = Bench()
    bench.run(3.1, reach)
    bench.run(gap, reach, sent=False)
    bench.run(3.0, reach)
    assert bench.told == []
    assert bench.watch.restarts == 0


def test_a_late_reading_is_held_against_where_the_joints_should_have_been():
    bench, early = Bench(), []

    def late(q):
        early.append(q)
        return early[max(len(early) - 9, 0)]  # 40 ms ago

    assert bench.apart(8.0, reach, spoil=late, age=40_000_000) < 0.015
    assert np.abs(np.diff(early, axis=0)).max() * 8 > 0.03  # what the joints move in that time
    assert bench.told == []


# Alarms


@pytest.mark.parametrize('motion', [wave, reach])
def test_a_joint_that_stands_is_a_soft_fault_and_then_a_hard_one(motion):
    bench = Bench()
    bench.run(2.0, motion)
    stuck = bench.q[ELBOW]

    def spoil(q):
        q = q.copy()
        q[ELBOW] = stuck
        return q

    for _ in range(800):
        bench.run(0.005, motion, spoil)
        if bench.watch.soft:
            break
    away = abs(bench.command[ELBOW] - stuck)
    assert bench.watch.soft.startswith('left_arm_joint3 is 0.')
    assert 'limit 0.12 for 0.1 s' in bench.watch.soft
    assert 'held back, overloaded or slower than modelled?' in bench.watch.soft
    assert bench.watch.hard == ''
    assert 0.12 < away < 0.6
    if motion is reach:
        bench.run(1.0, motion, spoil)
        assert 'limit 0.3;' in bench.watch.hard


def test_beyond_the_soft_limit_for_less_than_a_tenth_of_a_second_is_nothing():
    for looks, said in ((4, False), (5, True)):
        bench = Bench()
        bench.run(1.0, still)
        bench.run(looks * LOOK / SECOND, still, lambda q: q + 0.2)
        assert bool(bench.watch.soft) == said
        bench.run(LOOK / SECOND, still)
        assert bench.watch.soft == ''


def test_one_wild_reading_is_no_hard_fault_and_two_are():
    wild = np.array([-0.31] + [0.0] * 11)
    for looks, said in ((1, False), (2, True)):
        bench = Bench()
        bench.run(1.0, still)
        bench.run(looks * LOOK / SECOND, still, lambda q: q + wild)
        assert bool(bench.watch.hard) == said
    assert bench.watch.hard == (
        'left_arm_joint1 is 0.310 rad off at -0.310, limit 0.3; it should be at 0.000 on its way '
        'to 0.000: pushed or held back?'
    )
    bench.run(LOOK / SECOND, still)
    assert bench.watch.hard == ''


def test_the_words_of_a_fault_stay_while_it_lasts():
    bench = Bench()
    bench.run(1.0, still)
    drift = iter(np.linspace(0.15, 0.29, 400))
    bench.run(2.0, still, lambda q: q + next(drift))
    assert len(set(bench.told)) == 1


def test_an_arm_that_follows_again_is_no_fault_any_more():
    bench = Bench()
    bench.run(1.0, still)
    bench.run(0.5, still, lambda q: q + 0.2)
    assert bench.watch.soft
    bench.run(0.1, still)
    assert bench.watch.soft == ''


# Beginning, ending, losing sight


def test_it_begins_where_the_arms_are():
    bench = Bench()
    bench.watch.begin(bench.now, HOME + 0.5)
    bench.run(0.015, still)
    assert bench.told == []
    assert (bench.watch.modelled == HOME + 0.5).all()


def test_ending_forgets_a_fault_and_nothing_is_watched_until_it_begins_again():
    bench = Bench()
    bench.run(1.0, still)
    bench.run(0.5, still, lambda q: q + 0.4)
    assert bench.watch.soft
    assert bench.watch.hard
    bench.watch.end()
    assert (bench.watch.soft, bench.watch.hard) == ('', '')
    bench.told.clear()
    bench.run(0.5, still, lambda q: q + 0.4)
    assert bench.told == []
    bench.watch.begin(bench.now, bench.q)
    bench.run(0.5, still, lambda q: q + 0.4)
    assert bench.told


def test_old_readings_are_not_judged():
    bench = Bench()
    bench.run(1.0, still)
    bench.run(1.0, still, lambda q: q + 0.5, age=60_000_000)
    assert bench.told == []


@pytest.mark.parametrize('step', [round(GAP * SECOND), 30 * SECOND, -2 * SECOND])
def test_after_a_gap_or_a_clock_that_was_set_it_begins_where_the_arms_are(step):
    bench = Bench()
    bench.run(1.0, still)
    bench.now += step
    there = HOME + 0.5  # whatever moved them meanwhile
    bench.watch.judge(bench.now, bench.now - SECOND, there)  # nothing new is known yet
    assert bench.watch.restarts == 0
    bench.watch.judge(bench.now, bench.now, there)
    assert bench.watch.restarts == 1
    assert (bench.watch.modelled == there).all()
    assert (bench.watch.soft, bench.watch.hard) == ('', '')


def test_a_likeness_that_is_lost_is_a_soft_fault_and_begins_where_the_arms_are(monkeypatch):
    bench = Bench()
    bench.run(1.0, wave)

    def lost(self, target):
        raise ArithmeticError('no likeness of the tracker: test')

    with monkeypatch.context() as patch:
        patch.setattr(Chase, 'step', lost)
        bench.run(LOOK / SECOND, wave)
    assert bench.watch.soft == 'no likeness of the tracker: test'
    assert bench.watch.restarts == 1
    bench.told.clear()
    bench.run(0.015, wave)
    bench.run(2.0, wave)
    assert bench.watch.soft == ''


# Beside physics: servos, friction, noise, contact


class Driven:
    """The executor drives the simulated robot by a policy's chunks; the watch looks on."""

    def __init__(self, robot, rows):
        self.sim, self.execution = Simulator(3, START, robot), Execution(200.0, epoch=1)
        self.watch, self.rows = Tracking(Response.of(LIMITS, robot)), rows
        self.told: list[str] = []
        self.off, self.begun, self.requests, self.sequence = 0.0, False, 0, 0

    def ask(self, verb):
        self.requests += 1
        return self.execution.on_request(self.sim.time, verb, self.requests, 'test')

    def run(self, seconds):
        for k in range(round(seconds * SECOND / PERIOD)):
            now = self.sim.time + PERIOD
            feedback = self.sim.advance(now)[-1]
            for side in SIDES:
                arm = feedback.arms[side]
                self.execution.on_arm(now, side, arm.position, arm.velocity, arm.effort)
                self.execution.on_gripper(now, side, [feedback.grippers[side].position])
            q = np.concatenate([feedback.arms[side].position for side in SIDES])
            if k % 50 == 0 and self.begun:
                self.offer(now)
            self.watch.judge(now, now, q)
            self.told += [why for why in (self.watch.soft, self.watch.hard) if why]
            self.off = max(self.off, float(self.watch.off.max()))
            self.tick(now, q)

    def offer(self, now):
        stamp, self.sequence = now - 200_000_000, self.sequence + 1
        epoch = self.execution.executor.status.epoch
        made = chunk(stamp, self.rows(stamp), epoch=epoch, sequence=self.sequence)
        self.execution.on_chunk(now, made)

    def tick(self, now, q):
        commands = self.execution.tick(now)
        if commands is None:
            return
        if not self.begun:
            self.watch.begin(now, q)
            self.begun = True
        self.watch.command(now, np.concatenate([commands.arms[side] for side in SIDES]))
        for side in SIDES:
            self.sim.target_arm(side, commands.arms[side], SPEEDS[side], now)


def drive(robot, rows, seconds):
    driven = Driven(robot, rows)
    driven.run(0.2)
    assert driven.ask('engage') == 'ok'
    driven.run(0.1)
    assert driven.ask('run') == 'ok'
    driven.run(seconds)
    assert driven.execution.executor.status.accepted > 3 * seconds
    return driven


@pytest.mark.parametrize('robot', [FAST, NORMAL], ids=lambda m: m.name)
def test_servos_friction_and_noise_are_no_fault(robot):
    driven = drive(robot, wave_rows, 8.0)
    assert driven.told == []
    assert 0.001 < driven.off < 0.015


@pytest.mark.parametrize('robot', [FAST, NORMAL], ids=lambda m: m.name)
def test_a_hand_that_is_led_into_the_table_is_a_fault(robot):
    begin = START + SECOND

    def down(stamp):
        u = np.clip(((stamp - begin) / SECOND + np.arange(32) / 15.0) / 5.0, 0.0, 1.0)
        rows = np.tile(HOME, (32, 1))
        rows[:, 1] += 1.75 * (u**3 * (10 - 15 * u + 6 * u**2))
        return rows

    driven = drive(robot, down, 4.0)
    assert driven.told == []
    driven.run(2.5)
    assert any('table' in pair for pair in map(str, driven.sim.world.arm_contacts()))
    assert driven.watch.soft.startswith('left_arm_joint2 is 0.1')
    assert 'held back' in driven.watch.soft
