"""The walk finds what a fine grid finds, as early, and lets out what begins too near."""

from functools import cache

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.bodies import Bodies, Plane, Solid
from fastwam_ros.motion.clearance import Clearance, Margins
from fastwam_ros.motion.lookahead import MISSED, Finding, Lookahead
from fastwam_ros.motion.plan import Hold, Path, Plan
from fastwam_ros.motion.splice import Splice, rendezvous
from fastwam_ros.robot.joints import ARM_REST
from fastwam_ros.robot.kinematics import CONNECTIONS
from test.motion.robot import HOME, SIZE, STEP, wave
from test.motion.test_clearance import NAMES, RODS, SPAN, made

REST = np.array(ARM_REST * 2)
FINE = 0.002  # [s] of the grid that the walk is held to
MARGINS = Margins()
EVERYTHING = 10**6


@cache
def robot() -> Clearance:
    return clearance()


def plan_of(rows: np.ndarray, begin: np.ndarray | None = None) -> Plan:
    """The plan of a chunk that is taken up at once, at rest at its first row."""
    times = np.arange(len(rows)) * STEP
    start = Plan.hold(0, rows[0] if begin is None else begin)
    found = rendezvous(LIMITS, start, 0, times, rows)
    assert isinstance(found, Splice), found
    return found.plan


def eased(start: np.ndarray, end: np.ndarray, rows: int = 40) -> np.ndarray:
    part = np.clip(np.linspace(0.0, 1.15, rows), 0.0, 1.0)
    return start + (part**2 * (3.0 - 2.0 * part))[:, None] * (end - start)


def between(start: np.ndarray, end: np.ndarray, rows: int = 40) -> Plan:
    return plan_of(eased(start, end, rows))


def walked(plan: Plan, u0: float = 0.0, where: Clearance | None = None) -> Lookahead:
    ahead = Lookahead(where or robot())
    ahead.begin(plan, u0)
    ahead.look(EVERYTHING)
    return ahead


