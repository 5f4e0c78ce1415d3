"""dataset_stats.json: by its definition, and as a bundle takes it."""

import json

import numpy as np
import pytest

from fastwam_ros.apps.learning.episodes import PARTS, Episode
from fastwam_ros.apps.learning.windows import HORIZON, dataset_stats, windows

SIZES = {part: 6 if part.endswith('arm') else 1 for part in PARTS}


def episode(rng, count, tmp_path):
    rows = {
        f'{base}{part}': rng.uniform(0.0, 90.0, (count, size))
        for base in ('observation.state.', 'action.')
        for part, size in SIZES.items()
    }
    none = np.zeros(count, np.int64)
    return Episode(tmp_path, {}, none, {}, rows, ('',) * count, '')


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(3)
    return [episode(rng, count, tmp_path) for count in (50, 40, 70)]


def test_a_window_repeats_the_last_row_beyond_the_end():
    own = windows(np.arange(5.0)[:, None], 3)[:, :, 0]
    assert own.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 4], [4, 4, 4]]


def stacked(rows):
    """Window by window, in the plain way."""
    last = len(rows) - 1
    return np.array([[rows[min(i + k, last)] for k in range(HORIZON)] for i in range(len(rows))])


def test_figures_are_those_of_episodes_window_by_window(data):
    leaf = dataset_stats(data)['action']['right_arm']
    own = [np.float32(each.columns['action.right_arm']) for each in data]
    stacks = [stacked(rows) for rows in own]
    lowest = np.min([stack.min(axis=(0, 1)) for stack in stacks], axis=0)
    assert leaf['global_min'] == pytest.approx(lowest)
    means = np.array([stack.mean(axis=0, dtype=np.float64) for stack in stacks])
    assert np.array(leaf['stepwise_mean']) == pytest.approx(means.mean(axis=0), rel=1e-6)
    centre = means.mean(axis=(0, 1))
    spread = [stack.var(axis=0, ddof=1, dtype=np.float64) for stack in stacks]
    std = np.sqrt((np.array(spread) + (means - centre) ** 2).mean(axis=(0, 1)))
    assert leaf['global_std'] == pytest.approx(std, rel=1e-6)
    highest = np.max([np.quantile(stack, 0.99, axis=0) for stack in stacks], axis=0)
    assert np.array(leaf['stepwise_q99']) == pytest.approx(highest, rel=1e-6)


def test_shapes_and_counts_are_those_of_a_released_file(data):
    tree = dataset_stats(data)
    assert tree['num_episodes'] == 3 and tree['num_transition'] == 160
    figures = ('min', 'max', 'mean', 'std', 'q01', 'q99')
    for group, rows in (('state', 1), ('action', HORIZON)):
        assert list(tree[group]) == list(PARTS)
        for part, size in SIZES.items():
            leaf = tree[group][part]
            assert set(leaf) == {f'{how}_{f}' for how in ('stepwise', 'global') for f in figures}
            assert np.shape(leaf['stepwise_std']) == (rows, size)
            assert np.shape(leaf['global_std']) == (size,)


@pytest.mark.torch
def test_a_bundle_takes_it(data, tmp_path):
    from fastwam_ros.apps.bundle.profiles import PROFILES
    from fastwam_ros.apps.bundle.statistics import read_statistics

    path = tmp_path / 'dataset_stats.json'
    tree = dataset_stats(data)
    path.write_text(json.dumps(tree))
    taken = read_statistics(path, PROFILES['r1lite'])['action']['default']
    parts = tree['action']
    assert taken['global_mean'] == [x for part in PARTS for x in parts[part]['global_mean']]
    with pytest.raises(ValueError, match='--order by_side'):
        read_statistics(path, PROFILES['r1lite'].ordered('arms_first'))
