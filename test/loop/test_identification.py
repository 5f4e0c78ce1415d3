"""Drills on robots with hidden figures: found within the errors that are stated, or bounded."""

import numpy as np
import pytest
import yaml

from fastwam_ros.loop.drill import LARGEST, Drill, Seen
from fastwam_ros.loop.execution import LIMITS, Execution, reachable
from fastwam_ros.loop.figures import Figure
from fastwam_ros.loop.identification import identify
from fastwam_ros.loop.likeness import Response
from fastwam_ros.loop.measured_file import entry, lines, tree
from fastwam_ros.loop.traces import Trace
from fastwam_ros.robot.joints import ARM_REST, ARM_SIZE, ARMS, SIDES
from fastwam_ros.robot.measured import measured_tracker
from fastwam_ros.robot.tracker import TrackerModel
from test.loop.drilled import START, Hidden, Robot
from test.motion.robot import ratios

REACH = 0.15


def drilled(hidden: Hidden, joints, seed: int = 0, arms=None, **more) -> tuple[Robot, Drill]:
    robot = Robot(hidden, seed) if arms is None else Robot(hidden, seed, arms)
    robot.engage()
    drill = Drill(joints, REACH, **more)
    robot.run(drill)
    return robot, drill


def hidden(velocity: float, acceleration: float, jerk: float, **more) -> Hidden:
    figures = ((each,) * ARM_SIZE for each in (velocity, acceleration, jerk))
    return Hidden(TrackerModel('hidden', *figures, **more))


@pytest.mark.parametrize('seed', range(100, 106))
def test_hidden_figures_are_found_within_the_errors_that_are_stated(seed):
    rng = np.random.default_rng(seed)
    truth = Hidden.drawn(rng)
    joint = int(rng.integers(2 * ARM_SIZE))
    robot, drill = drilled(truth, [joint], seed, silence=True, cut=True)
    assert drill.failed == ''
    found = identify(robot.heard, drill.log)
    fit, column = found.trackers[joint], joint % ARM_SIZE
    for name in ('velocity', 'acceleration', 'jerk'):
        figure, true = getattr(fit, name), getattr(truth.tracker, name)[column]
        assert figure.agrees(true), (name, true, str(figure))
    assert fit.delay.agrees(truth.tracker.delay), (truth.tracker.delay, str(fit.delay))
    assert found.timeout is not None
    assert found.timeout.agrees(truth.tracker.stream_timeout), str(found.timeout)
    for number, each in enumerate(found.rests):
        assert each.sag.agrees(truth.sag[number]), (number, str(each.sag))
        assert each.noise.agrees(truth.noise), (number, truth.noise, str(each.noise))
    assert fit.residual == pytest.approx(truth.noise, rel=0.5, abs=2e-5)
    assert all(abs(drift.value) < 1e-3 for drift in found.drifts.values())


def test_a_slow_tracker_has_figures_and_one_faster_than_the_executor_has_bounds():
    robot, drill = drilled(hidden(0.3, 2.0, 15.0), [0])
    fit = identify(robot.heard, drill.log).trackers[0]
    assert not fit.velocity.at_least
    assert not fit.jerk.at_least
    robot, drill = drilled(hidden(10.0, 100.0, 5000.0), [0])
    fit = identify(robot.heard, drill.log).trackers[0]
    for figure, least, most in (
        (fit.velocity, 0.3, ARMS[0].velocity),
        (fit.acceleration, 2.0, 100.0),
        (fit.jerk, 20.0, 5000.0),
    ):
        assert figure.at_least
        assert least < figure.value < most


def test_a_time_out_that_comes_while_the_arm_is_under_way_is_measured():
    truth = hidden(0.2, 2.0, 15.0, stream_timeout=0.23)
    robot, drill = drilled(truth, [0], silence=True, cut=True)
    found = identify(robot.heard, drill.log).timeout
    assert found is not None and not found.at_least
    assert found.agrees(0.23), str(found)
    assert found.uncertainty < 0.05


def test_commands_keep_their_limits_and_other_joints_stand():
    robot, drill = drilled(hidden(3.0, 10.0, 30.0), [3])
    commands = [np.concatenate([c.arms[s] for s in SIDES]) for c in robot.commands if c]
    assert drill.failed == ''
    assert (ratios(LIMITS, np.array(commands)) <= 1.0 + 1e-6).all()
    travel = np.ptp(commands, axis=0)
    assert travel[3] == pytest.approx(2.0 * REACH, abs=0.01)
    assert np.delete(travel, 3).max() < 1e-3


