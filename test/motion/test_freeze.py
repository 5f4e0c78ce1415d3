"""Readings that stand, repeat themselves, leap or cannot be."""

import math
from array import array
from dataclasses import replace

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.freeze import LOOK, Freeze, Possible, Repeats
from fastwam_ros.motion.limits import SECOND, Limits
from fastwam_ros.robot.joints import ARM_NAMES, ARM_SIZE, ARMS
from test.motion.robot import HOME, PERIOD, SIZE, START, wave

LEFT = Limits.of(ARMS[:ARM_SIZE])
SPEED = np.array([min(joint.actuator_speed, 15.0) for joint in ARMS[:ARM_SIZE]])
REST = HOME[:ARM_SIZE]
LAG = 0.1  # [s] of the model behind the commands


class Standing:
    """Readings 200 times a second of arms that should follow the wave."""

    def __init__(self):
        self.watch, self.now = Freeze(ARM_NAMES), START

    def run(self, seconds, read, expected=wave):
        for _ in range(round(seconds * SECOND / PERIOD)):
            self.now += PERIOD
            u = (self.now - START) / SECOND
            self.watch.judge(self.now, read(u), expected(u), expected(u + LAG))


def one_stands(joint, at):
    """Readings of the wave, in which one joint reads as it did at a time [s]."""

    def read(seconds):
        q = wave(seconds)
        q[joint] = wave(min(seconds, at))[joint]
        return q

    return read


# Values that stay the same to the bit


@pytest.mark.parametrize('joint', range(SIZE))
def test_a_reading_that_stands_while_its_joint_should_move_is_a_soft_fault(joint):
    bench = Standing()
    at = 1.0
    while abs(wave(at + 0.4)[joint] - wave(at)[joint]) < 0.08:
        at += 0.1  # until it moves fast
    bench.run(at, wave)
    assert bench.watch.soft == ''
    bench.run(0.45, one_stands(joint, at))
    assert bench.watch.soft.startswith(f'{ARM_NAMES[joint]} reads the same to the last bit')
    assert 'limit 0.05: is its feedback frozen, or is it held?' in bench.watch.soft


@pytest.mark.parametrize('step', [1e-5, 1e-3, 5e-3])
def test_coarse_readings_of_a_moving_arm_are_none(step):
    bench = Standing()
    bench.run(20.0, lambda u: np.round(wave(u) / step) * step)
    assert bench.watch.soft == ''


def test_an_arm_at_rest_may_read_the_same_for_ever():
    bench = Standing()
    bench.run(20.0, lambda u: HOME, lambda u: HOME)
    assert bench.watch.soft == ''


def test_an_arm_that_is_quicker_than_its_model_may_rest_where_it_was_sent():
    """It has arrived, and reads the same to the bit, while the model is still on its way."""
    watch = Freeze(ARM_NAMES)
    for k in range(400):
        expected = HOME + min(0.004 * k, 0.8)
        watch.judge(START + k * PERIOD, HOME + 0.8, expected, HOME + 0.8)
    assert watch.soft == ''
    for k in range(400, 800):  # sent elsewhere, it does not move
        expected = HOME + 0.8 - min(0.004 * (k - 400), 0.8)
        watch.judge(START + k * PERIOD, HOME + 0.8, expected, HOME)
    assert 'should have moved' in watch.soft


def test_readings_that_do_not_come_are_another_watchs_business():
    """A stamp that stands is no new reading: silence says so, not this."""
    bench = Standing()
    bench.run(1.0, wave)
    for k in range(200):
        ahead = wave(1.0 + 0.005 * k)
        bench.watch.judge(bench.now, wave(1.0), ahead, ahead)
    assert bench.watch.soft == ''


def test_slow_feedback_is_not_frozen():
    """12 readings a second, each taken for several ticks by its stamp."""
    watch, seen = Freeze(ARM_NAMES), START
    for k in range(2000):
        now = START + k * PERIOD
        if now - seen >= 83_000_000:
            seen = now
        u = (seen - START) / SECOND
        watch.judge(
            seen, wave(u), wave((now - START) / SECOND), wave((now - START) / SECOND + LAG)
        )
    assert watch.soft == ''


