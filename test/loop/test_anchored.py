"""Chunks judged one by one from what was recorded."""

import numpy as np
import pytest

from fastwam_ros.loop.anchored import Anchored, Recorded
from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.executor import Executor
from fastwam_ros.robot.joints import ARM_PARTS, SIDES
from test.motion.robot import HOME, PERIOD, START, STEP, chunk, ratios, wave, wave_rows

LATE = 250_000_000  # from a head stamp to its chunk


def recorded(until: int, motion=wave) -> Recorded:
    """What was heard of arms that move so, up to a time."""
    heard = Recorded()
    for now in range(until - 200_000_000, until + 1, PERIOD):
        q = motion((now - START) / 1e9)
        for side, part in ARM_PARTS.items():
            heard.on_arm(now, side, q[part])
            heard.on_gripper(side, 50.0)
    return heard


def planned(judged, seconds: float) -> np.ndarray:
    """Positions [T, D] of the plan in force, a tick apart."""
    return judged.execution.executor.drive.plan.sample(np.arange(0.0, seconds, 0.005)).q


def test_a_plan_begins_in_the_motion_that_was_recorded_and_leads_into_the_chunk():
    now = START + 10 * 10**9
    made = chunk(now - LATE, wave_rows(now - LATE))
    judged = Anchored(200.0).judge(now, made, recorded(now), epoch=5)
    assert judged.verdict.name == 'accepted' and not judged.beyond
    path = planned(judged, 1.2)
    wanted = np.array([wave((now - START) / 1e9 + t) for t in np.arange(0.0, 1.2, 0.005)])
    # The human's own motion, told as a chunk, leads on where the human is: no detour.
    assert np.abs(path - wanted).max() < 0.01
    assert (ratios(LIMITS, path) <= 1.0).all()


def test_chunks_do_not_know_of_each_other():
    """A chunk far off is refused by nobody and leaves the next one as it is."""
    now = START + 10 * 10**9
    heard, anchored = recorded(now), Anchored(200.0)
    made = chunk(now - LATE, wave_rows(now - LATE))
    alone = anchored.judge(now, made, heard, epoch=5)
    far = chunk(now - LATE, np.tile(HOME + 0.6, (32, 1)))
    assert anchored.judge(now, far, heard, epoch=5).verdict.name == 'accepted'  # beyond any jump
    again = anchored.judge(now, made, heard, epoch=5)
    assert np.array_equal(planned(alone, 1.0), planned(again, 1.0))


@pytest.mark.parametrize(
    ('changes', 'verdict'),
    [
        ({'robot': 'aloha'}, 'robot'),
        ({'step': 0.0}, 'schema'),
        ({'stamp': START + 6 * 10**9}, 'stamp'),  # every row is past
    ],
)
def test_what_is_wrong_with_a_chunk_is_named_as_on_the_robot(changes, verdict):
    now = START + 10 * 10**9
    made = chunk(now - LATE, wave_rows(now - LATE), step=STEP)
    made = made.__class__(**{**made.__dict__, **changes})
    assert Anchored(200.0).judge(now, made, recorded(now), epoch=5).verdict.name == verdict


def test_arms_that_are_faster_than_our_limits_are_met_at_the_limits_and_it_is_told():
    now = START + 10 * 10**9

    def fast(t: float) -> np.ndarray:
        q = HOME.copy()
        q[0] += 3.0 * (t - 10.0)
        return q

    judged = Anchored(200.0).judge(
        now, chunk(now - LATE, np.tile(HOME, (32, 1))), recorded(now, fast), epoch=5
    )
    assert judged.beyond and judged.verdict.name == 'accepted'
    start = judged.execution.executor.drive.state
    assert start.v[0] == pytest.approx(LIMITS.velocity[0], rel=1e-6)
    assert (ratios(LIMITS, planned(judged, 1.0)) <= 1.0).all()


def test_a_joint_that_runs_into_its_limit_counts_as_standing():
    now = START + 10 * 10**9

    def onto(t: float) -> np.ndarray:
        q = HOME.copy()
        q[1] = max(-1.4 * (t - 10.0), 0.0)  # joint 2 runs into its lower limit
        return q

    home = chunk(now - LATE, np.tile(onto(10.0), (32, 1)))
    judged = Anchored(200.0).judge(now, home, recorded(now, onto), epoch=5)
    assert judged.beyond and judged.verdict.name == 'accepted'
    assert planned(judged, 1.0)[:, 1].min() >= 0.0


def test_readings_that_are_none_change_nothing():
    heard = recorded(START)
    before = heard.state()[0]
    heard.on_arm(START + PERIOD, 'left', np.zeros(5))
    heard.on_arm(START + PERIOD, 'left', np.full(6, np.nan))
    heard.on_gripper('left', float('nan'))
    assert np.array_equal(heard.state()[0].q, before.q)
    assert heard.grips() == dict.fromkeys(SIDES, 50.0)
    assert not Recorded().complete


def test_an_executor_that_drives_does_not_leap():
    from fastwam_ros.loop.execution import settings
    from fastwam_ros.motion.limits import State

    with pytest.raises(RuntimeError, match='dry runs'):
        Executor(settings(200.0), 1).anchor(State.rest(HOME), np.zeros(2))
