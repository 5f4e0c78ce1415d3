"""Faults: what arms did, from made-up recordings, and whether that is as it has to be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.faults.cases import CASES, Expected, Plan
from fastwam_ros.apps.faults.figures import Figures
from fastwam_ros.apps.faults.judge import TOO_LATE, deviations, unseen, void
from fastwam_ros.apps.faults.rest import Settled, last_motion, rest, speed_at, unread
from fastwam_ros.apps.faults.results import Outcome
from fastwam_ros.apps.faults.shares import Shares
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.streams import JointStream
from fastwam_ros.loop.execution import settings
from fastwam_ros.motion.admission import Admission
from fastwam_ros.motion.chunk import Chunk
from test.apps.faults import LATE, MARKS, SECOND, command, told, trial
from test.apps.recording import OFF, START, TICK, Recording, known

FAR = START + 10**4 * SECOND
NAN = float('nan')


# Rest, from readings


def readings(position: np.ndarray) -> JointStream:
    """One arm whose joint 1 was read every 5 ms."""
    stamps = START + TICK * np.arange(len(position))
    joints = np.zeros((len(position), 6))
    joints[:, 0] = position
    return JointStream(stamps, stamps, joints)


def stopping(speed: float = 0.3, creep: float = 0.0) -> np.ndarray:
    """1 s of motion, 1 s of rest, and then some more where `creep` [rad/s] is not 0."""
    step = np.concatenate((np.full(200, speed), np.zeros(200), np.full(100, creep)))
    return np.cumsum(step) * 0.005


def test_an_arm_rests_from_when_it_stands_still():
    found = rest(readings(stopping()), START + SECOND // 2, FAR)
    assert 0.99 < (found.at - START) / 1e9 < 1.06
    assert found.pose[0] == pytest.approx(0.3) and found.moved == 0.0


def test_what_it_moves_afterwards_is_told():
    found = rest(readings(stopping(creep=0.1)), START, FAR)
    assert found.moved == pytest.approx(0.05, abs=1e-6)
    before = rest(readings(stopping(creep=0.1)), START, START + 19 * SECOND // 10)
    assert before.moved == 0.0


def test_an_arm_that_goes_on_does_not_rest():
    found = rest(readings(np.arange(400) * 0.001), START, FAR)
    assert found.at == 0 and np.isnan(found.moved)


def test_a_turning_point_is_no_rest():
    assert rest(readings(0.3 * np.sin(np.arange(1000) * 0.005 * 3.0)), START, FAR).at == 0


def test_noise_of_the_encoders_is_no_motion():
    noise = np.random.default_rng(0).normal(0.0, 2e-5, 500)
    assert (rest(readings(stopping() + noise), START, FAR).at - START) / 1e9 < 1.06


def test_what_was_not_read_is_not_rest():
    """A robot that says nothing for a second and then goes on."""
    stream = readings(np.concatenate((np.zeros(20), np.arange(200) * 0.002)))
    late = np.where(np.arange(220) >= 20, SECOND, 0)
    stream = replace(stream, stamps=stream.stamps + late, received=stream.received + late)
    assert rest(stream, START, FAR).at == 0


def thinned(stream: JointStream, since: float, until: float) -> JointStream:
    """Without the readings of since..until [s after START]."""
    seconds = (stream.stamps - START) / 1e9
    kept = (seconds < since) | (seconds > until)
    return JointStream(stream.received[kept], stream.stamps[kept], stream.position[kept])


def test_the_last_motion_that_readings_show():
    whole = readings(stopping())
    assert 0.99 < (last_motion(whole, START, FAR) - START) / 1e9 < 1.06
    assert last_motion(whole, START + 6 * SECOND // 5, FAR) == 0
    assert last_motion(whole, FAR, FAR + SECOND) == 0


def test_motion_across_a_gap_is_seen_where_it_ends():
    gone = thinned(readings(stopping()), 0.8, 1.5)
    assert (last_motion(gone, START, FAR) - START) / 1e9 == pytest.approx(1.505)
    stood = thinned(readings(stopping()), 1.1, 1.5)
    assert (last_motion(stood, START, FAR) - START) / 1e9 < 1.06


def test_how_long_nothing_was_read():
    whole = readings(stopping()[:400])
    gone = thinned(readings(stopping()), 0.8, 1.5)
    assert unread(gone, START, START + 2 * SECOND) == pytest.approx(710e6)
    assert unread(gone, START, START + 7 * SECOND // 10) == 0
    assert unread(gone, START, START + SECOND) == pytest.approx(205e6)
    assert unread(gone, START, START + 3 * SECOND) == pytest.approx(710e6 + 505e6)
    assert unread(whole, START, START + 3 * SECOND) == pytest.approx(1005e6)
    assert unread(gone, START - SECOND, START) == SECOND


def test_several_arms_are_at_rest_when_all_are():
    early, late = readings(stopping()), readings(np.cumsum(np.repeat([0.001, 0.0], [300, 200])))
    found = Settled.of({'a': early, 'b': late}, START, FAR)
    assert found.at == found.arms['b'].at > found.arms['a'].at > 0
    assert (found.moving, found.unread, found.missing) == (0, 0, FAR - late.stamps[-1])
    going = Settled.of({'a': early, 'b': readings(np.arange(400) * 0.001)}, START, FAR)
    assert (going.at, going.unread) == (0, 0)
    assert going.missing == FAR - (START + 399 * TICK)
    assert (going.moving - START) / 1e9 == pytest.approx(1.995)


def test_the_speed_at_a_moment():
    stream = readings(stopping())
    assert speed_at(stream, START + SECOND // 2) == pytest.approx(0.3)
    assert speed_at(stream, START + 3 * SECOND // 2) == 0.0
    assert np.isnan(speed_at(stream, START - SECOND))


# Shares of the limits, from commands


def recorded(tmp_path: Path, recording: Recording, name: str = 'made.mcap') -> Run:
    return Run.read(Bag(recording.write(tmp_path / name)))


def test_shares_of_known_commands(tmp_path):
    found = Shares.of(recorded(tmp_path, known()), START, FAR)
    shares = (found.velocity.ratio, found.acceleration.ratio, found.jerk.ratio)
    assert shares == pytest.approx((0.8 / 1.5, 4.0 / 6.0, 40.0 / 80.0), rel=1e-4)
    assert found.jerk.joint == 'left_arm_joint1'


def test_only_the_time_of_the_trial_counts(tmp_path):
    run = recorded(tmp_path, known())
    found = Shares.of(run, START, START + 40 * TICK)  # before it is fast
    assert found.velocity.ratio < 0.4
    assert found.commands == 41


def test_nothing_is_measured_from_one_engagement_to_the_next(tmp_path):
    """Re-engaged 50 ms later where the arm was measured, 0.3 rad away."""
    points = [command(n, 0.0) for n in range(50)] + [command(n, 0.3) for n in range(60, 99)]
    states = [told(n, 'HOLD') for n in range(0, 50, 10)]
    states += [told(50, 'DISARMED'), *(told(n, 'HOLD') for n in range(60, 99, 10))]
    there = Shares.of(recorded(tmp_path, Recording(points, states)), START, FAR)
    assert there.velocity.ratio == 0.0
    held = [told(n, 'HOLD') for n in range(0, 99, 10)]
    jumped = Shares.of(recorded(tmp_path, Recording(points, held), 'b.mcap'), START, FAR)
    assert jumped.velocity.ratio > 3.0


def test_a_jump_across_the_silence_of_a_stalled_executor_is_seen(tmp_path):
    """Its plan waits, so the next tick after a second is one period of motion away at most."""
    points = [command(n, 0.0) for n in range(50)]
    points += [command(n, 0.01, late=SECOND) for n in range(50, 99)]
    states = [told(n, 'POLICY') for n in range(0, 50, 10)]
    states += [told(n, 'POLICY', at=SECOND) for n in range(50, 99, 10)]
    found = Shares.of(recorded(tmp_path, Recording(points, states)), START, FAR)
    assert found.velocity.ratio == pytest.approx(0.01 / 0.005 / 1.5)
    assert found.velocity.joint == 'left_arm_joint1'


# Figures of a trial


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return trial().write(tmp_path_factory.mktemp('trial') / 'run.mcap')


@pytest.fixture(scope='module')
def figures(path):
    return Figures.of(Run.read(Bag(path)), MARKS)


def test_modes_and_reason_are_those_of_the_watch(figures):
    assert (figures.during, figures.ended, figures.reason) == ('POLICY', 'HOLD', LATE)


def test_times_count_from_the_fault(figures):
    assert figures.noticed == pytest.approx(0.5, abs=0.01)
    assert figures.still == pytest.approx(1.0, abs=0.02)
    assert 0.8 < figures.rest < 1.0  # slower than 0.02 rad/s before the last command
    assert figures.again == pytest.approx(0.4)


def test_distances_of_the_arms_at_rest(figures):
    assert figures.speed == pytest.approx(0.1, rel=0.01)
    assert figures.apart == pytest.approx(np.abs(OFF).max(), abs=2e-3)
    assert 0.0 < figures.moved < 0.003  # from slower than 0.02 rad/s to zero


def test_how_much_was_commanded_and_how_late(figures):
    sent = 1 + (MARKS.again - MARKS.begun) // TICK
    assert figures.commands == sent - 1  # one is missing in the file
    assert figures.late_ticks == 1
    assert figures.velocity == pytest.approx(0.1 / 1.5, rel=1e-3)


def test_who_stood_still_may_go_on_when_it_wakes(tmp_path):
    """Arms that stand for a second, are then brought to rest elsewhere, and stay there."""
    time = np.arange(800) * 0.005
    joint1 = 0.05 * np.clip(time - 2.3, 0.0, 0.5)  # slow at first: that is no rest yet
    states = [told(tick, 'POLICY' if tick < 500 else 'HOLD') for tick in range(0, 800, 10)]
    run = recorded(tmp_path, Recording([command(n, q) for n, q in enumerate(joint1)], states))
    marks = replace(MARKS, over=START + 2 * SECOND)
    assert Figures.of(run, marks).moved > 0.02
    found = Figures.of(run, marks, wakes=True)
    assert found.moved == 0.0 and 1.7 < found.rest < 1.9


def test_an_executor_that_says_nothing_more_is_silent(path):
    long_after = replace(MARKS, watched=MARKS.watched + 5 * SECOND, asked=0, again=0)
    found = Figures.of(Run.read(Bag(path)), long_after)
    assert found.ended == '' and np.isnan(found.again)


# Judgement


def case(words: str):
    return next(one for one in CASES if str(one) == words)


KILLED = case('policy killed, in POLICY')
PLAN = Plan(0, KILLED, 1.0)


def test_a_trial_that_goes_as_it_has_to(figures):
    assert void(KILLED, MARKS, figures) == ''
    assert list(deviations(KILLED, MARKS, figures)) == []


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'ended': 'POLICY'}, 'ended in POLICY, not in HOLD'),
        ({'ended': ''}, 'ended in silence, not in HOLD'),
        ({'reason': 'paused'}, "ended in HOLD for another reason than 'late': paused"),
        ({'rest': 3.5}, 'at rest after 3.50 s, limit 3 s'),
        ({'rest': NAN, 'moving': 5.0}, 'still moves after 5.00 s, limit 3 s'),
        ({'rest': NAN, 'moving': 5.0, 'unread': 1.9}, 'still moves after 3.10 s, limit 3 s'),
        ({'rest': 3.5, 'unread': 0.4}, 'at rest after 3.50 s, limit 3 s'),
        ({'velocity': 1.001}, 'velocity 1.0010 of the limit at'),
        ({'acceleration': 2.0}, 'acceleration 2.0000 of the limit'),
        ({'jerk': 1.00001}, 'jerk 1.0000 of the limit'),
        ({'moved': 0.02}, 'moved by 0.020 rad when nobody asked'),
        ({'apart': 0.2}, 'rests 0.200 rad from its last command'),
    ],
)
def test_what_goes_otherwise_is_said(figures, changes, words):
    (found,) = deviations(KILLED, MARKS, replace(figures, **changes))
    assert found.startswith(words)


def test_trouble_is_a_deviation(figures):
    marks = replace(MARKS, trouble='the policy does not drive again')
    assert list(deviations(KILLED, marks, figures)) == ['the policy does not drive again']


def test_a_robot_that_is_gone_is_judged_by_the_last_command(figures):
    gone = case('sim killed, in POLICY')
    found = replace(figures, rest=NAN, moved=NAN, reason='feedback silent')
    assert list(deviations(gone, MARKS, found)) == []
    assert unseen(gone, MARKS, found) == ''
    (words,) = deviations(gone, MARKS, replace(found, still=9.0))
    assert words == 'still moves after 9.00 s, limit 2 s'


@pytest.mark.parametrize(
    'changes',
    [
        {'rest': NAN, 'moving': 0.4, 'missing': 0.5},
        {'rest': NAN, 'moving': NAN, 'unread': 4.0, 'missing': 4.0},
        {'rest': NAN, 'moving': 3.4, 'unread': 0.5, 'missing': 0.5},
        {'rest': 3.4, 'unread': 0.5, 'missing': 0.5},
    ],
)
def test_arms_that_may_have_been_at_rest_in_time_are_no_finding(figures, changes):
    found = replace(figures, **changes)
    assert list(deviations(KILLED, MARKS, found)) == []
    words = f'not seen at rest: readings are missing for {found.missing:.2f} of 2.20 s'
    assert unseen(KILLED, MARKS, found) == words
    assert unseen(case('chunks doubled for 2 s, in POLICY'), MARKS, found) == ''  # need not rest


def test_arms_that_are_seen_to_move_too_late_are_one(figures):
    assert unseen(KILLED, MARKS, figures) == ''
    assert unseen(KILLED, MARKS, replace(figures, rest=3.5, unread=0.4)) == ''
    assert unseen(KILLED, MARKS, replace(figures, rest=NAN, moving=5.0, unread=1.0)) == ''


REFUSED = (
    'the policy does not drive again: HOLD: engaged; run is refused: chunks come 1.16 s after'
)


def test_a_machine_that_is_too_slow_afterwards_makes_a_trial_void(figures):
    slow = replace(MARKS, trouble=REFUSED)
    killed = case('executor killed, in POLICY')
    found = replace(figures, ended='', rest=1.0)
    assert list(deviations(killed, slow, found)) == []
    assert unseen(killed, slow, found) == REFUSED
    assert list(deviations(killed, slow, replace(found, jerk=1.5)))
    for words in ('policy killed, in POLICY', 'chunks 0.3 s late for 2 s, in POLICY'):
        assert REFUSED in deviations(case(words), slow, figures)
        assert unseen(case(words), slow, figures) == ''


def test_late_chunks_are_told_as_the_executor_tells_them():
    made = settings(200.0)
    admission = Admission(made)
    admission.note(START + 2 * SECOND, Chunk(START, 0.05, 0.0, ('joint',), np.zeros((30, 1))))
    refused = f'run is refused: {admission.too_late(START + 2 * SECOND)}'
    assert refused.startswith(TOO_LATE)


def of_trial(path: Path, since: float, until: float, plan: Plan = PLAN) -> Outcome:
    """The made-up trial without the readings of since..until [s after the fault]."""
    run = Run.read(Bag(path))
    measured = {
        side: thinned(stream, since + 1.0, until + 1.0) for side, stream in run.measured.items()
    }
    return Outcome.of(plan, MARKS, replace(run, measured=measured))


def test_a_recording_without_readings_is_void_in_words(path):
    assert of_trial(path, 9.0, 9.0).verdict == 'as expected'
    gone = of_trial(path, 0.3, 9.0)
    assert (gone.verdict, gone.figures.ended) == ('void', 'HOLD')
    (words,) = gone.words
    assert words == 'not seen at rest: readings are missing for 1.91 of 2.20 s'
    assert np.isnan(gone.figures.rest) and gone.figures.moving == pytest.approx(0.295)


def test_what_a_recording_has_is_judged_whatever_it_lacks(path):
    """Arms that move after a limit of half a second, and a mode that they must not end in."""
    soon = Plan(0, replace(KILLED, expected=Expected({'HOLD': 'late'}, 0.5)), 1.0)
    assert of_trial(path, 0.0, 0.2, soon).words == ('at rest after 0.88 s, limit 0.5 s',)
    assert of_trial(path, 0.0, 0.6, soon).verdict == 'void'
    wrong = Plan(0, replace(KILLED, expected=Expected({'FAULT': ''}, 3.0)), 1.0)
    (words,) = of_trial(path, 0.3, 9.0, wrong).words
    assert words.startswith('ended in HOLD, not in FAULT')


def test_a_limit_that_was_exceeded_is_a_finding_wherever_the_fault_struck(tmp_path):
    """Nothing was broken, but joint 1 leaps."""
    points = [command(n, 0.1 if n > 400 else 0.0) for n in range(800)]
    states = [told(tick, 'HOLD') for tick in range(0, 800, 10)]
    found = Outcome.of(PLAN, MARKS, recorded(tmp_path, Recording(points, states)))
    assert found.verdict == 'deviates'
    assert found.words[0].startswith('velocity 13.3333 of the limit at left_arm_joint1')
    assert found.words[-1] == 'the fault struck in HOLD, not in POLICY'


def test_a_fault_that_struck_elsewhere_says_nothing(figures):
    assert void(KILLED, MARKS, replace(figures, during='HOLD')).startswith('the fault struck in')
    assert void(KILLED, MARKS, None)
    assert void(KILLED, replace(MARKS, hit=0), figures) == 'the broken wire met no message'