def grid(plan: Plan, where: Clearance | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Times [N] and distances [N, P] on a fine grid."""
    us = np.arange(0.0, plan.duration + FINE, FINE)
    return us, np.array([(where or robot()).distances(q) for q in plan.sample(us).q])


def clear_pose(random: np.random.Generator) -> np.ndarray:
    while True:
        q = random.uniform(LIMITS.lower, LIMITS.upper)
        if robot().nearest(q).distance > MARGINS.stop:
            return q


def held_to_the_grid(plan: Plan) -> Finding | None:
    """The walk's finding, after it was compared with the grid of a plan that begins clear."""
    ahead, (us, distances) = walked(plan), grid(plan)
    depth = (robot().stop - distances).max(axis=1)
    if ahead.found is None:
        assert ahead.done
        assert ahead.clear_until == np.inf
        assert depth.max() <= MISSED
        return None
    u, near = ahead.found.u, ahead.found.near
    assert ahead.clear_until == u
    assert depth[us <= u].max() <= MISSED  # nothing deeper comes before it
    assert near.distance < MARGINS.stop
    named = [row for row, name in enumerate(robot().names) if name == near.what]
    after = [robot().distances(plan.after(u + k * 1e-4).q)[named].min() for k in range(20)]
    assert after[0] >= MARGINS.stop - 6e-4  # it is clear there, up to straight lines in between
    assert min(after) < MARGINS.stop - 0.9e-4  # and is not at once
    return ahead.found


@pytest.mark.parametrize('seed', range(4))
def test_random_motions_of_both_arms_are_held_to_a_fine_grid(seed):
    random = np.random.default_rng(seed)
    findings = []
    for _ in range(4):
        rows = int(random.integers(35, 70))
        plan = between(clear_pose(random), clear_pose(random), rows)
        findings.append(held_to_the_grid(plan))
    assert len(findings) == 4


@pytest.mark.parametrize('seed', range(3))
def test_what_dips_into_the_stop_margin_again_and_again_is_held_to_a_fine_grid(seed):
    """Around the place where a motion comes too near, small and quick oscillations of all joints.

    Many pairs are near at once, and what is missed between two looks would be missed here.
    """
    random = np.random.default_rng(100 + seed)
    found = None
    while found is None:
        plan = between(clear_pose(random), clear_pose(random))
        found = walked(plan).found
    middle = plan.after(max(found.u - 0.01, 0.0)).q
    outcomes = []
    for swing in (0.01, 0.03, 0.06, 0.12):
        phase, times = random.uniform(0.0, 2.0 * np.pi, SIZE), np.arange(50) * STEP
        rows = middle + swing * (np.sin(6.0 * times[:, None] + phase) - np.sin(phase))
        dips = plan_of(LIMITS.clamp(rows))
        outcomes.append(held_to_the_grid(dips) is not None)
    assert any(outcomes)


def tapping(random: np.random.Generator) -> Plan:
    """One stretched arm that swings towards a wall and away, at random heights and speeds.

    Only its shoulder turns, straight towards the wall: the arm comes as near as its lever allows.
    """
    ups, downs = random.uniform(0.0102, 0.05, 3), random.uniform(0.005, 0.015, 3)
    turns = np.arcsin((np.stack([ups, downs], axis=1).ravel() - 0.03) / (2.0 * SPAN))
    # As quick as 6 rad/s2 allow, or up to half slower.
    steps = np.sqrt(np.abs(np.diff(turns))) * random.uniform(1.1, 1.6, len(turns) - 1)
    times = np.concatenate([[0.0], steps.cumsum()])
    angles = np.zeros((len(turns), len(NAMES)))
    angles[:, 0] = turns
    spline = CubicSpline(times, angles)
    return Plan(0, (Path(spline, 0.0, 1.0, float(times[-1])), Hold(angles[-1])))


def test_what_is_missed_is_no_deeper_than_said_even_where_levers_are_tight():
    wall = Solid('body', 'box', (0.1, 0.1, 0.05), (0.6, 0.1, 0.5), name='wall')  # up to y = 0.2
    where, random = made((*RODS, wall)), np.random.default_rng(0)
    row = where.names.index('left fore - wall')
    missed, found = [], 0
    for _ in range(400):
        plan = tapping(random)
        us = np.arange(0.0, plan.duration, FINE / 2.0)
        depth = where.stop[row] - (0.03 + 2.0 * SPAN * np.sin(plan.sample(us).q[:, 0]))
        ahead = walked(plan, where=where)
        found += ahead.found is not None
        missed.append(depth[us <= min(ahead.clear_until, us[-1])].max())
    assert max(missed) <= MISSED
    assert max(missed) > 0.2 * MISSED  # the bound is not empty: some dips do go by unseen
    assert 100 < found < 380


def test_the_grid_and_the_walk_meet_both_kinds_of_plan():
    """The comparisons above would say little if every plan were clear, or none."""
    random = np.random.default_rng(0)
    plans = [between(clear_pose(random), clear_pose(random)) for _ in range(12)]
    found = [walked(plan).found for plan in plans]
    assert 2 < sum(finding is not None for finding in found) < 10


APART = np.array([0.0, 2.0, -1.5, 0.5, 0.0, 0.0] * 2)  # both hands ahead, 0.6 m apart


def turned(towards: float) -> np.ndarray:
    """Both arms turned towards each other [rad]; at 0.9 the hands are in one place."""
    turn = np.zeros(SIZE)
    turn[0], turn[6] = -towards, towards
    return APART + turn


TOGETHER = turned(0.9)


def test_two_hands_on_a_collision_course_are_found_before_they_touch():
    assert robot().nearest(TOGETHER).distance < 0.0
    plan = between(APART, TOGETHER)
    found = held_to_the_grid(plan)
    assert found is not None
    one, other = found.near.what.split(' - ')
    assert one.split('_')[0] != other.split('_')[0]
    us, distances = grid(plan)
    touch = us[(distances < 0.0).any(axis=1)][0]
    assert touch - 0.2 < found.u < touch
    apart = np.linalg.norm(found.near.points[0] - found.near.points[1])
    assert apart == pytest.approx(found.near.distance, abs=1e-5)
    assert walked(between(APART, turned(-0.9))).found is None


def test_a_plan_cut_at_the_finding_is_clear():
    plan = between(APART, TOGETHER)
    found = walked(plan).found
    assert found is not None
    rows = plan.sample(np.linspace(0.0, found.u, 40)).q
    cut = plan_of(np.vstack([rows, np.tile(rows[-1], (8, 1))]))
    assert walked(cut).found is None


def test_the_folded_rest_pose_can_be_left():
    """It lies inside the stop margin: the hands rest 5 mm from the upper arms."""
    assert robot().nearest(REST).distance < MARGINS.stop
    for rows in (20, 40):
        ahead = walked(between(REST, HOME, rows))
        assert ahead.found is None
        assert ahead.done
        assert ahead.least is not None
        assert ahead.least.u == 0.0
        assert ahead.least.near.distance == pytest.approx(robot().nearest(REST).distance, abs=1e-6)


def test_standing_inside_the_stop_margin_is_no_finding():
    ahead = walked(Plan.hold(0, REST))
    assert ahead.found is None
    assert ahead.clear_until == np.inf
    assert ahead.slow_from == 0.0


def test_coming_nearer_from_inside_the_stop_margin_is_found_at_once():
    nearer = REST.copy()
    nearer[3] = 0.5  # the left wrist bends onto the upper arm
    assert robot().nearest(nearer).distance < robot().nearest(REST).distance - 0.003
    plan = between(REST, nearer)
    found = walked(plan).found
    assert found is not None
    assert found.near.what == 'left_arm_link2 - left_gripper_link'
    moved = np.abs(plan.after(found.u).q - REST).max()
    assert moved < 0.01


def test_who_moves_out_of_the_stop_margin_may_not_come_back():
    out = REST.copy()
    out[2] = -0.4  # the left elbow opens
    assert robot().nearest(np.concatenate([out[:6], HOME[6:]])).distance > 2.0 * MARGINS.stop
    there, back = eased(REST, out, 25), eased(out, REST, 25)
    rows = np.vstack([there, back[1:]])
    rows[:, 6:] = HOME[6:]
    plan = plan_of(rows)
    found = walked(plan).found
    assert found is not None
    assert found.near.what == 'left_arm_link2 - left_gripper_link'
    assert 0.6 * plan.duration < found.u < plan.duration
    assert robot().distances(plan.after(found.u).q).min() >= MARGINS.stop - 2e-4


def test_a_walk_in_small_steps_is_the_same_walk():
    for plan in (
        between(APART, TOGETHER),
        plan_of(np.array([wave(k * STEP) for k in range(32)])),
    ):
        whole, steps = walked(plan), Lookahead(robot())
        steps.begin(plan)
        reached = [steps.clear_until]
        while not steps.done and steps.look(1) is None:
            reached.append(steps.clear_until)
        assert reached[0] == 0.0
        assert reached == sorted(reached)
        assert len(reached) > 10
        assert repr(steps.found) == repr(whole.found)
        assert (steps.done, steps.slow_from) == (whole.done, whole.slow_from)
        us, distances = grid(plan)
        for u in reached:
            assert distances[us < u].min(initial=np.inf) > MARGINS.stop - MISSED


def test_the_walk_can_begin_in_the_middle_and_anew():
    plan = between(APART, TOGETHER)
    found = walked(plan).found
    assert found is not None
    later = walked(plan, found.u - 0.3).found
    assert later is not None
    assert later.u == pytest.approx(found.u, abs=3e-3)
    ahead = walked(plan)
    assert ahead.look(1) is ahead.found  # what was found stays found
    ahead.begin(Plan.hold(0, HOME))
    assert ahead.found is None
    assert ahead.least is None
    assert ahead.look(EVERYTHING) is None
    assert (ahead.done, ahead.slow_from) == (True, np.inf)
    past = walked(Plan.hold(0, HOME), 5.0)
    assert past.done


def test_it_says_where_the_slow_margin_begins_and_how_near_it_comes():
    plan = between(APART, TOGETHER)
    ahead, (us, distances) = walked(plan), grid(plan)
    assert ahead.found is not None
    slow = us[(distances < MARGINS.slow).any(axis=1)][0]
    assert ahead.slow_from == pytest.approx(slow, abs=0.02)
    assert ahead.slow_from < ahead.found.u - 0.02
    assert ahead.least is not None
    assert ahead.least.u <= ahead.found.u + 1e-9
    assert MARGINS.stop - 2e-4 < ahead.least.near.distance < 2.0 * MARGINS.stop
    calm = walked(plan_of(np.array([wave(k * STEP) for k in range(32)])))
    assert calm.slow_from == np.inf
    assert calm.least is not None
    assert calm.least.near.distance > MARGINS.slow


def test_a_tip_that_would_go_below_the_table_is_found_and_one_that_is_may_rise():
    table = (Plane('table', (0.0, 0.0, 1.0), 1.15),)
    where = clearance(planes=table)
    tip = where.names.index('left_tip - table')
    low, high = HOME.copy(), HOME.copy()
    low[1] += 0.5
    assert where.distances(low)[tip] < -0.02 < 0.02 < where.distances(high)[tip]
    ahead = walked(between(high, low), where=where)
    assert ahead.found is not None
    assert ahead.found.near.what == 'left_tip - table'
    q = between(high, low).after(ahead.found.u).q
    assert -2e-4 < where.distances(q)[tip] < 5e-3
    assert ahead.least is not None  # what may be touched slows nothing down
    assert ahead.slow_from == np.inf
    assert walked(between(low, high), where=where).found is None
    deeper = low.copy()
    deeper[1] += 0.1
    found = walked(between(low, deeper), where=where).found
    assert found is not None
    assert np.abs(between(low, deeper).after(found.u).q - low).max() < 0.01


def test_where_nothing_is_watched_everything_is_clear():
    nothing = Clearance(Bodies(CONNECTIONS, LIMITS.names, {}), LIMITS, ())
    ahead = Lookahead(nothing)
    assert (ahead.done, ahead.look(1)) == (True, None)
    ahead.begin(Plan.hold(0, HOME))
    assert (ahead.done, ahead.clear_until, ahead.look(3)) == (True, np.inf, None)
