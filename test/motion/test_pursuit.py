"""From a hand's stream to commands: late by how much, beyond by how much, bounded always."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastwam_ros.apps.follow.figures import figures, play
from fastwam_ros.apps.follow.hands import ROOM, ramp, stop, stream, wave
from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.limits import SECOND, State
from fastwam_ros.motion.pursuit import Pursuit
from fastwam_ros.motion.status import ABSOLUTE, HANDS
from test.motion.robot import HOME, PERIOD, SIZE, START, ratios

END = np.array([9.0])  # [s] after which no hand moves


def begin(hand: str = HANDS[0]) -> Pursuit:
    return Pursuit(LIMITS, PERIOD / SECOND, State.rest(HOME), HOME, hand)


@pytest.mark.parametrize(('rate', 'most'), [(10, 0.08), (50, 0.025), (100, 0.025), (200, 0.025)])
def test_a_smooth_hand_is_followed_within_a_few_hundredths_of_a_second(rate, most):
    motion = wave(0.6, 0.3)
    commands = play(begin(), stream(motion, 8.0, rate, jitter=0.001), 8.0)
    assert figures(commands, motion).lag <= most
    assert (ratios(LIMITS, commands) <= 0.971).all()


def test_the_commands_of_a_smooth_hand_do_not_chatter():
    commands = play(begin(), stream(wave(0.6, 0.3), 8.0, 50), 8.0)[1000:]
    jerk = np.diff(commands, 3, axis=0) / (PERIOD / SECOND) ** 3
    assert np.sqrt(np.mean(jerk**2)) < 4.0  # of which the hand's own is 1.5


@pytest.mark.parametrize(
    ('speed', 'most'), [(0.15, 0.012), (0.4, 0.03), (0.75, 0.03), (1.2, 0.03)]
)
@pytest.mark.parametrize('rate', [50, 200])
def test_a_key_that_is_let_go_is_passed_by_little(rate, speed, most):
    motion = ramp(speed, 0.5, 0.7)
    commands = play(begin(), stream(motion, 4.0, rate, jitter=0.001), 4.0)
    assert ((commands - motion(END)[0]) * ROOM).max() < most
    assert commands[-1] == pytest.approx(motion(END)[0], abs=1e-4)


def test_a_smooth_hand_that_stops_dead_is_passed_by_little_more():
    motion = stop(0.9)
    commands = play(begin(), stream(motion, 9.0, 50, jitter=0.001), 9.0)
    assert 0.03 < ((commands - motion(END)) * ROOM).max() < 0.07


def test_a_leader_that_is_elsewhere_is_approached_slowly_and_then_followed():
    leader = HOME + 0.4 * ROOM
    pursuit = begin(ABSOLUTE)
    pursuit.take(START, leader)
    assert pursuit.approaching
    assert pursuit.words().startswith('approaching the hand: left_arm_joint')
    assert pursuit.words().endswith('is 0.40 rad from it')
    speeds, far = [], []
    for now in range(START, START + 4 * SECOND, PERIOD):
        pursuit.take(now, leader)
        speeds.append(np.abs(pursuit.step(now).v))
        far.append(np.abs(pursuit.distance).max())
        if not pursuit.approaching:
            break
    assert (np.array(speeds) <= 0.2 * LIMITS.velocity).all()
    assert far[-1] == pytest.approx(0.05, abs=0.003)
    assert not pursuit.words()
    motion = wave(0.6, 0.3)
    samples = [(at + len(far) * PERIOD, q + leader - HOME) for at, q in stream(motion, 8.0, 50)]
    commands = play(pursuit, samples, 8.0)
    assert not pursuit.approaching
    assert np.abs(np.diff(commands[1000:], axis=0)).max() > 0.5 * PERIOD / SECOND


def test_a_share_of_the_speed_is_kept_and_given_back():
    pursuit, motion = begin(), ramp(1.0, 0.1, 1.0)
    pursuit.speed = 0.3
    commands = play(pursuit, stream(motion, 2.0, 50), 2.0)
    assert (np.abs(np.diff(commands, axis=0)) <= 0.3 * PERIOD / SECOND * LIMITS.velocity).all()
    pursuit.speed = 1.0
    later = [pursuit.step(START + 2 * SECOND + k * PERIOD).q for k in range(400)]
    assert later[-1] == pytest.approx(motion(END)[0], abs=1e-4)


def test_late_ticks_make_no_jump():
    pursuit, now, path = begin(), START, []
    rng = np.random.default_rng(7)
    for _ in range(600):
        now += PERIOD if rng.random() < 0.95 else 30 * PERIOD
        pursuit.take(now, HOME + 0.3 * np.sin(2.0 * (now - START) / SECOND))
        path.append(pursuit.step(now).q)
    assert (ratios(LIMITS, np.array(path)) <= 0.971).all()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(HANDS),
    st.sampled_from([0.1, 0.02, 0.005]),
    st.integers(0, 2**31),
    st.sampled_from(['steps', 'flapping', 'noise', 'walk', 'torn', 'runs']),
)
def test_whatever_the_hand_does_commands_stay_bounded_and_near_what_it_asked_for(
    hand, every, seed, kind
):
    rng = np.random.default_rng(seed)
    pursuit, q, v = begin(hand), HOME.copy(), np.zeros(SIZE)
    low, high, path = HOME.copy(), HOME.copy(), [HOME] * 3
    due = 0.0
    for k in range(600):
        now = START + k * PERIOD
        if k * 0.005 >= due:
            due += every * (rng.uniform(0.1, 8.0) if kind == 'torn' else rng.uniform(0.7, 1.3))
            if kind in ('runs', 'torn') and rng.random() < 3.0 * every:
                v = rng.uniform(-3.0, 3.0, SIZE) * rng.integers(0, 2)
            q = q + every * v
            if kind in ('steps', 'flapping') and (
                kind == 'flapping' or rng.random() < 2.0 * every
            ):
                q = rng.uniform(LIMITS.lower - 0.3, LIMITS.upper + 0.3)
            if kind in ('noise', 'walk'):
                q = (HOME if kind == 'noise' else q) + rng.normal(0.0, 0.02, SIZE)
            pursuit.take(now, q)
            goal = path[-1] + pursuit.distance
            low, high = np.minimum(low, goal), np.maximum(high, goal)
        path.append(pursuit.step(now).q)
        assert (np.maximum(path[-1] - high, low - path[-1]) < 0.12).all()
    assert (ratios(LIMITS, np.array(path)) <= 0.971).all()
    assert LIMITS.excess(np.array(path)).max() < 1e-7