def test_an_executor_with_a_units_own_limits_commands_what_the_arms_follow():
    slow = hidden(0.35, 2.5, 18.0, delay=0.0)
    own = reachable({'velocity': (0.35,) * 6, 'acceleration': (2.5,) * 6, 'jerk': (18.0,) * 6})
    robot = Robot(slow)
    robot.execution = Execution(200.0, 1, limits=own, tracker='off')
    robot.engage()
    drill = Drill([3], REACH)
    robot.run(drill)
    assert drill.failed == ''
    commands = [np.concatenate([c.arms[s] for s in SIDES]) for c in robot.commands if c]
    assert (ratios(own, np.array(commands)) <= 1.0 + 1e-6).all()
    assert robot.read[3] == pytest.approx(commands[-1][3], abs=1e-3)
    assert own.lower.tolist() == LIMITS.lower.tolist()
    assert reachable({'velocity': (np.inf,) * 6}).velocity.tolist() == LIMITS.velocity.tolist()


def test_arms_on_their_limits_are_moved_away_first():
    robot, drill = drilled(hidden(3.0, 10.0, 30.0), [1], arms=ARM_REST)
    assert drill.failed == ''
    commanded = np.array([c.arms['left'][1] for c in robot.commands if c])
    assert commanded.min() >= 0.0
    assert commanded.max() == pytest.approx(2.0 * REACH + 0.03, abs=0.01)


@pytest.mark.parametrize('event', ['release', 'estop', 'silence'])
def test_whatever_ends_teleop_ends_the_drill(event):
    robot = Robot(hidden(3.0, 10.0, 30.0))
    robot.engage()
    drill = Drill([0, 1], REACH)
    for _ in range(300):
        robot.step(drill)
    assert robot.status.standing.mode == 'TELEOP'
    if event == 'silence':
        now = (robot.now - START) / 1e9
        acts = drill.tick(Seen(now, 'TELEOP', '', now - 1.5, robot.read))
        assert drill.failed == 'no executor state for 1.5 s'
    else:
        if event == 'estop':
            robot.execution.on_estop(robot.now, True)
        else:
            robot.execution.on_request(robot.now, 'disengage', 77, 'somebody')
        for _ in range(20):
            robot.step(drill)
        now = (robot.now - START) / 1e9
        acts = drill.tick(Seen(now, 'HOLD', '', now, robot.read))
        assert 'left_arm_joint1: the executor went to' in drill.failed
    assert drill.done
    assert (acts.active, acts.targets, acts.request) == (False, None, '')


def test_it_begins_only_where_somebody_engaged():
    drill = Drill([0], REACH)
    drill.tick(Seen(0.0, 'DISARMED', 'started', 0.0, np.zeros(12)))
    assert drill.failed == 'the executor is in DISARMED, want HOLD: engage it first'


@pytest.mark.parametrize('reach', [0.0, LARGEST + 0.01, float('nan')])
def test_a_reach_that_is_none(reach):
    with pytest.raises(ValueError, match=r'reach is .* rad: 0.01 to 0.25'):
        Drill([0], reach)


def test_the_file_is_read_as_the_tracker_that_it_tells_of(tmp_path):
    truth = hidden(0.3, 2.0, 15.0)
    robot, drill = drilled(truth, [0], silence=True)
    found = identify(robot.heard, drill.log)
    about = {'date': '2026-01-01', 'host': 'here', 'firmware': 'V1'}
    file = tmp_path / 'r1lite_measured.yaml'
    file.write_text(yaml.safe_dump(tree(found, about), sort_keys=False))
    contents = yaml.safe_load(file.read_text())
    assert contents['firmware'] == 'V1'
    assert contents['joints']['left_arm_joint1']['jerk']['source'] == 'measured'
    assert contents['joints']['right_arm_joint6'].keys() == {'sag', 'noise'}
    assert contents['silence'].keys() >= {'drift_left_gripper', 'drift_right_arm'}
    model = measured_tracker(file)
    assert model.velocity[0] == pytest.approx(0.3, rel=0.05)
    assert model.jerk[0] == pytest.approx(15.0, rel=0.05)
    assert model.velocity[1] == 15.0
    page = '\n'.join(lines(found))
    assert 'left_arm_joint1: velocity 0.3' in page
    assert 'left_gripper without commands: drifts' in page


def test_figures_in_words_and_in_a_file():
    assert str(Figure(1.23456, 0.0345)) == '1.235 +- 0.035'
    assert str(Figure(1.23456, at_least=True)) == 'at least 1.23'
    assert entry(Figure(1.23456, at_least=True)) == {'at_least': 1.235, 'source': 'measured'}


def test_times_are_those_of_this_machine_and_jitter_is_taken_out():
    trace = Trace()
    late = [0.004, 0.001, 0.009, 0.002]
    for k, delay in enumerate(late):
        stamp = 500.0 + 0.01 * k
        trace.take(3.0 + 0.01 * k + delay, stamp, (float(k),))
    times, values = trace.between(0.0, 10.0)
    assert times == pytest.approx(3.001 + 0.01 * np.arange(4))
    assert values[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0]
    bare = Trace()
    bare.take(3.0, 0.0, (1.0,))
    assert bare.between(0.0, 10.0)[0].tolist() == [3.0]


def test_too_little_is_said():
    short = np.arange(0.0, 0.5, 0.005)
    with pytest.raises(ValueError, match=r'share 0.49 s, want 1'):
        Response.of((short, short), (short, short), 1.0)
