"""What is wanted where chunks disagree: weights, what is forgotten, and what must not matter."""

import pickle

import numpy as np
import pytest

from fastwam_ros.motion.blend import BLENDS, blend_named
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND

STEP = 0.1
ROWS = 31
NAMES = ('left', 'middle', 'right')
PERIOD = 2 * SECOND // 10
START = 5 * SECOND
OLDER = [name for name in BLENDS if name != 'newest']


def chunk(stamp: int, rows: np.ndarray | float, names: tuple[str, ...] = NAMES) -> Chunk:
    filled = np.broadcast_to(np.asarray(rows, np.float64), (ROWS, len(names))).copy()
    return Chunk(stamp, STEP, 0.0, names, filled)


def told(name: str, chunks: list[Chunk], names: tuple[str, ...] = NAMES) -> list[np.ndarray]:
    """What is wanted after each chunk, all of them accepted 0.2 s after their stamps."""
    blend, wanted = blend_named(name, names), []
    for each in chunks:
        wanted.append(blend.rows(each, each.stamp + PERIOD))
        blend.accept(each, wanted[-1])
    return wanted


def constants(*values: float) -> list[Chunk]:
    return [chunk(START + i * PERIOD, value) for i, value in enumerate(values)]


def random_chunks(count: int = 6, seed: int = 0) -> list[Chunk]:
    rng = np.random.default_rng(seed)
    stamps = START + np.cumsum(rng.integers(1, 3 * PERIOD, count))
    return [chunk(int(s), rng.normal(size=(ROWS, len(NAMES)))) for s in stamps]


def test_the_newest_is_what_it_is():
    chunks = random_chunks()
    for wanted, each in zip(told('newest', chunks), chunks, strict=True):
        np.testing.assert_array_equal(wanted, each.positions)


def test_temporal_ensembling_trusts_the_oldest_most():
    last = told('temporal_ensembling', constants(1.0, 2.0, 4.0))[-1]
    weights = np.exp(-0.01 * np.arange(3))
    mean = weights @ [1.0, 2.0, 4.0] / weights.sum()
    np.testing.assert_allclose(last[:10], mean)
    assert np.average([1.0, 2.0, 4.0]) > mean


def test_recency_halves_per_chunk_and_hears_four():
    wanted = told('recency_weighted', constants(100.0, 1.0, 2.0, 4.0, 8.0))
    np.testing.assert_allclose(wanted[1][:10], (1.0 + 0.5 * 100.0) / 1.5)
    np.testing.assert_allclose(wanted[-1][:8], (8.0 + 2.0 + 0.5 + 0.125) / 1.875)


def test_a_hand_over_hands_over_what_was_wanted():
    wanted = told('weighted_handover', constants(1.0, 2.0, 4.0))
    np.testing.assert_allclose(wanted[1][:10], 0.3 * 1.0 + 0.7 * 2.0)
    np.testing.assert_allclose(wanted[2][:10], 0.3 * 1.7 + 0.7 * 4.0)


def test_a_cross_fade_is_over_after_a_fifth_of_a_second():
    last = told('cross_fade', constants(1.0, 2.0))[-1][:, 0]
    np.testing.assert_allclose(last[:6], [1.0, 1.0, 1.0, 1.5, 2.0, 2.0])  # in force at row 2


@pytest.mark.parametrize('name', OLDER)
def test_where_chunks_agree_that_is_wanted(name):
    slope = np.array([0.3, -1.0, 2.0])
    chunks = []
    for i in range(8):
        stamp = START + i * 77_000_001
        seconds = (stamp - START) / SECOND + STEP * np.arange(ROWS)[:, None]
        chunks.append(chunk(stamp, 1.0 + slope * seconds))
    for wanted, each in zip(told(name, chunks), chunks, strict=True):
        np.testing.assert_allclose(wanted, each.positions, atol=1e-12)


@pytest.mark.parametrize('name', OLDER)
def test_what_is_wanted_lies_between_what_was_said(name):
    low, high = np.full(len(NAMES), np.inf), np.full(len(NAMES), -np.inf)
    for wanted, each in zip(told(name, chunks := random_chunks()), chunks, strict=True):
        low = np.minimum(low, each.positions.min(axis=0))
        high = np.maximum(high, each.positions.max(axis=0))
        assert (wanted >= low - 1e-12).all()
        assert (wanted <= high + 1e-12).all()


