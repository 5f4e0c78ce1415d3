"""What is thinned out for drawing keeps every peak and every break."""

import numpy as np
import pytest

from fastwam_ros.apps.report.lines import Lines
from fastwam_ros.apps.report.model import Trace
from test.apps.recording import START, TICK


def trace(count: int, first: int = 0, seed: int = 0) -> Trace:
    stamps = START + (first + np.arange(count)) * TICK
    return Trace(stamps, np.random.default_rng(seed).normal(size=(count, 2)))


def test_few_samples_are_drawn_as_they_are() -> None:
    lines = Lines.of([trace(5), trace(3, first=100)], START, 2, most=8)
    assert lines.per == 1
    assert lines.seconds[:5] == pytest.approx(np.arange(5) * 0.005)
    assert np.isnan(lines.values[:, 0]).nonzero()[0].tolist() == [5, 9]
    assert lines.values[:5] == pytest.approx(trace(5).values)


@pytest.mark.parametrize('count', [1001, 4999, 20_000])
def test_many_samples_become_their_envelope(count: int) -> None:
    whole = trace(count)
    lines = Lines.of([whole], START, 2, most=1000)
    assert len(lines.seconds) <= 1002 + 1
    assert lines.per >= 3
    drawn = lines.values[:-1]
    for column in range(2):
        cells = np.array_split(whole.values[:, column], range(lines.per, count, lines.per))
        assert drawn[:, column].reshape(-1, 2).min(axis=1).tolist() == [c.min() for c in cells]
        assert drawn[:, column].reshape(-1, 2).max(axis=1).tolist() == [c.max() for c in cells]
    assert (np.diff(lines.seconds) >= 0).all()


def test_an_envelope_rises_where_the_line_does() -> None:
    stamps = START + np.arange(4000) * TICK
    rising = Trace(stamps, np.arange(4000.0)[:, None])
    lines = Lines.of([rising], START, 1, most=400)
    assert (np.diff(lines.values[:-1, 0]) > 0).all()


def test_nothing_is_an_empty_line() -> None:
    lines = Lines.of([], START, 6)
    assert lines.values.shape == (0, 6) and lines.per == 1