def test_a_reading_that_changes_again_is_no_fault_any_more():
    bench = Standing()
    bench.run(1.0, wave)
    bench.run(1.0, one_stands(1, 1.0))
    said = bench.watch.soft
    assert said
    bench.run(1.0, one_stands(1, 1.0), lambda u: wave(2.0))  # stopped: it still stands
    assert bench.watch.soft == said
    bench.run(0.03, lambda u: wave(2.0) + 1e-9, lambda u: wave(2.0))
    assert bench.watch.soft == ''


def test_a_joint_that_should_be_where_it_stands_by_now_still_stands():
    bench = Standing()
    bench.run(1.0, wave)
    bench.run(1.0, one_stands(1, 1.0))
    bench.run(1.0, one_stands(1, 1.0), lambda u: wave(1.0))
    assert bench.watch.soft


def test_beginning_anew_forgets_and_finds_it_again():
    bench = Standing()
    bench.run(1.0, wave)
    bench.run(1.0, one_stands(1, 1.0))
    bench.watch.begin()
    assert bench.watch.soft == ''
    bench.run(LOOK / SECOND * 2, one_stands(1, 1.0))
    assert bench.watch.soft == ''
    bench.run(2.0, one_stands(1, 1.0))
    assert bench.watch.soft


# Messages that repeat themselves


class Sent:
    """Messages of a stream, 200 a second."""

    def __init__(self):
        self.watch, self.now, self.value = Repeats(), START, 0.0

    def run(self, seconds, stamped=True, valued=True, stream='feedback_arm_left'):
        for _ in range(round(seconds * SECOND / PERIOD)):
            self.now += PERIOD
            self.value = self.value + 1e-5 if valued else self.value
            stamp = self.now - 1_000_000 if stamped else 1234
            self.watch.take(self.now, stream, stamp, array('d', [self.value] * ARM_SIZE))


def test_one_message_again_and_again_is_a_soft_fault_as_silence_is():
    sent = Sent()
    sent.run(1.0)
    sent.run(0.105, stamped=False, valued=False)
    assert sent.watch.soft == ''
    sent.run(0.005, stamped=False, valued=False)
    assert sent.watch.soft == (
        'feedback_arm_left repeats one message for 0.105 s, limit 0.1: does its driver still '
        'read the arm?'
    )
    sent.run(0.005)
    assert sent.watch.soft == ''


def test_new_values_under_one_stamp_are_a_warning():
    sent = Sent()
    sent.run(0.2, stamped=False)
    assert sent.watch.soft == ''
    assert sent.watch.warning == (
        'the stamp of feedback_arm_left stands for 0.105 s while its values change'
    )
    sent.run(0.005)
    assert sent.watch.warning == ''


def test_values_that_stop_under_a_stamp_that_stands_are_a_soft_fault_until_they_change():
    sent = Sent()
    sent.run(0.5, stamped=False)
    sent.run(0.2, stamped=False, valued=False)
    assert sent.watch.soft
    sent.run(0.005, stamped=False)
    assert sent.watch.soft == ''
    assert sent.watch.warning


def test_the_same_values_under_new_stamps_are_an_arm_at_rest():
    sent = Sent()
    sent.run(5.0, valued=False)
    assert (sent.watch.soft, sent.watch.warning) == ('', '')


def test_a_stream_without_stamps_is_not_watched():
    watch = Repeats()
    for k in range(200):
        watch.take(START + k * PERIOD, 'feedback_arm_left', 0, (0.0,) * ARM_SIZE)
    assert (watch.soft, watch.warning) == ('', '')


def test_a_message_that_comes_twice_is_none():
    sent = Sent()
    for _ in range(200):
        sent.run(0.005)
        stamp = sent.now - 1_000_000
        sent.watch.take(sent.now, 'feedback_arm_left', stamp, [sent.value] * ARM_SIZE)
    assert (sent.watch.soft, sent.watch.warning) == ('', '')


