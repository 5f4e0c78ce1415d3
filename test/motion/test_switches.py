"""Deadman, e-stop and foreign streams: what each does to the arms, and what undoes it."""

from dataclasses import replace

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from test.motion.robot import HOME, SIZE, Rig, ratios

NO_ARMS, NO_GRIPS = np.full(SIZE, np.nan), np.full(2, np.nan)


def bounded(rig: Rig) -> None:
    assert (ratios(LIMITS, np.array(rig.commands)) <= 1.0 + 1e-6).all()


def hold(rig: Rig, ticks: int, held: bool = True) -> None:
    """Ticks with the deadman telling its state ten times a second."""
    for k in range(ticks):
        if k % 20 == 0:
            rig.executor.on_deadman(rig.now, held)
        rig.tick()


# The deadman


def test_a_deadman_that_is_not_required_and_never_seen_is_ignored():
    rig = Rig()
    rig.run()
    rig.tick(100)
    assert rig.mode == 'POLICY'


@pytest.mark.parametrize('verb', ['engage', 'run'])
def test_a_required_deadman_must_be_held(verb):
    rig = Rig(require_deadman=True)
    rig.tick(2)
    if verb == 'run':
        hold(rig, 2)
        assert rig.ask('engage') == 'ok'
        rig.executor.on_deadman(rig.now, False)
    said = rig.ask(verb)
    assert said.startswith(f'{verb} is refused: the deadman is ')
    hold(rig, 2)
    assert rig.ask(verb) == 'ok'


def test_without_the_deadman_nobody_takes_over_and_a_new_edge_is_needed():
    rig = Rig(require_deadman=True)
    hold(rig, 2)
    rig.ask('engage')
    rig.executor.on_deadman(rig.now, False)
    rig.executor.on_teleop_active(rig.now, True)
    assert rig.mode == 'HOLD'
    rig.executor.on_deadman(rig.now, True)
    rig.executor.on_teleop_active(rig.now, True)
    assert rig.mode == 'HOLD'
    rig.executor.on_teleop_active(rig.now, False)
    rig.executor.on_teleop_active(rig.now, True)
    assert rig.mode == 'TELEOP'


@pytest.mark.parametrize('how', ['released', 'silent'])
@pytest.mark.parametrize('required', [True, False])
def test_losing_the_deadman_stops_on_the_path_and_holds(how, required):
    rig = Rig(require_deadman=required)
    hold(rig, 2)
    rig.ask('engage')
    hold(rig, 2)
    rig.ask('run')
    hold(rig, 80)
    assert rig.offer().name == 'accepted'
    hold(rig, 60)
    if how == 'released':
        rig.executor.on_deadman(rig.now, False)
        rig.tick()
    else:
        rig.tick(30)  # on top of the twenty since it was last told
        assert rig.mode == 'POLICY'
        rig.tick(20)
    assert rig.mode == 'STOPPING>HOLD'
    assert 'deadman' in rig.executor.status.reason
    rig.tick(400)
    assert rig.mode == 'HOLD'
    assert np.ptp(np.array(rig.commands[-20:]), axis=0).max() == 0.0
    bounded(rig)


def test_a_pending_run_ends_with_the_deadman():
    rig = Rig(require_deadman=True)
    hold(rig, 2)
    rig.ask('engage')
    rig.ask('run')
    assert rig.executor.status.pending
    hold(rig, 2, held=False)
    assert not rig.executor.status.pending
    assert rig.mode == 'HOLD'


# The e-stop


def test_an_estop_ends_the_arm_stream_at_once_and_keeps_the_gripper():
    rig = Rig()
    rig.run()
    rig.tick(60)
    grip = rig.setpoints[-1].openings
    count = len(rig.commands)
    rig.executor.on_estop(rig.now, True)
    assert rig.mode == 'ESTOP'
    rig.tick(100)
    assert len(rig.commands) == count
    assert rig.setpoints[-1].state is None
    assert np.array_equal(rig.setpoints[-1].openings, grip)


@pytest.mark.parametrize('where', ['DISARMED', 'HOLD', 'TELEOP', 'STOPPING', 'FAULT'])
def test_an_estop_acts_in_every_state(where):
    rig = Rig()
    rig.tick(2)
    if where != 'DISARMED':
        rig.run()
        rig.tick(40)
    if where == 'HOLD':
        rig.ask('pause')
        rig.tick(300)
    elif where == 'TELEOP':
        rig.executor.on_teleop_active(rig.now, True)
    elif where == 'STOPPING':
        rig.ask('disengage')
    elif where == 'FAULT':
        rig.executor.on_measured(replace(rig.measured(), broken='torn'))
        rig.executor.tick(rig.now)
    assert rig.mode.startswith(where)
    rig.executor.on_estop(rig.now, True)
    point = rig.tick()
    assert rig.mode == 'ESTOP'
    assert point is None or point.state is None
    assert (point is None) == (where == 'DISARMED')  # nothing was commanded: nothing is kept up


