"""Verdicts, answers and outcomes as the executor and the simulator told them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fastwam_ros.apps.report.__main__ import table
from fastwam_ros.apps.report.chunks import (
    REFUSED,
    UNTOLD,
    WORDS,
    judged,
    kind_of,
    refusals,
    requests,
    verdicts,
)
from fastwam_ros.apps.report.figures import SUCCESS, plain, sections
from fastwam_ros.apps.report.outcome import outcomes
from fastwam_ros.apps.report.run import Heard, Run
from fastwam_ros.bag.reader import Bag
from fastwam_ros.motion import guard
from test.apps.recording import EPOCH, FOLD, MS, START, TICK, known


@pytest.fixture(scope='module')
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run.read(Bag(known().write(tmp_path_factory.mktemp('run') / 'run.mcap')))


def state(at: int, **fields: Any) -> Heard:
    given = {'last_epoch': 1, 'last_sequence': 0, 'last_verdict': ''}
    counters = dict.fromkeys(('accepted', 'shadowed', 'refused'), 0)
    return Heard(at, SimpleNamespace(**counters | given | fields))


def test_only_a_verdict_whose_counter_grew_is_told() -> None:
    states = [
        state(0, last_verdict='jump: old', refused=1),
        state(1, last_verdict='jump: old', refused=1),
        state(2, last_verdict='accepted', accepted=1, refused=3, last_sequence=4),
        state(3, last_verdict='too_fast: 5', accepted=1, refused=4, last_sequence=5),
    ]
    told = [(one.sequence, one.verdict) for one in verdicts(states)]
    assert told == [(4, 'accepted'), (5, 'too_fast: 5')]
    assert refusals(states, 3) == {'not named': 2, 'too_fast': 1}


def test_chunks_are_joined_to_their_verdicts_by_epoch_and_sequence(run: Run) -> None:
    found = judged(run.chunks, run.states)
    assert [(one.epoch, one.sequence) for one in found] == [(EPOCH, k) for k in (1, 2, 3)]
    assert [one.kind for one in found] == ['accepted', REFUSED, REFUSED]
    assert found[1].verdict == 'jump: 0.4 rad at left_arm_joint1'
    assert found[0].inference == pytest.approx(0.1)


def test_a_chunk_of_before_keeps_no_verdict_of_a_later_one(run: Run) -> None:
    late = [Heard(run.until, run.chunks[0].message)]
    (found,) = judged(late, run.states)
    assert (found.kind, found.first_tick) == (UNTOLD, 0)


def test_a_chunk_is_joined_to_its_first_command(tmp_path: Path) -> None:
    changed = known()
    stamp = changed.states[4].fields['chunk_stamp']  # of the plan that begins at tick 60
    changed.chunks[0][1]['header'].stamp = stamp
    run = Run.read(Bag(changed.write(tmp_path / 'run.mcap')))
    (first, *_) = judged(run.chunks, run.states)
    assert (first.first_tick - first.stamp) / MS == 310


@pytest.mark.parametrize(
    ('verdict', 'kind'),
    [('accepted', 'accepted'), ('shadow: why', 'shadow'), ('jump: far', REFUSED), ('', UNTOLD)],
)
def test_kinds(verdict: str, kind: str) -> None:
    assert kind_of(verdict) == kind


def test_every_check_of_the_guard_has_words() -> None:
    named = {check.__name__ for check in guard.CHECKS} - {'order'} | {'epoch', 'sequence'}
    assert named <= set(WORDS)


def test_a_repeated_request_has_one_answer(run: Run) -> None:
    pause, again, unheard = requests(run.requests, run.states)
    assert (pause.verb, pause.times, pause.answer) == ('pause', 2, 'ok')
    assert (pause.received - START) // TICK >= 288
    assert again.answer == 'run is refused: no chunk'
    assert (unheard.verb, unheard.answer, unheard.answered) == ('reset', '', 0)


def test_an_outcome_holds_from_its_first_word_on(run: Run) -> None:
    (found,) = outcomes(run.outcomes)
    assert (found.task, found.holds, found.message) == (FOLD, True, 'folded')
    assert found.values == (('height', '0.031 m'),)
    assert [holds for holds, _, _ in found.spans] == [False, True]
    assert found.first == run.outcomes[1].received == found.spans[0][2]


def test_an_outcome_is_a_row_of_the_table_and_of_the_json(run: Run) -> None:
    found = plain(sections(run))
    assert (found['task'], found['outcome'], found['outcome_message']) == (FOLD, SUCCESS, 'folded')
    held = (run.outcomes[1].received - run.since) / 1e9
    assert found['outcome_first_held_s'] == pytest.approx(held)
    (row,) = (line for line in table(run).splitlines() if line.startswith('success first held'))
    assert row.split()[4:6] == [f'{held:.4g}', 's']


def test_an_outcome_that_ends_or_never_comes() -> None:
    def told(at: int, level: int | bytes, task: str = FOLD) -> Heard:
        return Heard(at, SimpleNamespace(level=level, name=task, message='', values=[]))

    folded, lifted = outcomes([told(1, 1), told(2, 0), told(3, b'\x01'), told(4, 1, 'lift')])
    assert (folded.holds, folded.first, lifted.first) == (False, 2, None)
    assert folded.spans == ((False, 1, 2), (True, 2, 3), (False, 3, 3))
    assert outcomes([]) == []
