"""Doubt slows a plan and, where it lasts, ends it; a chunk that says nothing is neither."""

from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.splice import Splice, rendezvous
from fastwam_ros.motion.uncertainty import (
    GO,
    HOLD,
    SLOW,
    SLOWER,
    WINDOW,
    Degree,
    Doubt,
    Thresholds,
)
from test.motion.robot import PERIOD, STEP, ratios, wave

BOTH = Thresholds(slow=0.2, hold=0.5)
LOW, HIGH, HIGHEST = 0.1, 0.3, 0.6  # below both, between them, above both
SILENCES = (nan, -0.1, -inf)
DEGREES = (GO, SLOW, HOLD)


def judged(*disagreements: float, thresholds: Thresholds | None = BOTH) -> list[str]:
    doubt = Doubt(thresholds)
    return [doubt.judge(value).name for value in disagreements]


@pytest.mark.parametrize(
    ('value', 'degree'),
    [(0.0, GO), (-0.0, GO), (LOW, GO), (0.2, GO), (0.2000001, SLOW), (0.5, SLOW), (inf, SLOW)],
)
def test_one_chunk_is_slowed_from_above_the_threshold_on_and_never_ends_the_run(value, degree):
    assert judged(value) == [degree]


def test_a_plan_is_slowed_for_its_own_chunk_only():
    assert judged(HIGH, LOW, HIGH, LOW) == [SLOW, GO, SLOW, GO]


def test_only_lasting_doubt_ends_a_run():
    assert Degree(HOLD).at_least == SLOWER
    assert judged(HIGHEST, HIGHEST, HIGHEST) == [SLOW, SLOW, HOLD]
    assert judged(*[HIGH] * 50) == [SLOW] * 50
    assert judged(HIGHEST, HIGHEST, HIGH, HIGHEST, HIGHEST, LOW, HIGHEST)[-1] == SLOW
    assert judged(*[HIGHEST] * 5)[-2:] == [HOLD, HOLD]  # nothing it does itself lets it go on


def test_a_new_epoch_begins_without_doubt():
    doubt = Doubt(BOTH)
    for _ in range(2):
        doubt.judge(HIGHEST)
    doubt.reset()
    assert doubt.judge(nan).name == GO
    assert [doubt.judge(HIGHEST).name for _ in range(WINDOW)] == [SLOW, SLOW, HOLD]


@pytest.mark.parametrize('silence', SILENCES)
def test_a_chunk_that_says_nothing_is_neither_low_nor_high(silence):
    assert judged(silence) == [GO]
    assert judged(HIGHEST, silence, HIGHEST, silence, HIGHEST)[-1] == HOLD
    assert judged(HIGHEST, silence, silence) == [SLOW, SLOW, SLOW]
    assert judged(HIGHEST, silence, LOW, silence) == [SLOW, SLOW, GO, GO]
    assert judged(HIGH, silence) == [SLOW, SLOW]
    assert judged(LOW, silence) == [GO, GO]


def test_the_words_name_value_count_and_threshold():
    doubt = Doubt(BOTH)
    assert doubt.judge(LOW).text == ''
    assert doubt.judge(HIGH).text == 'disagreement 0.3 above 0.2'
    assert doubt.judge(nan).text == 'no disagreement; that of the last chunk 0.3 above 0.2'
    assert doubt.judge(HIGHEST).text == 'disagreement 0.6, 1 of 3 above 0.5'
    doubt.judge(HIGHEST)
    assert doubt.judge(inf).text == 'disagreement inf, 3 chunks in a row above 0.5'


def test_without_thresholds_nothing_is_doubted_and_nothing_is_missed():
    assert judged(*[inf, 1e300, nan] * 20, thresholds=None) == [GO] * 60
    doubt = Doubt(None)
    for _ in range(50):
        doubt.judge(nan)
    assert doubt.warning == ''


def test_that_no_disagreement_comes_is_said_until_one_does():
    doubt = Doubt(BOTH)
    for _ in range(7):
        doubt.judge(nan)
    assert doubt.warning == ''
    doubt.judge(nan)
    doubt.reset()  # a new epoch makes no difference to what the policy computes
    said = doubt.warning
    assert 'chunks bring none' in said
    doubt.judge(nan)
    assert doubt.warning == said  # told once: a state that does not change is not news
    doubt.judge(LOW)
    assert doubt.warning == ''