def test_an_estop_is_reset_when_it_is_released_and_leads_to_disarmed():
    rig = Rig()
    rig.run()
    rig.executor.on_estop(rig.now, True)
    rig.tick(10)
    assert 'the e-stop is pressed' in rig.ask('reset')
    for verb in ('engage', 'run', 'pause', 'disengage'):
        assert 'refused in ESTOP' in rig.ask(verb)
    rig.executor.on_estop(rig.now, False)
    rig.tick(20)
    assert rig.ask('reset') == 'ok'
    assert rig.mode == 'DISARMED'
    assert rig.tick() is None


def test_an_estop_that_was_seen_and_falls_silent_stops_and_must_come_back():
    rig = Rig()
    rig.run()
    rig.executor.on_estop(rig.now, False)
    rig.tick(99)
    assert rig.mode == 'POLICY'
    rig.tick(2)
    assert rig.mode == 'ESTOP'
    assert 'silent for 0.5' in rig.executor.status.reason
    assert 'silent' in rig.ask('reset')
    rig.executor.on_estop(rig.now, False)
    rig.tick(20)
    assert rig.ask('reset') == 'ok'


def test_an_estop_is_not_reset_blind():
    rig = Rig()
    rig.run()
    rig.executor.on_estop(rig.now, True)
    rig.tick(10)
    rig.feedback = False
    rig.tick(50)
    rig.executor.on_estop(rig.now, False)
    assert 'feedback silent' in rig.ask('reset')


def test_an_estop_can_be_requested():
    rig = Rig()
    rig.run()
    assert rig.ask('estop') == 'ok'
    assert rig.tick().state is None
    rig.tick(20)
    assert rig.ask('reset') == 'ok'


# Somebody else on the robot's topics


def test_a_foreign_stream_keeps_the_arms_from_being_engaged():
    rig = Rig()
    rig.tick(2)
    rig.executor.on_foreign(rig.now, 'target_joint_state_arm_left', NO_ARMS, NO_GRIPS)
    said = rig.ask('engage')
    assert 'somebody else publishes on target_joint_state_arm_left' in said
    rig.tick(101)
    assert rig.ask('engage') == 'ok'


@pytest.mark.parametrize('where', ['HOLD', 'POLICY', 'TELEOP'])
def test_a_foreign_stream_while_driving_is_a_fault_that_falls_silent_at_rest(where):
    rig = Rig()
    rig.run()
    rig.tick(60)
    if where == 'HOLD':
        rig.ask('pause')
        rig.tick(300)
    elif where == 'TELEOP':
        rig.executor.on_teleop_active(rig.now, True)
    assert rig.mode == where
    rig.executor.on_foreign(rig.now, 'a topic', NO_ARMS, NO_GRIPS)
    point = rig.tick()
    assert rig.mode == 'FAULT'
    assert (point is None) == (where == 'HOLD')  # at rest already
    rig.tick(300)
    assert rig.setpoints[-1] is None
    bounded(rig)
    assert rig.ask('reset') == 'ok'
    assert rig.ask('engage') == 'ok'


def test_the_first_command_is_the_last_one_seen_whoever_gave_it():
    rig = Rig()
    rig.tick(2)
    theirs = HOME + 0.02
    rig.executor.on_foreign(rig.now, 'a topic', theirs, np.array([0.03, np.nan]))
    rig.tick(101)
    assert rig.ask('engage') == 'ok'
    point = rig.tick()
    assert np.array_equal(point.state.q, theirs)
    assert point.openings == pytest.approx([0.03, 0.05])


def test_a_command_that_the_arm_is_far_from_is_not_resumed():
    rig = Rig()
    rig.tick(2)
    theirs = HOME.copy()
    theirs[3] += 0.06
    theirs[8] += 0.04
    rig.executor.on_foreign(rig.now, 'a topic', theirs, NO_GRIPS)
    rig.tick(101)
    rig.ask('engage')
    first = rig.tick().state.q
    assert first[3] == HOME[3]
    assert first[8] == theirs[8]


# A dry run


def test_in_a_dry_run_others_may_drive_and_it_only_warns():
    rig = Rig(dry_run=True)
    rig.tick(2)
    rig.v[2] = 0.3  # somebody moves the arms
    rig.executor.on_foreign(rig.now, 'a topic', NO_ARMS, NO_GRIPS)
    rig.tick()
    assert rig.ask('engage') == 'ok'
    rig.tick()
    assert rig.mode == 'HOLD'
    assert 'somebody else publishes on a topic' in rig.executor.status.warning
    rig.tick(120)
    assert rig.executor.status.warning == ''


def test_in_a_dry_run_the_commands_follow_the_arms_until_it_runs():
    rig = Rig(dry_run=True)
    rig.tick(2)
    rig.ask('engage')
    rig.feedback = False  # the rig's arm would follow; this one is moved by somebody else
    for k in range(100):
        rig.q = HOME + 0.002 * k
        rig.executor.on_measured(rig.measured())
        point = rig.tick()
        assert point.state.q == pytest.approx(HOME + 0.002 * k, abs=1e-8)
