"""When chunks would have been there: what may be asked, and what is no answer."""

from itertools import islice

import pytest

from fastwam_ros.apps.replay.latency import MEASURED, latencies


@pytest.mark.parametrize(
    ('asked', 'seconds'), [('190ms', 0.19), ('0.19s', 0.19), ('0.19', 0.19), ('2 s', 2.0)]
)
def test_a_fixed_one(asked, seconds):
    assert list(islice(latencies(asked), 3)) == pytest.approx([seconds] * 3)


def test_measured_is_left_to_who_infers():
    assert latencies(MEASURED) is None


@pytest.mark.parametrize(
    'text', ['0.2\n0.3\n', 'seconds\n0.2\n0.3\n', 'stamp,seconds\n1,0.2\n2,0.3\n']
)
def test_a_trace_is_told_again_and_again(tmp_path, text):
    path = tmp_path / 'trace.csv'
    path.write_text(text)
    assert list(islice(latencies(str(path)), 4)) == [0.2, 0.3, 0.2, 0.3]


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('', 'is empty'),
        ('seconds\n', 'is empty'),
        ('0.2\nfast\n', "line 2: 'fast' is no number"),
        ('190\n', 'line 1: 190.0 s, want 0 to 60 s'),
        ('-0.1\n', 'want 0 to 60 s'),
    ],
)
def test_a_trace_that_is_none_is_told_by_its_line(tmp_path, text, words):
    path = tmp_path / 'trace.csv'
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        latencies(str(path))


def test_what_is_neither_is_told_what_may_be_asked():
    with pytest.raises(ValueError, match='want 190ms, measured, or a CSV file: No such file'):
        latencies('190 milliseconds')
