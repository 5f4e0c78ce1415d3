"""A hand that leads the arms into something is followed up to there, and out again at once."""

from collections.abc import Callable

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.bodies import Bodies, Plane
from fastwam_ros.motion.clearance import Clearance
from fastwam_ros.motion.follow import Follower, Goal
from fastwam_ros.motion.heading import SMOOTH
from fastwam_ros.motion.limits import State
from fastwam_ros.motion.lookahead import MISSED
from fastwam_ros.motion.stop import quickest
from fastwam_ros.motion.vicinity import Vicinity
from fastwam_ros.robot.joints import ARM_REST
from fastwam_ros.robot.kinematics import CONNECTIONS
from test.motion.approach import GOALS, REACHING
from test.motion.robot import HOME, SIZE, ratios, wave

PERIOD = 0.005
REST = np.array(ARM_REST * 2)
STILL = np.zeros(SIZE)
MIDDLE = np.array([0.0, 1.8, -1.4, 0.3, 0.0, 0.0] * 2)
REACH = np.array([1.3, 0.9, 1.2, 1.2, 1.2, 1.5] * 2)
Hand = Callable[[float], tuple[np.ndarray, np.ndarray, np.ndarray]]


@pytest.fixture(scope='module')
def near() -> Clearance:
    return clearance()


class Followed:
    """Commands of arms that follow a hand, from a start, with or without a look at what is near.

    sent [T, D]; held [T]: whether any joint was kept from its goal.
    """

    def __init__(self, hand: Hand, seconds: float, near: Clearance | None, start=REACHING) -> None:
        follower = Follower(LIMITS, PERIOD, State.rest(start))
        self.vicinity = None if near is None else Vicinity(near, LIMITS, start)
        sent, held = [], []
        for tick in range(round(seconds / PERIOD)):
            goals = goals_of(*hand(tick * PERIOD))
            if self.vicinity is not None:
                goals = self.vicinity.keep_clear(follower.state, goals)
                held.append(self.vicinity.held.any())
            sent.append(follower.step(goals).q)
        self.sent, self.held = np.array(sent), np.array(held)

    def least(self, near: Clearance) -> float:
        return min(float(near.nearest(q).distance) for q in self.sent[::2])


def goals_of(q: np.ndarray, v: np.ndarray, a: np.ndarray) -> list[Goal]:
    """Goals of a hand's motion; a hand beyond a limit is taken for one that stands on it."""
    inside = LIMITS.clamp(q)
    beyond = inside != q
    v, a = np.where(beyond, 0.0, v), np.where(beyond, 0.0, a)
    return [(*map(float, row), SMOOTH) for row in zip(inside, v, a, strict=True)]


