"""A person takes over: the switch, a hand followed as it moves or to where it is, the release."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.lookahead import MISSED
from test.motion.approach import REACHING
from test.motion.robot import HOME, SIZE, Rig, ratios

NOTHING = np.full(2, np.nan)


@pytest.fixture
def rig():
    return Rig()


@pytest.fixture(scope='module')
def around():
    return clearance()


def bounded(rig: Rig) -> None:
    assert (ratios(LIMITS, np.array(rig.commands)) <= 1.0 + 1e-6).all()


def test_a_person_takes_over_within_a_tick_and_hands_back_to_hold(rig):
    rig.run()
    rig.tick(60)
    rig.executor.on_teleop_active(rig.now, True)
    assert rig.mode == 'TELEOP'
    assert rig.executor.source == 'teleop'
    before = rig.commands[-1]
    for k in range(200):
        if k % 20 == 0:
            rig.executor.on_teleop_active(rig.now, True)
        hand = np.full(SIZE, 2.0)  # wherever the leader is: only its motion counts
        hand[0] += 0.3 * np.sin(0.01 * k)
        rig.executor.on_teleop_target(rig.now, hand, np.array([0.01, np.nan]))
        rig.tick()
    moved = rig.commands[-1] - before
    assert 0.2 < moved[0] < 0.5
    assert np.abs(moved[6:]).max() < 0.1  # the motion that was under way came to rest
    assert rig.executor.drive.openings == pytest.approx([0.01, 0.05])
    assert rig.offer().name == 'shadow'
    rig.executor.on_teleop_active(rig.now, False)
    rig.tick(200)
    assert rig.mode == 'HOLD'
    bounded(rig)


@pytest.mark.parametrize('silent', ['switch', 'stream'])
def test_a_silent_person_has_released_and_needs_a_new_edge(rig, silent):
    rig.run()
    rig.tick(60)
    rig.executor.on_teleop_active(rig.now, True)
    for k in range(120):
        if silent == 'stream' and k % 10 == 0:
            rig.executor.on_teleop_active(rig.now, True)
        if silent == 'switch':
            rig.executor.on_teleop_target(rig.now, np.zeros(SIZE), NOTHING)
        rig.tick()
    assert rig.mode == 'HOLD'
    assert 'silent' in rig.executor.status.reason
    rig.executor.on_teleop_active(rig.now, False)
    rig.executor.on_teleop_active(rig.now, True)
    assert rig.mode == 'TELEOP'


def test_a_stream_alone_takes_nothing(rig):
    rig.run()
    rig.tick(20)
    rig.executor.on_teleop_target(rig.now, HOME + 1.0, np.zeros(2))
    rig.tick(20)
    assert rig.mode == 'POLICY'


def test_a_hand_that_jumps_is_followed_inside_the_limits(rig):
    rig.tick(2)
    rig.ask('engage')
    rig.executor.on_teleop_active(rig.now, True)
    rng = np.random.default_rng(5)
    for k in range(1500):
        if k % 20 == 0:
            rig.executor.on_teleop_active(rig.now, True)
        if k % 7 == 0:
            rig.executor.on_teleop_target(rig.now, rng.uniform(-3.0, 3.0, SIZE), NOTHING)
        rig.tick()
    bounded(rig)
    assert LIMITS.excess(np.array(rig.commands)).max() < 1e-9


class Leader:
    """A leader arm that streams where it is, at 50 Hz, and a switch that is held."""

    def __init__(self, rig: Rig, q: np.ndarray) -> None:
        self.rig, self.q = rig, q.copy()

    def leads(self, ticks: int, step: float = 0.0) -> None:
        """Joint 1 of both arms moves by `step` rad per tick."""
        for k in range(ticks):
            self.q[[0, 6]] += step
            if k % 4 == 0:
                self.rig.executor.on_teleop_active(self.rig.now, True)
                self.rig.executor.on_teleop_target(self.rig.now, self.q, NOTHING)
            self.rig.tick()


def led(far: float, **changes) -> tuple[Rig, Leader]:
    """A rig in TELEOP to absolute positions, whose leader is so far away in two joints."""
    rig = Rig(teleop='absolute', **changes)
    rig.tick(2)
    assert rig.ask('engage') == 'ok'
    rig.tick(2)
    leader = Leader(rig, HOME)
    leader.q[[0, 6]] += far
    leader.leads(1)
    assert rig.mode == 'TELEOP'
    return rig, leader


def test_absolute_goes_slowly_to_a_hand_that_is_elsewhere_and_says_so():
    rig, leader = led(0.6)
    leader.leads(100)
    warning = rig.executor.status.warning
    assert warning.startswith('approaching the hand: left_arm_joint1 is 0.')
    leader.leads(600)
    assert rig.executor.status.warning == ''
    assert rig.commands[-1][0] == pytest.approx(HOME[0] + 0.6, abs=1e-3)
    speed = np.abs(np.diff(np.array(rig.commands), axis=0)).max(axis=0) / 0.005
    assert speed[0] <= 0.2 * LIMITS.velocity[0] * 1.001
    bounded(rig)


def test_absolute_follows_at_full_speed_once_it_has_arrived():
    rig, leader = led(0.04)
    leader.leads(60)
    assert rig.executor.status.warning == ''
    begun = len(rig.commands)
    leader.leads(150, step=0.004)  # 0.8 rad/s
    speed = np.diff(np.array(rig.commands[begun:])[:, 0]).max() / 0.005
    assert speed > 0.75
    leader.leads(300)
    assert np.abs(rig.commands[-1] - leader.q).max() < 1e-3
    bounded(rig)


def test_absolute_released_on_its_way_rests_and_holds():
    rig, leader = led(0.6)
    leader.leads(100)
    rig.executor.on_teleop_active(rig.now, False)
    rig.tick(100)
    assert rig.mode == 'HOLD'
    assert rig.executor.status.warning == ''
    assert 0.05 < rig.commands[-1][0] - HOME[0] < 0.3
    bounded(rig)


def test_absolute_and_a_lowered_speed_both_count():
    rig, leader = led(0.6)
    rig.executor.on_speed(rig.now, 0.5)
    leader.leads(300)
    speed = np.abs(np.diff(np.array(rig.commands), axis=0)).max(axis=0) / 0.005
    assert 0.08 * LIMITS.velocity[0] < speed[0] <= 0.1 * LIMITS.velocity[0] * 1.001


def test_a_leader_alone_takes_nothing_wherever_it_is():
    rig, _ = led(0.0)
    rig.executor.on_teleop_active(rig.now, False)
    rig.tick(100)
    before = rig.commands[-1]
    for _ in range(40):
        rig.executor.on_teleop_target(rig.now, HOME + 0.5, NOTHING)
        rig.tick()
    assert rig.mode == 'HOLD'
    assert np.array_equal(rig.commands[-1], before)


def test_a_smooth_hand_is_followed_without_chatter(rig):
    """What the accelerations of a 50 Hz stream leave in the commands, beyond the hand's own."""
    rig.tick(2)
    rig.ask('engage')
    rig.executor.on_teleop_active(rig.now, True)
    times = np.arange(1600) * 0.005
    for k, t in enumerate(times):
        if k % 4 == 0:
            rig.executor.on_teleop_active(rig.now, True)
            hand = HOME + 0.15 * np.sin(2.0 * np.pi * 0.5 * t)
            rig.executor.on_teleop_target(rig.now, hand, NOTHING)
        rig.tick()
    sent = np.array(rig.commands)[-1000:, 0]
    push = np.diff(sent, 2) / 0.005**2
    phase = 2.0 * np.pi * 0.5 * times[: len(push)]
    waves = np.stack([np.sin(phase), np.cos(phase)]).T
    own = waves @ np.linalg.lstsq(waves, push, rcond=None)[0]
    assert np.sqrt(np.mean((push - own) ** 2)) < 0.1  # [rad/s2], of 1.05 of the hand's own
    bounded(rig)


def test_a_teleop_that_is_none_is_refused():
    with pytest.raises(ValueError, match="teleop 'clutch' is none of relative, absolute"):
        Rig(teleop='clutch')


def test_a_hand_leads_the_arms_no_farther_than_the_robot_itself_and_out_again(around):
    """Both hands swing inward until they would meet."""
    rig = Rig(REACHING, clearance=around)
    rig.tick(2)
    assert rig.ask('engage') == 'ok'
    hand = REACHING.copy()
    told = set()
    for k in range(1200):
        turn = 0.0015 if k < 600 else -0.0015
        hand[0], hand[6] = hand[0] - turn, hand[6] + turn
        if k % 2 == 0:
            rig.executor.on_teleop_active(rig.now, True)
            rig.executor.on_teleop_target(rig.now, hand, NOTHING)
        rig.tick()
        told.add(rig.executor.status.warning)
    assert rig.mode == 'TELEOP'
    sent = np.array(rig.commands)
    least = min(around.nearest(q).distance for q in sent[::4])
    assert around.stop.min() - MISSED <= least < 0.1
    assert any('mm' in words for words in told)
    assert np.abs(sent[-1] - REACHING).max() < 0.01  # out again with the hand
    bounded(rig)
