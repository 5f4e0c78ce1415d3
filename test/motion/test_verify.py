"""The last look at a command: what a broken planner would send is held back, in words."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.limits import State
from fastwam_ros.motion.plan import Reel
from fastwam_ros.motion.verify import Verify
from test.motion.robot import HOME, PERIOD, Rig, wave

GRIPS = np.full(2, 0.05)


@pytest.fixture
def verify():
    made = Verify(LIMITS, 0.005)
    made.begin(HOME)
    return made


def test_standing_still_and_a_smooth_motion_pass(verify):
    assert verify.wrong(State.rest(HOME), GRIPS) == ''
    begin = wave(0.0) - HOME
    verify.begin(wave(0.0) - begin)
    for k in range(200):
        ramp = min(k * 0.005 / 0.5, 1.0)
        ease = ramp**3 * (10.0 - 15.0 * ramp + 6.0 * ramp**2)
        assert verify.wrong(State.rest(HOME + ease * 0.1), GRIPS) == ''


@pytest.mark.parametrize(
    ('by', 'words'),
    [(0.02, 'speed is 2.67'), (0.007, 'acceleration is'), (1.4e-4, 'jerk is')],
)
def test_a_leap_is_named_by_what_it_breaks_first(verify, by, words):
    q = HOME.copy()
    q[2] += by
    said = verify.wrong(State.rest(q), GRIPS)
    assert said.startswith('left_arm_joint3: ')
    assert words in said


def test_what_was_refused_is_not_the_last_command(verify):
    q = HOME.copy()
    q[2] += 0.02
    assert verify.wrong(State.rest(q), GRIPS)
    assert verify.wrong(State.rest(HOME), GRIPS) == ''


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_what_is_no_number_is_held_back(verify, value):
    q = HOME.copy()
    q[7] = value
    assert verify.wrong(State.rest(q), GRIPS) == 'right_arm_joint2: speed is not finite'
    assert 'gripper' in verify.wrong(State.rest(HOME), np.array([value, 0.0]))


def test_leaving_a_position_limit_is_held_back_and_coming_back_is_not():
    edge = HOME.copy()
    edge[1] = LIMITS.lower[1]
    verify = Verify(LIMITS, 0.005)
    verify.begin(edge - 0.01 * np.eye(12)[1])  # outside already, by a sagging arm
    assert verify.wrong(State.rest(edge - 0.00999 * np.eye(12)[1]), GRIPS) == ''
    verify.begin(edge)
    said = ''
    for k in range(400):
        ramp = k * 0.005
        said = said or verify.wrong(State.rest(edge - 2.0 * ramp**3 * np.eye(12)[1]), GRIPS)
    assert said == 'left_arm_joint2 leaves its limits'


def test_a_wrong_command_latches_a_fault_and_is_not_sent(monkeypatch):
    rig = Rig()
    rig.run()
    rig.tick(40)
    last = rig.commands[-1]
    real = Reel.at
    wrong = lambda reel, plan, t: State.rest(real(reel, plan, t).q + 0.3)  # noqa: E731
    monkeypatch.setattr(Reel, 'at', wrong)
    point = rig.tick()
    assert rig.mode == 'FAULT'
    assert 'own command failed its check: ' in rig.executor.status.reason
    assert np.array_equal(point.state.q, last)
    monkeypatch.undo()
    rig.tick(200, gap=PERIOD)
    assert np.ptp(np.array(rig.commands[-20:]), axis=0).max() == 0.0