def there_and_back(goal: np.ndarray, speed: float, start: np.ndarray = REACHING):
    """A hand that goes from start to a goal, waits 1.5 s and comes back; and when it is there.

    speed [rad/s]: of the joint that has the longest way, at most.
    """
    way = goal - start
    whole = 1.5 * float(np.abs(way).max()) / speed

    def hand(t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        sign = 1.0
        if t > whole + 1.5:
            t, sign = 2.0 * whole + 1.5 - t, -1.0
        x = min(max(t / whole, 0.0), 1.0)
        bend = (6.0 - 12.0 * x) * (0.0 < x < 1.0)
        v = sign * 6.0 * x * (1.0 - x) / whole * way
        return start + x * x * (3.0 - 2.0 * x) * way, v, bend / whole**2 * way

    return hand, whole


@pytest.mark.parametrize('speed', [0.3, 1.4])
@pytest.mark.parametrize('goal', GOALS)
def test_arms_rest_before_what_a_hand_leads_them_into_and_come_back_with_it(near, goal, speed):
    hand, whole = there_and_back(GOALS[goal], speed)
    seconds, stop = 2.0 * whole + 2.5, float(near.stop.max())
    kept, free = Followed(hand, seconds, near), Followed(hand, seconds, None)
    assert free.least(near) < -0.03
    assert stop < kept.least(near) < stop + 0.005
    waiting = kept.sent[round((whole + 1.0) / PERIOD) : round((whole + 1.5) / PERIOD)]
    assert np.ptp(waiting, axis=0).max() < 5e-3
    assert near.nearest(waiting[-1]).distance < stop + 0.005
    assert (ratios(LIMITS, kept.sent) <= 1.0 + 1e-6).all()
    inside = [near.nearest(q).distance < stop for q in free.sent]
    assert np.flatnonzero(kept.held)[-1] <= np.flatnonzero(inside)[-1]
    assert kept.sent[-1] == pytest.approx(free.sent[-1], abs=1e-3)


@pytest.mark.parametrize('goal', GOALS)
def test_a_hand_that_jumps_into_something_and_out_is_followed_up_to_the_margin(near, goal):
    def hand(t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return (GOALS[goal] if t < 2.5 else REACHING), STILL, STILL

    kept, stop = Followed(hand, 5.0, near), float(near.stop.max())
    assert stop < kept.least(near) < stop + 0.005
    assert (ratios(LIMITS, kept.sent) <= 1.0 + 1e-6).all()
    assert kept.sent[-1] == pytest.approx(REACHING, abs=1e-6)
    assert kept.vicinity is not None
    assert kept.vicinity.words() == ''


def test_it_says_what_it_keeps_clear_of(near):
    kept = Followed(lambda t: (GOALS['hand to torso'], STILL, STILL), 2.0, near)
    assert kept.vicinity is not None
    assert kept.vicinity.words() == 'torso_link3 - left_gripper_fingers: 12 mm'
    assert kept.vicinity.held.tolist() == [*kept.vicinity.held.tolist()[:6], *[False] * 6]


@pytest.mark.parametrize('swing', [0.2, 0.5])
def test_a_hand_that_is_clear_of_everything_is_followed_as_without(near, swing):
    def hand(t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        phase = 1.5 * t + np.arange(SIZE)
        return wave(t, swing), 1.5 * swing * np.cos(phase), -2.25 * swing * np.sin(phase)

    start = wave(0.0, swing)
    kept, free = Followed(hand, 5.0, near, start), Followed(hand, 5.0, None, start)
    assert free.least(near) > 0.05
    assert not kept.held.any()
    assert np.array_equal(kept.sent, free.sent)


def test_the_other_arm_goes_on_as_it_likes(near):
    into, _ = there_and_back(GOALS['hand to torso'], 0.8)

    def hand(t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        q, v, a = into(t)
        phase = 2.0 * t + np.arange(6)
        q[6:], v[6:] = REACHING[6:] + 0.2 * np.sin(phase), 0.4 * np.cos(phase)
        a[6:] = -0.8 * np.sin(phase)
        return q, v, a

    kept, free = Followed(hand, 5.0, near), Followed(hand, 5.0, None)
    assert kept.held.any()
    assert not np.array_equal(kept.sent[:, :6], free.sent[:, :6])
    assert np.array_equal(kept.sent[:, 6:], free.sent[:, 6:])


def wandering(seed: int) -> Hand:
    """A hand that jumps now and then, or all of whose joints swing, slowly or quickly."""
    random = np.random.default_rng(seed)
    if seed % 3 == 0:
        times = np.cumsum(random.uniform(0.2, 2.0, 20))
        poses = [MIDDLE + random.uniform(-1.0, 1.0, SIZE) * REACH for _ in range(21)]
        return lambda t: (poses[int(np.searchsorted(times, t))], STILL, STILL)
    rates = random.uniform(0.3, 2.5 if seed % 3 == 1 else 5.0, (2, SIZE))
    phases = random.uniform(0.0, 6.3, (2, SIZE))
    swings = REACH * random.uniform(0.2, 0.8, (2, SIZE))

    def hand(t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        turn, cosine = swings * np.sin(rates * t + phases), swings * np.cos(rates * t + phases)
        v, a = (rates * cosine).sum(axis=0), -(rates**2 * turn).sum(axis=0)
        return MIDDLE + turn.sum(axis=0), v, a

    return hand


@pytest.mark.parametrize('seed', [0, 9, 20, 22, 36])
def test_hands_that_wander_never_lead_into_a_margin(near, seed):
    hand = wandering(seed)
    kept = Followed(hand, 6.0, near)
    assert Followed(hand, 6.0, None).least(near) < 0.0
    assert kept.least(near) > float(near.stop.max()) - MISSED
    assert 0.02 < kept.held.mean() < 0.7
    assert (ratios(LIMITS, kept.sent) <= 1.0 + 1e-6).all()


@pytest.mark.parametrize('seed', [22, 36])
def test_a_stop_at_any_time_is_clear(near, seed):
    """A release, a fault: the shortest stop of every joint from where the arms are."""
    hand, follower = wandering(seed), Follower(LIMITS, PERIOD, State.rest(REACHING))
    vicinity, least = Vicinity(near, LIMITS, REACHING), np.inf
    for tick in range(1200):
        goals = vicinity.keep_clear(follower.state, goals_of(*hand(tick * PERIOD)))
        state = follower.step(goals)
        if tick % 20 == 0:
            stop, _ = quickest(LIMITS, state)
            way = [stop.at(u).q for u in np.linspace(0.0, stop.duration, 4)]
            least = min(least, *(float(near.nearest(q).distance) for q in way))
    assert float(near.stop.max()) - MISSED < least < 0.02


def test_the_folded_rest_pose_can_be_left_but_not_folded_further(near):
    begun = float(near.nearest(REST).distance)
    assert begun < near.stop.max()
    nearer = REST.copy()
    nearer[3] = 0.5  # the left wrist bends onto the upper arm
    kept = Followed(there_and_back(nearer, 0.5, REST)[0], 2.0, near, REST)
    assert kept.least(near) > begun - 2e-4
    assert np.abs(kept.sent - REST).max() < 0.02
    assert Followed(there_and_back(nearer, 0.5, REST)[0], 2.0, None, REST).least(near) < 0.0
    hand, whole = there_and_back(HOME, 1.0, REST)
    out, free = (Followed(hand, whole + 1.0, each, REST) for each in (near, None))
    assert out.sent[-1] == pytest.approx(HOME, abs=1e-6)
    assert np.abs(out.sent - free.sent).max() < 0.1


def test_finger_tips_stay_above_a_table():
    table = clearance(planes=(Plane('table', (0.0, 0.0, 1.0), 1.15),))
    tips = [table.names.index(f'{side}_tip - table') for side in ('left', 'right')]
    low = HOME.copy()
    low[[1, 7]] += 0.6
    hand, whole = there_and_back(low, 1.0, HOME)
    kept, free = (Followed(hand, whole + 1.0, each, HOME) for each in (table, None))
    heights = [np.array([table.distances(q)[tips] for q in e.sent[::4]]) for e in (kept, free)]
    assert heights[1].min() < -0.05
    assert 0.0 < heights[0].min() < 0.004


def test_the_same_hand_twice_is_followed_the_same_to_the_bit(near):
    hand = wandering(20)
    assert np.array_equal(Followed(hand, 3.0, near).sent, Followed(hand, 3.0, near).sent)


def test_where_nothing_can_meet_nothing_is_kept():
    nothing = Clearance(Bodies(CONNECTIONS, LIMITS.names, {}), LIMITS, ())
    hand = wandering(0)
    kept = Followed(hand, 1.0, nothing)
    assert np.array_equal(kept.sent, Followed(hand, 1.0, None).sent)
