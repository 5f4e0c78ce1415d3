"""Markers: which words there are, what modes say, and how an episode ended."""

import pytest

from fastwam_ros.bag.markers import (
    EXECUTOR,
    INTERVENTION,
    TAKEOVER,
    Marker,
    checked,
    outcome,
    seen,
)
from fastwam_ros.loop.keys import MARK_KEYS


@pytest.mark.parametrize(
    'text', ['takeover', 'intervention', 'success', 'discard', 'note:it fell']
)
def test_known_words_pass(text: str) -> None:
    assert checked(text) == text


@pytest.mark.parametrize('text', ['sucess', '', 'Success', 'note:', 'note: ', 'note', 'it fell'])
def test_unknown_words_are_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(
        ValueError, match=r'takeover, intervention, success, failure, discard, note:'
    ):
        checked(text)


def test_every_word_of_a_key_is_known() -> None:
    assert [checked(word) for word in MARK_KEYS.values()] == list(MARK_KEYS.values())


def test_a_takeover_from_a_policy_that_drives_is_an_intervention() -> None:
    modes = ['TELEOP', 'HOLD', 'TELEOP', 'TELEOP', 'HOLD', 'POLICY', 'TELEOP', 'STOPPING']
    found = seen(enumerate(modes))
    assert found == [Marker(2, TAKEOVER, EXECUTOR), Marker(6, INTERVENTION, EXECUTOR)]


@pytest.mark.parametrize(
    ('said', 'ended'),
    [
        ([], ''),
        (['takeover', 'note:failure'], ''),
        (['success', 'failure', 'note:x'], 'failure'),
        (['failure', 'discard', 'success', 'intervention'], 'success'),
    ],
)
def test_the_last_word_on_the_outcome_counts(said: list[str], ended: str) -> None:
    assert outcome(said) == ended
