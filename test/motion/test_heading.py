"""Where a hand is and goes, from streams as they are: slow, late, in bunches, noisy, torn."""

import numpy as np
import pytest

from fastwam_ros.apps.follow.hands import Motion, Sample, ramp, stream, wave
from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.heading import SMOOTH, SUDDEN, TRAIL, TRUST, Clock, Heading
from fastwam_ros.motion.limits import SECOND, Array
from test.motion.robot import HOME, PERIOD, SIZE, START


def told(samples: list[Sample], seconds: float, heading: Heading | None = None) -> Array:
    """The goals [T, D, (q, v, a, overrun)] of all ticks."""
    heading = heading or Heading(LIMITS, HOME)
    rows, coming = [], iter([*samples, (START + 10**18, HOME)])
    at, positions = next(coming)
    for now in range(START, START + round(seconds * SECOND), PERIOD):
        while at <= now:
            heading.take(at, positions)
            at, positions = next(coming)
        rows.append(heading.at(now))
    return np.array(rows)


def true(motion: Motion, seconds: float, late: float) -> Array:
    return motion(np.arange(0.0, seconds, PERIOD / SECOND) - late)


@pytest.mark.parametrize(
    ('rate', 'jitter', 'miss'),
    [(10, 0.0, 4e-3), (50, 0.0, 5e-4), (200, 0.0, 5e-4), (50, 0.002, 3e-3), (200, 0.002, 3e-3)],
)
def test_a_smooth_motion_is_told_a_little_late_and_true(rate, jitter, miss):
    motion, late = wave(0.6, 0.3), max(TRAIL, 0.7 / rate)
    seen = told(stream(motion, 6.0, rate, jitter), 6.0)[400:]
    want = true(motion, 6.0, late + jitter)[400:]
    assert np.abs(seen[:, :, 0] - want).max() < miss
    speed = np.gradient(want, PERIOD / SECOND, axis=0)
    assert np.sqrt(np.mean((seen[:, :, 1] - speed) ** 2)) < 0.03


def test_jitter_of_the_network_is_no_motion_of_the_hand():
    """2 ms of it at 0.6 rad/s would be 85 rad/s2, if samples were taken when they arrive."""
    motion = wave(0.6, 0.3)
    seen = told(stream(motion, 6.0, 50, 0.002), 6.0)[400:]
    still = told(stream(motion, 6.0, 50, 0.0), 6.0)[400:]
    assert np.sqrt(np.mean((seen[:, :, 2] - still[:, :, 2]) ** 2)) < 0.6