def test_another_stream_does_not_hide_the_one_that_repeats_itself():
    sent = Sent()
    for _ in range(40):
        sent.run(0.005, stamped=False, valued=False)
        sent.run(0.005, valued=False, stream='feedback_arm_right')
    assert sent.watch.soft.startswith('feedback_arm_left')


# Readings that cannot be


def shifted(joint, by):
    q = REST.copy()
    q[joint] += by
    return q.tolist()


@pytest.mark.parametrize('turn', [-1, 1])
@pytest.mark.parametrize('joint', range(ARM_SIZE))
def test_a_wrapped_reading_is_named_so(joint, turn):
    watch = Possible(LEFT, SPEED)
    said = watch.take(START, shifted(joint, turn * math.tau))
    assert said.startswith(f'left_arm_joint{joint + 1} reads ')
    assert said.endswith(f'wrapped by {2 * turn} pi?')
    assert watch.why == said


def test_a_reading_far_outside_is_impossible_and_one_just_outside_is_not():
    watch = Possible(LEFT, SPEED)
    folded = np.zeros(ARM_SIZE)  # on the limits of two joints
    folded[1], folded[2] = -0.003, 0.003
    assert watch.take(START, folded.tolist()) == ''
    folded[1] = -0.25
    assert watch.take(START + PERIOD, folded.tolist()) == (
        'left_arm_joint2 reads -0.250 rad, limits 0.000 to 3.142: has its encoder lost zero?'
    )


@pytest.mark.parametrize('joint', range(ARM_SIZE))
def test_a_torn_reading_is_dropped_and_the_next_one_is_good(joint):
    watch = Possible(LEFT, SPEED)
    assert watch.take(START, REST) == ''
    said = watch.take(START + PERIOD, shifted(joint, -0.6))
    assert f'left_arm_joint{joint + 1} reads' in said
    assert 'rad/s allow in 0.015 s. Torn, or zeroed anew?' in said
    assert watch.take(START + 2 * PERIOD, REST) == ''
    assert watch.why == ''


def test_the_fastest_motion_there_is_is_possible():
    """Even where messages are held up and come at once."""
    watch, q, worst = Possible(LEFT, SPEED), REST.copy(), 0
    lower, upper = LEFT.lower, LEFT.upper
    direction = np.ones(ARM_SIZE)
    for k in range(4000):
        q = q + direction * SPEED * 0.005
        direction = np.where(q > upper, -1.0, np.where(q < lower, 1.0, direction))
        late = 9_000_000 if k % 7 == 3 else 0
        worst += bool(watch.take(START + k * PERIOD + late, q.tolist()))
    assert worst == 0


def test_a_reading_that_leapt_is_not_believed_however_long_it_stays():
    """An engaged arm's first command would be there."""
    watch = Possible(LEFT, SPEED)
    watch.take(START, REST)
    for k in range(1, 400):
        assert watch.take(START + k * PERIOD, np.zeros(ARM_SIZE).tolist())
    assert watch.take(START + 400 * PERIOD, REST + 0.1) == ''  # back where it was, or nearly


def test_after_half_a_second_of_silence_a_driver_began_anew():
    watch = Possible(LEFT, SPEED)
    watch.take(START, REST)
    zeros = np.zeros(ARM_SIZE).tolist()
    assert watch.take(START + 490_000_000, zeros)
    assert watch.take(START + 990_000_000, zeros) == ''
    assert watch.take(START + 990_000_000 - 30 * SECOND, REST) == ''  # the clock was set


def test_a_reading_of_another_length_is_an_error():
    watch = Possible(LEFT, SPEED)
    with pytest.raises(ValueError, match='argument 2 is longer'):
        watch.take(START, [*REST, 0.0])


def test_it_can_be_had_for_all_joints():
    watch = Possible(LIMITS, np.tile(SPEED, 2))
    assert watch.take(START, HOME.tolist()) == ''
    tight = replace(LIMITS, upper=np.minimum(LIMITS.upper, HOME + 0.1))
    there = HOME.copy()
    there[11] += 0.5
    assert Possible(tight, np.tile(SPEED, 2)).take(START, there).startswith('right_arm_joint6')
