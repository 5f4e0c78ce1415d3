"""The scripted person: asks until answered, waits for what it needs, gives up in words."""

from itertools import pairwise

import numpy as np
import pytest

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.sim.bar import Bar
from fastwam_ros.sim.expert import Sight
from fastwam_ros.sim.person import AGAIN, PATIENCE, RETRY, Person, Seen
from fastwam_ros.sim.world import ARM_HOME, World


class Desk:
    """Plays the executor for a person."""

    def __init__(self, *script: str) -> None:
        self.person, self.now = Person(script, first_id=100), 0.0
        self.seen = Seen('DISARMED')
        self.requests: list[tuple[str, int]] = []
        self.sight: Sight | None = None

    def look(self, acts=None):
        """Arms that stand where they were led, and a bar."""
        arms = {side: np.array(ARM_HOME) for side in SIDES}
        for name, position in (acts.arms if acts else {}).items():
            arms[name.split('_')[0]][int(name[-1]) - 1] = position
        self.sight = Sight(arms, 0.0, dict.fromkeys(SIDES, 0.06), World(0, Bar()).things())

    def tick(self, seconds: float = 0.02, **seen):
        self.now += seconds
        self.seen = Seen(**{**self.seen.__dict__, **seen})
        acts = self.person.tick(self.now, self.seen, self.sight)
        if acts.request:
            self.requests.append(acts.request)
        return acts

    def grant(self, mode: str, **seen):
        return self.tick(mode=mode, answered=self.requests[-1][1], answer='ok', **seen)


def test_a_request_is_sent_once_and_waits_for_answer_and_state():
    desk = Desk('engage', 'disengage')
    for _ in range(20):
        desk.tick()
    assert desk.requests == [('engage', 100)]
    desk.tick(mode='HOLD')  # somebody else's doing: not our answer
    assert desk.person.doing == 'engage'
    desk.grant('HOLD')
    desk.tick()
    assert desk.requests[-1] == ('disengage', 101)
    desk.grant('DISARMED')
    assert desk.person.done
    assert not desk.person.failed


def test_a_refused_request_is_asked_again_with_a_new_id():
    desk = Desk('engage')
    desk.tick()
    desk.tick(answered=100, answer='engage is refused: no feedback yet')
    desk.tick(RETRY / 2)
    assert len(desk.requests) == 1
    desk.tick(RETRY)
    assert desk.requests[-1] == ('engage', 101)


def test_run_waits_for_a_policy_and_is_repeated_when_it_lapses():
    desk = Desk('run')
    desk.tick(mode='HOLD')
    assert not desk.requests
    desk.tick(chunks=1)
    desk.tick(answered=100, answer='ok', pending=True)
    desk.tick(4.0)
    assert len(desk.requests) == 1
    desk.tick(0.1, pending=False)
    desk.tick(0.1)
    assert [verb for verb, _ in desk.requests] == ['run', 'run']
    desk.grant('POLICY')
    assert desk.person.done


def test_a_takeover_moves_smoothly_and_ends_where_it_began():
    desk = Desk('takeover 2')
    first = desk.tick(mode='POLICY')
    assert first.active
    assert set(first.arms.values()) == {0.0}
    path = [desk.tick(mode='TELEOP').arms['left_arm_joint1'] for _ in range(100)]
    assert max(path) > 0.3
    assert abs(path[-1]) < 0.01
    assert max(abs(b - a) for a, b in pairwise(path)) < 0.02
    assert not desk.tick(0.1).active
    desk.tick(mode='HOLD')
    assert desk.person.done


def test_work_takes_over_once_the_joints_are_seen_and_hands_back_when_done():
    desk = Desk('do lift')
    assert not desk.tick(mode='HOLD').active
    desk.look()
    first = desk.tick()
    assert first.active
    assert first.arms == {}  # the arms may still move: only the hands are held
    assert set(first.openings) == {'left_gripper', 'right_gripper'}
    led, active = [], True
    desk.tick(mode='TELEOP')
    while active and len(led) < 2000:
        acts = desk.tick()
        active = acts.active
        led.append(acts)
        desk.look(acts)
    assert not desk.person.failed
    assert len({name for acts in led for name in acts.arms}) == 12
    assert max(acts.arms.get('left_arm_joint2', 0.0) for acts in led) > ARM_HOME[1] + 0.5
    assert not desk.person.done
    desk.tick(mode='HOLD')
    assert desk.person.done


def test_work_that_is_taken_away_ends_in_words_and_lets_go():
    desk = Desk('do lift')
    desk.look()
    desk.tick(mode='HOLD')
    desk.tick(mode='TELEOP')
    assert not desk.tick(mode='STOPPING', reason='feedback silent for 0.2 s').active
    assert 'do lift: the executor left TELEOP for STOPPING: feedback' in desk.person.failed


def test_work_that_fails_lets_go_and_says_why():
    desk = Desk('do fold')
    desk.look()
    desk.tick(mode='HOLD')
    for _ in range(2000):
        acts = desk.tick(mode='TELEOP')
        if desk.person.failed:
            break
        desk.look(acts)
    assert 'do fold: it needs towel_near_left and sees bar' in desk.person.failed
    assert not acts.active


def test_unknown_work_lists_the_valid_ones():
    with pytest.raises(ValueError, match="no task 'dishes': there are fold, lift, pick red"):
        Person(['do dishes'], 1)


def test_watching_ends_early_in_words_when_the_executor_leaves_policy():
    desk = Desk('watch 5')
    desk.tick(mode='POLICY')
    desk.tick(1.0, mode='HOLD', reason='late: newest chunk is 1.5 s old')
    assert 'left POLICY for HOLD: late' in desk.person.failed


def test_a_policy_that_was_stopped_is_asked_to_run_again_but_not_for_ever():
    desk = Desk('run', 'watch 5')
    desk.tick(mode='HOLD', chunks=3)
    for times in range(1, AGAIN + 2):
        assert len(desk.requests) == times
        desk.grant('POLICY')
        desk.tick()
        desk.tick(1.0, mode='STOPPING', reason='late: newest chunk is 1.5 s old')
        assert 'asks for run again' in desk.person.remark
        assert bool(desk.person.failed) == (times > AGAIN)
        desk.tick(mode='HOLD')
    assert 'left POLICY for STOPPING: late' in desk.person.failed


def test_patience_ends_in_words():
    desk = Desk('engage')
    desk.tick()
    desk.tick(answered=100, answer='engage is refused: no feedback yet')
    desk.tick(PATIENCE + 1.0)
    assert 'waited 60 s for HOLD' in desk.person.failed
    assert 'no feedback yet' in desk.person.failed


@pytest.mark.parametrize('line', ['dance', 'watch', 'engage 3', ''])
def test_a_line_that_is_none_lists_the_verbs(line):
    with pytest.raises(ValueError, match='engage, run, pause'):
        Person([line], 1)
