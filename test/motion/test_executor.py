"""The executor's rules, one behaviour each: what moves, what stops it, and what it says."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.blend import BLENDS
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.status import Measured
from test.motion.robot import HOME, PERIOD, SIZE, START, Rig, ratios, wave_rows

NOTHING = np.full(2, np.nan)


@pytest.fixture
def rig():
    return Rig()


def bounded(rig: Rig) -> None:
    assert (ratios(LIMITS, np.array(rig.commands)) <= 1.0 + 1e-6).all()


def test_says_nothing_until_engaged_and_then_holds_one_pose(rig):
    rig.tick(50)
    assert rig.commands == []
    assert rig.ask('engage') == 'ok'
    rig.tick(50)
    assert rig.mode == 'HOLD'
    assert np.ptp(np.array(rig.commands), axis=0).max() == 0.0


def test_engage_wants_fresh_sound_feedback_of_an_arm_at_rest(rig):
    assert 'no feedback yet' in rig.ask('engage')
    rig.v[4] = 0.05
    rig.tick()
    assert 'left_arm_joint5 moves at 0.050 rad/s' in rig.ask('engage')
    rig.v[4], rig.feedback = 0.0, False
    rig.tick(30)
    assert 'feedback silent' in rig.ask('engage')
    nan = Measured(rig.now, rig.q, rig.v, rig.openings, 'feedback_arm_left is not finite')
    rig.executor.on_measured(nan)
    assert 'not finite' in rig.ask('engage')
    assert rig.mode == 'DISARMED'
    assert rig.commands == []


def test_engage_commands_the_measured_pose_moved_into_the_limits():
    resting = np.zeros(SIZE)
    resting[1] = -0.003  # the folded pose reads a little outside of its limit
    rig = Rig(resting)
    rig.tick(2)
    assert rig.ask('engage') == 'ok'
    rig.tick()
    assert np.array_equal(rig.commands[0], np.zeros(SIZE))


def test_engaging_again_resumes_the_last_command_and_the_squeeze(rig):
    rig.run()
    rig.tick(100)
    rig.ask('disengage')
    rig.tick(300)
    assert rig.mode == 'DISARMED'
    last = rig.commands[-1]
    rig.q = last + 0.01  # sagged
    rig.openings = np.full(2, 0.02)  # squeezes something: never reaches its command
    rig.tick(20)
    assert rig.ask('engage') == 'ok'
    point = rig.tick()
    assert np.array_equal(point.state.q, last)
    assert point.openings == pytest.approx([0.05, 0.05])


def test_run_waits_for_a_chunk_of_its_epoch_taken_after_it(rig):
    rig.tick(2)
    rig.ask('engage')
    rig.tick()
    assert rig.offer().name == 'shadow'
    assert rig.ask('run') == 'ok'
    status = rig.executor.status
    assert status.pending
    assert status.epoch == 2
    assert rig.ask('run') == 'ok'
    assert rig.executor.status.epoch == 2  # asked twice, begun once
    assert rig.offer(age=0.2).name == 'shadow'  # its image was taken before
    assert rig.offer(epoch=1).name == 'shadow'
    assert rig.executor.status.refused == 0
    rig.tick(80)
    assert rig.mode == 'HOLD'
    assert rig.offer().name == 'accepted'
    assert rig.mode == 'POLICY'
    rig.tick(200)
    assert np.abs(rig.commands[-1] - HOME).max() > 0.05
    bounded(rig)


@pytest.mark.parametrize('end', ['time', 'pause', 'disengage', 'takeover', 'fault'])
def test_a_pending_run_ends(rig, end):
    rig.tick(2)
    rig.ask('engage')
    rig.ask('run')
    rig.tick(10)
    if end == 'time':
        rig.tick(600)
    elif end == 'takeover':
        rig.executor.on_teleop_active(rig.now, True)
    elif end == 'fault':
        bad = Measured(rig.now, rig.q, rig.v, rig.openings, 'broken')
        rig.executor.on_measured(bad)
        rig.executor.tick(rig.now + PERIOD)
    else:
        rig.ask(end)
    assert not rig.executor.status.pending
    rig.offer()
    assert rig.mode != 'POLICY'


def test_chunks_that_came_late_long_ago_say_nothing_of_now(rig):
    rig.tick(2)
    rig.ask('engage')
    for _ in range(8):
        rig.offer(age=0.9)
        rig.tick(80)
    assert 'after their images' in rig.ask('run')
    for _ in range(20):
        rig.offer(age=0.2)
        rig.tick(120)
    assert rig.ask('run') == 'ok'


def test_run_is_refused_while_chunks_come_too_late(rig):
    rig.tick(2)
    rig.ask('engage')
    for _ in range(30):
        rig.tick(3)
        assert rig.offer(age=0.9).name == 'shadow'
    said = rig.ask('run')
    assert 'chunks come 0.90 s after their images' in said
    for _ in range(64):
        rig.tick(3)
        rig.offer(age=0.2)
    assert rig.ask('run') == 'ok'


def test_a_chunk_takes_over_within_the_next_tick_and_is_named(rig):
    rig.run()
    rig.tick()
    force = rig.executor.status.in_force
    assert force.first_tick == rig.now
    assert force.stamp == rig.now - PERIOD - SECOND // 5
    assert (force.epoch, force.sequence) == (rig.executor.status.epoch, 1)


def test_silence_of_the_policy_stops_on_the_path_and_holds(rig):
    rig.run()
    rig.tick(500)
    assert rig.mode == 'HOLD'
    assert 'late' in rig.executor.status.reason
    still = np.array(rig.commands[-50:])
    assert np.ptp(still, axis=0).max() == 0.0
    bounded(rig)
    path = np.concatenate([wave_rows(START + k * 10_000_000, 1) for k in range(400)])
    for q in rig.commands[200::10]:
        assert np.abs(path - q).max(axis=1).min() < 0.02  # on the path, up to the filter


def test_a_chunk_that_gets_old_is_passed_at_half_the_pace_and_then_stopped(rig):
    rig.run()
    plan = rig.executor.drive.plan
    force = rig.executor.status.in_force
    assert force.soft_age == pytest.approx(0.7 * force.hard_age)
    ages = {1.0: [], 0.5: []}  # of the chunk, by the pace of its plan
    for _ in range(500):
        if rig.mode != 'POLICY':
            break
        ages[rig.executor.status.in_force.pace].append(rig.executor.age())
        rig.tick()
    assert ages[0.5][0] == pytest.approx(force.soft_age, abs=0.01)
    assert ages[0.5][-1] == pytest.approx(force.hard_age, abs=0.01)
    assert f'late: newest chunk is {force.hard_age:.2f} s old' in rig.executor.status.reason
    rig.tick(400)
    assert rig.mode == 'HOLD'
    path = plan.sample(np.arange(0.0, plan.duration, 0.002)).q
    for q in rig.commands[::20]:
        assert np.abs(path - q).max(axis=1).min() < 3e-3
    bounded(rig)


def test_a_fresh_chunk_ends_the_slow_pace(rig):
    rig.run()
    for _ in range(400):
        if rig.executor.status.in_force.pace < 1.0:
            break
        rig.tick()
    force = rig.executor.status.in_force
    assert 's old' in force.slowed_by
    assert force.sequence == 1  # another timing of the same chunk
    rig.tick(60)
    assert rig.offer().name == 'accepted'
    rig.tick(150)
    assert rig.executor.status.in_force.pace == 1.0
    bounded(rig)


def test_a_shadow_chunk_is_held_against_what_is_commanded_meanwhile(rig):
    rig.run()
    rig.tick(40)
    rig.ask('pause')
    rig.tick(300)
    assert np.isnan(rig.executor.status.difference)
    rows = np.tile(rig.commands[-1], (32, 1))
    rows[:, 4] += 0.12  # one joint of twelve elsewhere
    rig.offer(rows=rows)
    rig.tick(100)
    rig.offer(rows=rows)
    assert rig.executor.status.difference == pytest.approx(0.12 / np.sqrt(SIZE), rel=1e-6)
    rig.executor.on_teleop_active(rig.now, True)
    rig.offer(rows=rows)
    assert np.isnan(rig.executor.status.difference)  # another source: nothing to compare yet


@pytest.mark.parametrize('step', [30.0, -2.0, -0.1])
def test_a_clock_that_is_set_makes_chunks_from_before_it_unusable(rig, step):
    rig.run()
    rig.tick(20)
    ns = round(step * SECOND)
    rig.executor.on_clock_step(rig.now, ns)
    assert f'set by {step:+.3f} s' in rig.executor.status.warning
    # An image from before, as its stamp reads now that `step` is taken for granted.
    rig.tick(10)
    verdict = rig.offer(age=0.2 + step)
    assert verdict.name in ('clock', 'stamp')
    rig.tick(50)
    fresh = rig.offer(age=0.15) if step > 0 else None
    assert fresh is None or fresh.name == 'accepted'
    rig.tick(10)
    bounded(rig)


def test_what_will_be_commanded_is_what_is_then_commanded(rig):
    rig.run()
    rig.tick(10)
    ahead = rig.now + PERIOD * np.arange(1, 100)
    said = rig.executor.committed(ahead)
    rig.tick(99)
    assert np.array(rig.commands[-99:]) == pytest.approx(said, abs=1e-12)


def test_a_refused_chunk_leaves_the_plan_as_it_is(rig):
    rig.run()
    rig.tick(20)
    other = Rig()
    other.run()
    other.tick(20)
    rows = wave_rows(rig.now) + 0.5
    assert rig.offer(rows=rows).name == 'jump'
    assert rig.offer(rows=rows * np.nan).name == 'finite'
    rig.tick(100)
    other.tick(100)
    assert np.array_equal(rig.commands, other.commands)


@pytest.mark.parametrize('verb', ['pause', 'disengage'])
def test_a_requested_stop_stays_on_the_path(rig, verb):
    rig.run()
    rig.tick(60)
    ahead = [rig.executor.drive.at(rig.executor.drive.now + k * PERIOD).q for k in range(300)]
    begun = len(rig.commands)
    assert rig.ask(verb) == 'ok'
    assert rig.mode.startswith('STOPPING')
    rig.tick(500)
    assert rig.mode == ('HOLD' if verb == 'pause' else 'DISARMED')
    for q in rig.commands[begun:]:
        assert np.abs(np.array(ahead) - q).max(axis=1).min() < 4e-3
    bounded(rig)
    silent = rig.setpoints[-1] is None
    assert silent == (verb == 'disengage')


def test_broken_feedback_is_a_latched_fault_that_stops_and_streams_on(rig):
    rig.run()
    rig.tick(60)
    rig.feedback = False
    rig.executor.on_measured(
        Measured(rig.now, rig.q, rig.v, rig.openings, 'feedback_arm_left is not finite')
    )
    rig.tick(200)
    assert rig.mode == 'FAULT'
    assert 'not finite' in rig.executor.status.reason
    assert rig.setpoints[-1] is not None
    assert np.ptp(np.array(rig.commands[-50:]), axis=0).max() == 0.0
    bounded(rig)
    assert 'not finite' in rig.ask('reset')
    rig.feedback = True
    rig.tick(60)
    for verb in ('engage', 'run', 'pause'):
        assert 'refused in FAULT' in rig.ask(verb)
    assert rig.ask('reset') == 'ok'
    assert rig.mode == 'DISARMED'
    assert rig.tick() is None


def test_a_disengaged_fault_falls_silent_at_rest(rig):
    rig.run()
    rig.tick(60)
    rig.executor.on_measured(Measured(rig.now, rig.q, rig.v, rig.openings, 'broken'))
    rig.feedback = False
    rig.tick()
    rig.ask('disengage')
    rig.tick(10)
    assert rig.setpoints[-1] is not None
    rig.tick(600)
    assert rig.mode == 'FAULT'
    assert rig.setpoints[-1] is None


def test_silent_feedback_stops_and_holds(rig):
    rig.run()
    rig.tick(60)
    rig.feedback = False
    rig.tick(30)
    assert rig.mode == 'STOPPING>HOLD'
    assert 'feedback silent' in rig.executor.status.reason
    rig.tick(100)
    assert rig.mode == 'STOPPING>HOLD'  # at rest by command, but nothing is seen
    rig.tick(400)
    assert rig.mode == 'HOLD'
    bounded(rig)


def test_a_late_tick_makes_the_plan_late_and_never_jump(rig):
    rig.run()
    rig.tick(40)
    rig.tick(gap=150_000_000, late=True)
    assert rig.mode == 'POLICY'
    rig.tick(40)
    bounded(rig)
    assert rig.executor.status.late_ticks == 1


def test_held_up_for_longer_than_the_robot_waits_it_does_not_go_on_by_itself(rig):
    """The robot has stopped; the hand or the policy has gone on meanwhile."""
    rig.run()
    rig.tick(40)
    rig.tick(gap=205_000_000, late=True)
    assert rig.mode == 'STOPPING>HOLD'
    assert rig.executor.status.reason == 'no tick for 0.20 s, limit 0.2: the executor was held up'
    rig.tick(200)
    assert rig.mode == 'HOLD'
    bounded(rig)


def test_a_gripper_is_limited_in_speed_and_kept_on_a_stop(rig):
    rig.run()
    rig.tick(20)
    rig.offer(grips=0.1)
    rig.tick(8)
    opened = [point.openings[0] for point in rig.setpoints if point is not None]
    assert max(np.diff(opened)) == pytest.approx(0.5 * 0.005)
    rig.ask('pause')
    rig.tick(100)
    assert rig.setpoints[-1].openings[0] == pytest.approx(opened[-1])


def test_a_repeated_request_gets_its_first_answer(rig):
    rig.tick(2)
    assert rig.executor.on_request(rig.now, 'run', 7, 'me').startswith('run is refused')
    assert rig.executor.on_request(rig.now, 'engage', 8, 'me') == 'ok'
    assert rig.executor.on_request(rig.now, 'run', 7, 'me').startswith('run is refused')
    assert not rig.executor.status.pending
    assert rig.executor.on_request(rig.now, 'run', 7, 'you') == 'ok'


def test_requests_that_are_none_say_so(rig):
    assert rig.ask('dance').startswith("unknown verb 'dance': known are engage, run")
    assert rig.ask('takeover').startswith('unknown verb')


def test_told_to_end_it_stops_and_falls_silent(rig):
    rig.run()
    rig.tick(60)
    rig.executor.terminate()
    rig.tick(100)  # half a second
    assert rig.executor.drive.resting()
    rig.tick(20)
    assert rig.executor.silent
    bounded(rig)


def test_the_same_calls_give_the_same_setpoints():
    def play():
        rig = Rig()
        rig.run()
        for k in range(400):
            if k % 60 == 0:
                rig.offer()
            if k == 200:
                rig.executor.on_teleop_active(rig.now, True)
            rig.tick()
        return np.array(rig.commands)

    assert np.array_equal(play(), play())


# The operator's speed


@pytest.mark.parametrize('share', [0.1, 0.3, 0.7])
def test_a_lowered_speed_is_come_down_to_on_the_path(rig, share):
    rows = np.array([HOME + 0.5 * np.sin(1.6 * k / 15.0) for k in range(32)])
    rig.run()
    rig.tick(30)
    assert rig.offer(age=0.1, rows=rows).name == 'accepted'
    rig.tick(40)
    plan = rig.executor.drive.plan
    rig.executor.on_speed(rig.now, share)
    rig.tick(140)
    bounded(rig)
    speeds = np.abs(np.diff(rig.commands[-10:], axis=0)) / 0.005
    assert (speeds <= share * LIMITS.velocity * 1.001).all()
    path = plan.sample(np.arange(0.0, plan.duration, 0.001)).q
    assert np.abs(path - rig.commands[-1]).max(axis=1).min() < 2e-3
    assert rig.mode == 'POLICY'


def test_chunks_and_hands_are_followed_within_the_lowered_speed(rig):
    rig.executor.on_speed(rig.now, 0.2)
    rig.run()
    for k in range(6):
        rig.tick(40)
        rows = np.array([HOME + 0.5 * np.sin(1.6 * (j + 3 * k) / 15.0) for j in range(32)])
        rig.offer(age=0.2, rows=rows)
    assert rig.executor.status.accepted >= 4
    assert rig.executor.status.in_force.slow > 1.0
    rig.executor.on_teleop_active(rig.now, True)
    for k in range(100):
        rig.executor.on_teleop_active(rig.now, True)
        rig.executor.on_teleop_target(rig.now, HOME + 0.02 * k, NOTHING)
        rig.tick()
    speeds = np.abs(np.diff(rig.commands, axis=0)) / 0.005
    assert (speeds <= 0.2 * LIMITS.velocity * 1.001).all()
    bounded(rig)


def test_a_lower_speed_never_moves_faster():
    reached = []
    for share in (0.1, 0.2, 0.4, 0.8):
        rig = Rig()
        rig.executor.on_speed(rig.now, share)
        rig.run()
        rig.tick(60)
        rows = np.array([HOME + 0.3 + 0.4 * np.sin(2.0 * k / 15.0) for k in range(32)])
        rig.offer(age=0.1, rows=rows)
        rig.tick(60)
        reached.append(np.abs(np.diff(rig.commands, axis=0)).max())
    assert reached == sorted(reached)


@pytest.mark.parametrize('share', [0.0, -1.0, 1.1, float('nan')])
def test_a_speed_that_is_none_is_refused(rig, share):
    with pytest.raises(ValueError, match='more than 0 and at most 1'):
        rig.executor.on_speed(rig.now, share)


# What is wanted where chunks disagree


@pytest.mark.parametrize('name', BLENDS)
def test_any_blending_is_executed_inside_the_limits(name):
    rig = Rig(blending=name)
    rig.run()
    rng = np.random.default_rng(3)
    for _ in range(12):
        rig.tick(40)
        stamp = rig.now - SECOND // 5
        rows = wave_rows(stamp) + rng.normal(0.0, 0.03, SIZE)
        assert rig.offer(rows=rows).name == 'accepted'
    bounded(rig)
    assert rig.mode == 'POLICY'


def test_a_blend_moves_less_than_the_newest_where_chunks_disagree():
    swings = {}
    for name in ('newest', 'temporal_ensembling'):
        rig = Rig(blending=name)
        rig.run()
        for k in range(16):
            rig.tick(40)
            rows = np.tile(HOME, (32, 1)) + (0.05 if k % 2 else -0.05)
            rig.offer(rows=rows)
        swings[name] = np.ptp(np.array(rig.commands[-200:])[:, 0])
    assert swings['temporal_ensembling'] < 0.3 * swings['newest']


def test_a_blending_that_is_none_is_refused_by_name():
    with pytest.raises(ValueError, match="'mean' is none of newest, temporal_ensembling"):
        Rig(blending='mean')


def test_a_bridge_that_is_none_is_refused_by_name():
    with pytest.raises(ValueError, match="'quick' is none of fast, smooth"):
        Rig(bridge='quick')