def test_a_bunch_of_late_samples_is_no_surprise():
    """Nothing for 15 ms, then all at once, again and again: a busy network."""
    samples = [
        (START + max(at - START, (at - START) // 250_000_000 * 250_000_000 + 15_000_000), q)
        for at, q in stream(wave(0.3, 0.3), 9.0, 100)
    ]
    seen = told(samples, 9.0)
    assert seen[-1, :, 3] == pytest.approx(SMOOTH)
    assert np.abs(seen[600:, :, 0] - true(wave(0.3, 0.3), 9.0, TRAIL)[600:]).max() < 0.006


@pytest.mark.parametrize('rate', [50, 200])
def test_a_hand_that_stops_dead_is_seen_to_within_three_samples(rate):
    motion = ramp(1.0, 0.5, 0.7)
    seen = told(stream(motion, 2.0, rate), 2.0)
    end = round((1.2 + TRAIL + 3.0 / rate) * SECOND / PERIOD) + 1
    assert np.abs(seen[end:, :, 0] - motion(np.array([9.0]))[0]).max() < 0.012
    assert np.abs(seen[end + 20 :, :, 1]).max() < 0.05
    assert (seen[-1, :, 0] == motion(np.array([9.0]))[0]).all()
    assert not seen[-1, :, 1:3].any()


def test_a_jump_tells_no_speed():
    samples = [(START + k * 20_000_000, HOME + (0.5 if k >= 50 else 0.0)) for k in range(100)]
    seen = told(samples, 2.0)
    assert np.abs(seen[:, :, 1:3]).max() == 0.0
    assert np.abs(seen[205:, :, 0] - HOME - 0.5).max() < 1e-9


def test_a_stream_that_falls_silent_leaves_the_hand_where_it_was_seen():
    samples = stream(ramp(1.0, 0.0, 9.0), 1.0, 50)
    seen = told(samples, 1.5)
    assert seen[198, 0, 1] == pytest.approx(1.0, abs=1e-6)
    assert np.array_equal(seen[-1, :, 0], samples[-1][1])
    assert not seen[-1, :, 1:3].any()


def test_a_stream_that_comes_back_elsewhere_tells_no_motion_at_once():
    one, other = stream(wave(0.3, 0.3), 1.0, 50), stream(wave(0.3, 0.3), 2.0, 50)[75:]
    seen = told(one + [(at, q + 0.3) for at, q in other], 2.0)
    back = round(1.5 * SECOND / PERIOD)
    assert not seen[back - 2, :, 1:3].any()
    assert np.abs(seen[back : back + 4, :, 1]).max() == 0.0
    assert seen[back, :, 3] == pytest.approx(SUDDEN)


def test_trust_is_earned_by_smooth_motion_and_lost_at_once():
    heading = Heading(LIMITS, HOME)
    seconds = TRUST + 0.5
    samples = stream(wave(0.3, 0.3), seconds + 1.0, 50)
    jump = [(at, q + (0.1 if at > START + seconds * SECOND else 0.0)) for at, q in samples]
    overrun = told(jump, seconds + 1.0, heading)[:, 0, 3]
    known = round(seconds * SECOND / PERIOD)
    assert overrun[0] == SUDDEN
    assert overrun[known // 2] == pytest.approx((SUDDEN + SMOOTH) / 2.0, abs=0.005)
    assert overrun[known - 1] == SMOOTH
    assert overrun[known + 10] < SUDDEN + 0.001


def test_a_key_that_is_held_and_let_go_is_abrupt():
    seen = told(stream(ramp(0.75, 0.5, 0.7), 1.5, 50), 1.5)
    assert (seen[-1, :, 3] < SUDDEN + 0.01).all()


@pytest.mark.parametrize('noise', [0.001, 0.003])
def test_noise_is_not_taken_for_abruptness(noise):
    rng = np.random.default_rng(4)
    samples = [(at, q + rng.normal(0.0, noise, SIZE)) for at, q in stream(wave(0.3, 0.3), 8.0, 72)]
    assert (told(samples, 8.0)[-1, :, 3] > 0.8 * SMOOTH).mean() > 0.7


def test_two_arms_come_in_two_streams_of_their_own():
    none = np.full(SIZE, np.nan)
    left = [(at, np.concatenate([q[:6], none[6:]])) for at, q in stream(wave(0.5, 0.3), 4.0, 100)]
    right = [(at, np.concatenate([none[:6], q[6:]])) for at, q in stream(wave(0.5, 0.3), 4.0, 30)]
    seen = told(sorted(left + right, key=lambda sample: sample[0]), 4.0)[300:]
    assert np.abs(seen[:, :6, 0] - true(wave(0.5, 0.3), 4.0, TRAIL)[300:, :6]).max() < 1e-3
    assert np.abs(seen[:, 6:, 0] - true(wave(0.5, 0.3), 4.0, 0.7 / 30)[300:, 6:]).max() < 1e-3


def test_what_commands_nothing_changes_nothing():
    heading = Heading(LIMITS, HOME)
    heading.take(START, np.full(SIZE, np.nan))
    assert heading.at(START) == [(q, 0.0, 0.0, SUDDEN) for q in HOME.tolist()]


def test_times_that_go_back_tell_no_motion():
    heading = Heading(LIMITS, HOME)
    for k in (0, 1, 2, 1, 1, 0, 3):
        heading.take(START + k * 20_000_000, HOME + 0.01 * k)
        goals = np.array(heading.at(START + k * 20_000_000))
        assert np.isfinite(goals).all()
        assert np.abs(goals[:, 0] - HOME).max() < 0.1


def test_a_dropped_sample_is_a_gap_and_a_pause_begins_anew():
    clock = Clock()
    since = [clock.beat(t) for t in (0.0, 0.02, 0.04, 0.06, 0.1, 0.12)]
    assert since == pytest.approx([0.0, 0.02, 0.02, 0.02, 0.04, 0.02], abs=0.005)
    assert not clock.pauses(0.14)
    assert clock.pauses(0.3)
    assert not clock.pauses(0.31)
    assert clock.beat(0.4) == 0.0
