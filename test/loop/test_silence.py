"""Streams that fall silent are named, by whatever clock."""

import pytest

from fastwam_ros.loop.silence import Silence


def test_a_stream_s_time_begins_at_the_first_look():
    silence = Silence(('head', 'left'), 1.0)
    assert list(silence.overdue(1e9)) == []
    silence.heard('left', 1e9 + 1.0)
    assert list(silence.overdue(1e9 + 1.5)) == [('head', 1.5)]
    silence.heard('head', 1e9 + 1.5)
    assert list(silence.overdue(1e9 + 2.0)) == []


def test_a_clock_that_stands_or_goes_back_makes_nobody_overdue():
    silence = Silence(('head',), 1.0)
    silence.heard('head', 50.0)
    assert list(silence.overdue(50.0)) == []
    assert list(silence.overdue(10.0)) == []
    assert list(silence.overdue(10.9)) == []
    assert list(silence.overdue(11.5)) == [('head', 1.5)]


def test_a_stream_that_nobody_watches_is_an_error():
    with pytest.raises(KeyError, match='head, left are'):
        Silence(('head', 'left'), 1.0).heard('rear', 0.0)