@pytest.mark.parametrize('name', BLENDS)
def test_the_order_of_the_joints_does_not_matter(name):
    order = [2, 0, 1]
    shuffled = tuple(NAMES[i] for i in order)
    chunks = random_chunks()
    other = [chunk(c.stamp, c.positions[:, order], shuffled) for c in chunks]
    for a, b in zip(told(name, chunks), told(name, other, shuffled), strict=True):
        np.testing.assert_array_equal(a[:, order], b)
    for a, b in zip(told(name, chunks), told(name, other), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize('name', BLENDS)
def test_the_hour_does_not_matter(name):
    chunks = random_chunks()
    later = [chunk(c.stamp + 1_700_000_000 * SECOND + 1, c.positions) for c in chunks]
    for a, b in zip(told(name, chunks), told(name, later), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize('name', BLENDS)
def test_asking_changes_nothing_and_a_refused_chunk_leaves_no_trace(name):
    chunks, blend = random_chunks(), blend_named(name, NAMES)
    expected = told(name, chunks)
    for each, wanted in zip(chunks, expected, strict=True):
        refused = chunk(each.stamp, 99.0)
        blend.rows(refused, each.stamp)
        np.testing.assert_array_equal(blend.rows(each, each.stamp + PERIOD), wanted)
        blend.accept(each, wanted)


@pytest.mark.parametrize('name', OLDER)
def test_after_a_reset_only_the_newest_counts(name):
    old, new = constants(1.0, 2.0)
    blend = blend_named(name, NAMES)
    blend.accept(old, blend.rows(old, old.stamp))
    assert (blend.rows(new, new.stamp) != 2.0).any()
    blend.reset()
    np.testing.assert_array_equal(blend.rows(new, new.stamp), new.positions)


@pytest.mark.parametrize('name', OLDER)
def test_what_is_long_past_or_from_another_clock_does_not_count(name):
    new = chunk(START, 2.0)
    blend = blend_named(name, NAMES)
    for stamp in (START - 4 * SECOND, START + SECOND):
        other = chunk(stamp, 1.0)
        blend.accept(other, blend.rows(other, other.stamp))
        np.testing.assert_array_equal(blend.rows(new, START), new.positions)


@pytest.mark.parametrize('name', OLDER)
def test_an_older_chunk_falls_silent_without_a_step(name):
    """A row that loses a voice at once would slow down the whole chunk."""
    wanted = told(name, constants(*([1.0] * 3), 2.0))[-1][:, 0]
    bend = np.abs(np.diff(wanted[6:], 2)).max()
    assert bend < 0.05
    assert wanted[-1] == 2.0


@pytest.mark.parametrize('name', OLDER)
def test_memory_is_bounded(name):
    chunks = [chunk(START + i * SECOND // 100, float(i)) for i in range(120)]
    blend = blend_named(name, NAMES)
    sizes = []
    for each in chunks:
        blend.accept(each, blend.rows(each, each.stamp))
        sizes.append(sum(len(pickle.dumps(s)) for s in vars(blend)['_said']))
    assert 0 < sizes[40] <= sizes[-1] < 1.05 * sizes[40]


@pytest.mark.parametrize('name', OLDER)
def test_chunks_of_other_steps_and_offsets_are_read_by_time(name):
    seconds = 0.05 * np.arange(80)[:, None] + 0.1
    old = Chunk(START, 0.05, 2.0, NAMES, np.repeat(seconds, 3, axis=1))
    new = chunk(START + PERIOD, PERIOD / SECOND + STEP * np.arange(ROWS)[:, None])
    blend = blend_named(name, NAMES)
    blend.accept(old, blend.rows(old, START))
    np.testing.assert_allclose(blend.rows(new, START), new.positions, atol=1e-12)


def test_an_unknown_name_gets_the_known_ones():
    with pytest.raises(ValueError, match=r"blending 'act' is none of newest, temporal_ens.*fade"):
        blend_named('act', NAMES)


def test_a_joint_that_is_missing_is_named():
    with pytest.raises(KeyError, match='elbow'):
        blend_named('newest', (*NAMES, 'elbow')).rows(chunk(START, 0.0), START)
