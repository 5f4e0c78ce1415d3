"""The scripted person: asks until answered, waits for what it needs, gives up in words."""

from itertools import pairwise

import pytest

from fastwam_ros.sim.person import PATIENCE, RETRY, Person, Seen


class Desk:
    """Plays the executor for a person."""

    def __init__(self, *script: str) -> None:
        self.person, self.now = Person(script, first_id=100), 0.0
        self.seen = Seen('DISARMED')
        self.requests: list[tuple[str, int]] = []

    def tick(self, seconds: float = 0.02, **seen):
        self.now += seconds
        self.seen = Seen(**{**self.seen.__dict__, **seen})
        acts = self.person.tick(self.now, self.seen)
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


def test_watching_ends_early_in_words_when_the_executor_leaves_policy():
    desk = Desk('watch 5')
    desk.tick(mode='POLICY')
    desk.tick(1.0, mode='HOLD', reason='late: newest chunk is 1.5 s old')
    assert 'left POLICY for HOLD: late' in desk.person.failed


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