def expected(values: list[float], thresholds: Thresholds) -> str:
    """The degree of the last of these, from the whole history at once."""
    said = [value for value in values if value >= 0.0]
    lasting = len(said) >= WINDOW and all(v > thresholds.hold for v in said[-WINDOW:])
    if lasting and values[-1] >= 0.0:
        return HOLD
    return SLOW if said and said[-1] > thresholds.slow else GO


values = st.lists(
    st.sampled_from([0.0, LOW, 0.2, HIGH, 0.5, HIGHEST, inf, *SILENCES]), min_size=1, max_size=30
)


@given(values)
def test_whatever_comes_the_degree_follows_from_what_was_said(given_values):
    found = judged(*given_values)
    for n, degree in enumerate(found, 1):
        assert degree == expected(given_values[:n], BOTH)


@given(values, st.integers(0, 29), st.sampled_from([HIGH, HIGHEST, inf]))
def test_more_disagreement_never_means_more_speed(given_values, which, more):
    which %= len(given_values)
    if isnan(given_values[which]) or not 0.0 <= given_values[which] <= more:
        return
    raised = [*given_values[:which], more, *given_values[which + 1 :]]
    for before, after in zip(judged(*given_values), judged(*raised), strict=True):
        assert DEGREES.index(after) >= DEGREES.index(before)


@given(values)
def test_doubt_never_makes_a_plan_faster_than_it_would_be_without(given_values):
    doubt = Doubt(BOTH)
    for degree in map(doubt.judge, given_values):
        assert degree.at_least == (1.0 if degree.name == GO else SLOWER)
    assert SLOWER >= 1.0


def test_a_doubted_chunk_is_passed_at_half_speed_inside_the_limits():
    rows = np.array([wave(k * STEP, 0.4) for k in range(32)])
    times, begin = np.arange(32) * STEP, Plan.hold(0, wave(0.0, 0.4))
    doubt, plans, met = Doubt(BOTH), [], 0.0
    for value in (LOW, HIGH):
        at_least = doubt.judge(value).at_least
        found = rendezvous(LIMITS, begin, 0, times, rows, at_least=at_least)
        assert isinstance(found, Splice)
        sent = found.plan.sample(np.arange(0.0, 6.0, PERIOD / 1e9)).q
        assert (ratios(LIMITS, sent) <= 1.0 + 1e-6).all()
        plans.append(found.plan)
        met = max(met, found.met / at_least)
    path = np.arange(met, 1.8, 0.01)  # both are on the chunk's spline
    own, slowed = plans[0].sample(path), plans[1].sample(2.0 * path)
    assert slowed.q == pytest.approx(own.q, abs=1e-9)
    assert slowed.v == pytest.approx(0.5 * own.v, abs=1e-9)
    assert np.abs(own.v).max() > 0.3


@pytest.mark.parametrize(
    ('slow', 'hold', 'words'),
    [
        (0.0, 0.5, 'the disagreement to slow from is 0.0, want a number above 0'),
        (0.2, nan, 'the disagreement to hold from is nan, want a number above 0'),
        (-0.1, 0.5, 'to slow from is -0.1'),
        (0.2, inf, 'to hold from is inf'),
        (0.5, 0.2, 'above a disagreement of 0.2, but be slowed only above 0.5: are the two'),
    ],
)
def test_thresholds_that_are_none(slow, hold, words):
    with pytest.raises(ValueError, match=words.replace('?', '.')):
        Thresholds(slow, hold)


def test_two_parameters_are_both_given_or_neither():
    assert Thresholds.given(0.0, 0.0) is None
    assert Thresholds.given(0.2, 0.5) == BOTH
    assert Thresholds.given(0.3, 0.3) == Thresholds(0.3, 0.3)
    with pytest.raises(ValueError, match='to hold from is given and none to slow from'):
        Thresholds.given(0.0, 0.5)
    with pytest.raises(ValueError, match='to slow from is given and none to hold from'):
        Thresholds.given(0.5, 0.0)
    with pytest.raises(ValueError, match='to slow from is nan'):
        Thresholds.given(nan, 0.5)
