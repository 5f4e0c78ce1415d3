"""The affine maps follow the released formulas, including their corner cases."""

import json

import numpy as np
import pytest

from fastwam_ros.wam.normaliser import MODES, Normaliser

from .parity import FOLDER

LEAF = {
    'global_min': [-1.0, 0.3, 2.0],
    'global_max': [3.0, 0.3, 2.00005],
    'global_q01': [-0.5, 0.3, 2.0],
    'global_q99': [2.5, 0.4, 2.1],
    'global_mean': [0.5, 0.3, 2.0],
    'global_std': [0.25, 0.0, 1e-5],
}
NAMES = ('a', 'b', 'c')


def of(mode):
    return Normaliser.from_statistics(LEAF, mode, NAMES, 'state')


def test_min_max_maps_the_range_to_minus_one_and_one():
    norm = of('min/max')
    np.testing.assert_allclose(norm.forward([-1, 0.3, 2])[0], -1)
    np.testing.assert_allclose(norm.forward([3, 0.3, 2])[0], 1)


def test_a_column_that_hardly_moves_is_shifted_not_scaled():
    norm = of('min/max')
    np.testing.assert_array_equal(norm.scale[1:], [1, 1])
    np.testing.assert_allclose(norm.forward([0, 0.35, 2.00005])[1:], [0.05, 0.00005], atol=1e-6)


def test_quantiles_are_the_range_of_their_mode():
    np.testing.assert_allclose(of('q01/q99').forward([1.0, 0.4, 2.05]), [0, 1, 0], atol=1e-5)


def test_z_score():
    np.testing.assert_allclose(of('z-score').forward([1.0, 0.3, 2.0]), [2, 0, 0], atol=1e-6)


@pytest.mark.parametrize('mode', ['min/max', 'q01/q99', 'z-score'])
def test_backward_undoes_forward_inside_the_clamp(mode):
    norm, values = of(mode), np.array([[0.7, 0.3, 2.0], [0.9, 0.3, 2.0]])
    np.testing.assert_allclose(norm.backward(norm.forward(values)), values, atol=1e-6)


def test_forward_is_clamped_and_backward_is_not():
    norm = of('z-score')
    assert norm.forward([100.0, 0.3, 2.0])[0] == 5
    assert norm.forward([-100.0, 0.3, 2.0])[0] == -5
    assert norm.backward([8.0, 0, 0])[0] == pytest.approx(2.5)


def test_everything_is_fp32():
    norm = of('z-score')
    assert norm.forward(np.zeros(3, np.float64)).dtype == np.float32
    assert norm.backward(np.zeros(3, np.float64)).dtype == np.float32


def test_an_unknown_mode_lists_the_known():
    with pytest.raises(ValueError, match="'mean' is none of min/max, q01/q99, z-score"):
        of('mean')


RELEASED = json.loads((FOLDER / 'tiny_dataset_stats.json').read_text())


@pytest.mark.parametrize('mode', MODES)
@pytest.mark.parametrize(('group', 'width'), [('action', 7), ('state', 8)])
def test_the_released_statistics_are_read_as_the_released_formulas_say(mode, group, width):
    leaf = RELEASED[group]['default']
    names = tuple(f'column{n}' for n in range(width))
    norm = Normaliser.from_statistics(leaf, mode, names, group)
    low, high = (np.array(leaf[key]) for key in MODES[mode])
    if mode == 'z-score':
        expected, values = (high * 0.5) / (high + 1e-8), low + high * 0.5
    else:
        expected, values = np.full(width, 0.5), low + 0.75 * (high - low)
    np.testing.assert_allclose(norm.forward(values), expected, atol=1e-5)
    np.testing.assert_allclose(norm.backward(expected), values, atol=1e-5)
