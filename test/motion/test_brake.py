"""Plans end before what they lead into: on their path, or in a stop that was looked at."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS, settings
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.brake import SPARE, Brakes
from fastwam_ros.motion.caution import Caution
from fastwam_ros.motion.clearance import Clearance
from fastwam_ros.motion.drive import Drive
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.lookahead import MISSED, Finding, Lookahead
from fastwam_ros.motion.pace import Ramp
from fastwam_ros.motion.plan import Jerks, Plan
from fastwam_ros.motion.splice import Splice, rendezvous
from test.motion.approach import GOALS, REACHING
from test.motion.robot import PERIOD, STEP, ratios

TIMES = np.arange(40) * STEP


@pytest.fixture(scope='module')
def near() -> Clearance:
    return clearance()


def leading(near: Clearance, goal: str, share: float, seconds: float) -> tuple[Plan, Finding]:
    """A plan from a share of the way to a goal, which it has behind it after so many seconds."""
    way = GOALS[goal] - REACHING
    begin = REACHING + share * way
    part = share + (1.0 - share) * np.clip(TIMES / seconds, 0.0, 1.0)
    rows = REACHING + part[:, None] * way
    found = rendezvous(LIMITS, Plan.hold(0, begin), 0, TIMES, rows)
    assert isinstance(found, Splice)
    ahead = Lookahead(near)
    ahead.begin(found.plan)
    finding = ahead.look(10**6)
    assert finding is not None
    return found.plan, finding


def sent(plan: Plan, other: Plan, at: int) -> np.ndarray:
    """What is commanded when `other` takes over from `plan` at plan time `at`."""
    ticks = range(plan.start, other.start + round((other.duration + 0.1) * SECOND), PERIOD)
    return np.array([(plan if t < at else other).at(t).q for t in ticks])


def held(near: Clearance, plan: Plan, other: Plan, at: int) -> float:
    """The smallest distance of what is commanded, which keeps the limits and ends at rest."""
    q = sent(plan, other, at)
    assert (ratios(LIMITS, q) <= 1.0 + 1e-6).all()
    assert np.ptp(q[-15:], axis=0).max() == 0.0
    return min(float(near.nearest(each).distance) for each in q)


@pytest.mark.parametrize('goal', GOALS)
def test_with_time_to_spare_it_ends_on_its_path(near, goal):
    plan, found = leading(near, goal, 0.0, 2.0)
    ended = Brakes(LIMITS, near).before(plan, 0, found)
    assert ended is not None
    ramp = ended.segments[1]
    assert isinstance(ramp, Ramp)
    assert found.u - 0.35 < ramp.end <= found.u
    stop = float(near.stop[found.row])
    least = held(near, plan, ended, 0)
    assert least == pytest.approx(near.nearest(ended.segments[-1].at(0.0).q).distance, abs=1e-4)
    assert stop + SPARE - 1e-4 < least


@pytest.mark.parametrize('share', [0.6, 0.63])
def test_a_bridge_that_leads_into_something_is_left_in_a_stop_that_is_clear(near, share):
    """Its jerk is spent: no stop on the path keeps the limits. There is time for another one."""
    plan, found = leading(near, 'hand to hand', share, 0.5)
    assert found.u < 0.45
    ended = Brakes(LIMITS, near).before(plan, 0, found)
    assert ended is not None
    kept, stop = ended.segments[0], ended.segments[1]
    assert isinstance(stop, Jerks)
    assert kept.duration > 0.0
    least, margin = held(near, plan, ended, 0), float(near.stop[found.row])
    assert margin - MISSED < least
    assert near.nearest(ended.segments[-1].at(0.0).q).distance < margin + 0.02


def test_from_within_a_motion_it_ends_as_well(near):
    plan, found = leading(near, 'hand to torso', 0.0, 1.6)
    brakes, ends = Brakes(LIMITS, near), []
    for before in np.arange(0.2, 0.7, 0.1):
        now = round((found.u - before) * SECOND) // PERIOD * PERIOD
        ended = brakes.before(plan, now, found)
        if ended is not None:
            ends.append(before)
            assert held(near, plan, ended, now) > float(near.stop[found.row]) - MISSED
    assert ends == sorted(ends)
    assert len(ends) > 3


def test_where_it_is_too_late_there_is_no_end(near):
    plan, found = leading(near, 'hand to torso', 0.0, 1.6)
    late = round((found.u - 0.05) * SECOND) // PERIOD * PERIOD
    assert np.abs(plan.at(late).v).max() > 0.5
    assert Brakes(LIMITS, near).before(plan, late, found) is None


def test_a_stop_at_once_is_taken_only_where_that_is_asked_for(near):
    plan, found = leading(near, 'hand to hand', 0.68, 0.5)
    brakes, late = Brakes(LIMITS, near), None
    for now in range(0, round(found.u * SECOND), PERIOD):
        ended = brakes.before(plan, now, found)
        if ended is None:
            break
        if brakes.before(plan, now, found, at_once=False) is None:
            late = ended
    assert late is not None
    assert late.segments[0].duration == 0.0


def test_what_is_left_of_a_plan_is_the_plan(near):
    plan, _ = leading(near, 'hand to hand', 0.0, 2.0)
    now = round(0.4 * SECOND)
    left = Brakes(LIMITS, near).stay(plan, now)
    for t in range(now, now + round(3.5 * SECOND), 10 * PERIOD):
        for ours, theirs in zip(left.at(t), plan.at(t), strict=True):
            assert ours == pytest.approx(theirs, abs=1e-12)
    ended = round((plan.duration + 1.0) * SECOND)
    assert Brakes(LIMITS, near).stay(plan, ended).duration == 0.0


def test_caution_says_when_it_is_too_late(near):
    """Somebody else put the plan in force, too near already."""
    plan, found = leading(near, 'hand to torso', 0.0, 1.6)
    known = settings(200.0)
    drive = Drive(known)
    caution = Caution(known, drive)
    assert caution.walk() == ('', 1.0)  # it has nothing to keep clear of
    known = settings(200.0, clearance=near)
    caution = Caution(known, drive)
    drive.plan, drive.now = plan, round((found.u - 0.05) * SECOND)
    said = [caution.walk() for _ in range(10)]
    what, rate = next(each for each in said if each[1] < 0.0)
    assert rate == -1.0
    assert what.startswith('torso_link3 - left_gripper_fingers: ')


def stopped(near: Clearance, watched: bool) -> list[float]:
    """Distances at which stops on the path end that are begun before a plan was walked."""
    known = settings(200.0, clearance=near)
    ends = []
    for goal, share in (('hand to torso', 0.55), ('hand to own base', 0.45)):
        plan, _ = leading(near, goal, share, 0.8)
        for now in (0.02, 0.06, 0.1):
            drive = Drive(known)
            caution = Caution(known, drive)
            drive.plan, drive.now = plan, round(now * SECOND)
            drive.state = plan.at(drive.now)
            drive.stop(on_path=True)
            sent = []
            while len(sent) < 600:
                if watched:
                    assert caution.walk(stopping=True)[1] in (0.0, 1.0)
                sent.append(drive.advance(0)[0].q)
            assert (ratios(LIMITS, np.array(sent)) <= 1.0 + 1e-6).all()
            assert drive.resting()
            ends.append(min(float(near.nearest(q).distance) for q in sent[::4]))
    return ends


def test_a_stop_on_a_path_that_was_not_walked_so_far_is_walked_itself(near):
    assert min(stopped(near, watched=False)) < float(near.stop.max()) - MISSED
    assert min(stopped(near, watched=True)) > float(near.stop.max()) - MISSED
