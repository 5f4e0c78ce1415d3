"""Real-time chunking, step by step and as a whole on chunks whose velocity field is exact."""

import math

import numpy as np
import pytest
import torch

from fastwam_ros.wam.guidance import Prefix, gains, guided, guided_exact
from fastwam_ros.wam.prefix import IDENTITY, METHODS, OFF, VJP, Wanted, prefix_weights
from fastwam_ros.wam.schedule import Schedule

from .chunk_mixture import PLACES, D, H, Mixture, Outcome, S, denoise, prefix_of

pytestmark = pytest.mark.torch


def test_weights_are_whole_then_fade_exponentially_then_end():
    weights = prefix_weights(8, 2, 5)
    left = np.array([3 / 4, 2 / 4, 1 / 4])
    faded = left * (np.exp(left) - 1) / (math.e - 1)
    assert weights == pytest.approx([1, 1, *faded, 0, 0, 0])
    assert (np.diff(weights[1:6]) < 0).all()


@pytest.mark.parametrize(
    ('start', 'end', 'weights'),
    [(0, 0, [0, 0, 0]), (3, 3, [1, 1, 1]), (2, 2, [1, 1, 0]), (1, 1, [1, 0, 0])],
)
def test_weights_without_rows_to_fade_on(start, end, weights):
    assert prefix_weights(3, start, end).tolist() == weights


@pytest.mark.parametrize(('start', 'end'), [(-1, 2), (3, 2), (1, 4)])
def test_a_prefix_that_is_none_is_refused(start, end):
    with pytest.raises(ValueError, match=f'at row {start} and ends at {end}.* 3 rows'):
        prefix_weights(3, start, end)


def test_what_is_wanted_is_checked_and_counts_what_is_committed():
    rows = np.zeros((4, 2))
    assert Wanted(rows, np.array([1.0, 1.0, 0.99, 0.0])).committed == 2
    with pytest.raises(ValueError, match=r'rows \[4, 2\] and weights \[3\]'):
        Wanted(rows, np.zeros(3))
    for weight in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match='want 0 to 1'):
            Wanted(rows, np.array([weight, 0.0, 0.0, 0.0]))
    with pytest.raises(ValueError, match='not finite'):
        Wanted(np.full((4, 2), np.nan), np.zeros(4))


@pytest.mark.parametrize('rounded', [True, False])
def test_gains_follow_the_published_formula_at_the_steps_starts(rounded):
    schedule = Schedule.shifted(10, rounded=rounded)
    found = gains(schedule, beta=4.0)
    assert found.dtype == torch.float32
    wanted = [4.0]
    for sigma in schedule.sigmas[1:-1].tolist():
        tau = 1.0 - sigma
        variance = (1 - tau) ** 2 / (tau**2 + (1 - tau) ** 2)
        wanted.append(min(4.0, (1 - tau) / tau / variance))
    assert found.tolist() == pytest.approx(wanted, rel=1e-4)
    assert min(wanted) < 2.1  # not all of them are cut off


@pytest.mark.parametrize('beta', [0.0, -1.0, float('nan')])
def test_a_gain_without_sense_is_refused(beta):
    with pytest.raises(ValueError, match='must be positive'):
        gains(Schedule.shifted(10), beta)


def drawn(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape))).to(dtype)


def scalars(*values):
    return (torch.tensor(value) for value in values)


def test_one_whole_step_at_gain_one_over_sigma_estimates_the_prefix():
    """The network is held constant.

    The next estimate, x - sigma * velocity, is what is wanted where the weight is 1, and half way
    there where it is a half.
    """
    x, velocity, rows = drawn(2, 4, 3), 2 * drawn(2, 4, 3), 3 + drawn(2, 4, 3)
    weights = torch.tensor([1.0, 0.5, 0.0, 0.0])[None, :, None]
    sigma, gain = scalars(0.8, 1 / 0.8)
    after = x - sigma * guided(velocity, x, sigma, gain, Prefix(rows, weights))
    before = x - sigma * velocity
    torch.testing.assert_close(after[:, 0], rows[:, 0])
    torch.testing.assert_close(after[:, 1], (rows + before)[:, 1] / 2)
    torch.testing.assert_close(after[:, 2:], before[:, 2:])


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_free_rows_keep_their_velocity_to_the_last_bit(dtype):
    x, velocity = drawn(2, 4, 3, dtype=dtype), drawn(2, 4, 3, dtype=dtype) * 3
    weights = torch.tensor([1.0, 0.5, 0.0, 0.0])[None, :, None]
    got = guided(velocity, x, *scalars(0.9, 5.0), Prefix(drawn(1, 4, 3) * 9, weights))
    assert got.dtype == dtype
    assert torch.equal(got[:, 2:], velocity[:, 2:])
    assert not (got[:, :2] == velocity[:, :2]).all(2).any()


def test_bf16_is_rounded_once():
    x, velocity = drawn(2, 4, 3, dtype=torch.bfloat16), drawn(2, 4, 3, dtype=torch.bfloat16)
    prefix = Prefix(drawn(1, 4, 3) / 3, torch.ones(1, 4, 1))
    sigma, gain = scalars(0.9, 5.0)
    exact = guided(velocity.float(), x.float(), sigma, gain, prefix)
    assert torch.equal(guided(velocity, x, sigma, gain, prefix), exact.bfloat16())


def test_the_exact_correction_is_the_jacobian_s_of_a_gaussian():
    """The estimate of one Gaussian is affine in x, with a matrix that is known and symmetric."""
    one = Mixture.towards(PLACES[:1], S)
    x, sigma, gain = drawn(3, H, 2), *scalars(0.8333, 3.0)
    prefix = prefix_of(one.draw(3, torch.Generator().manual_seed(3)))
    velocity = one.velocity(x, sigma)
    error = prefix.weights * (prefix.rows - (x - sigma * velocity))
    wanted = velocity - gain * (one.shrink(sigma) @ error.double()).float()
    got = guided_exact(lambda at: one.velocity(at, sigma), x, sigma, gain, prefix)
    torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-5)
    assert (got - guided(velocity, x, sigma, gain, prefix)).abs().max() > 0.1


def test_a_jacobian_that_is_not_symmetric_is_transposed():
    """Of a linear network, velocity = x @ m: the estimate is x @ (1 - sigma * m)."""
    m, x, rows = drawn(3, 3), drawn(2, 4, 3), drawn(1, 4, 3)
    sigma, gain = scalars(0.7, 2.0)
    jacobian = torch.eye(3) - sigma * m
    wanted = x @ m - gain * (rows - x @ jacobian) @ jacobian.T
    got = guided_exact(lambda at: at @ m, x, sigma, gain, Prefix(rows, torch.ones(1, 4, 1)))
    torch.testing.assert_close(got, wanted)


def test_the_exact_one_works_where_gradients_are_off():
    m, x, prefix = drawn(3, 3), drawn(2, 4, 3), Prefix(drawn(1, 4, 3), torch.ones(1, 4, 1))
    wanted = guided_exact(lambda at: at @ m, x, *scalars(0.7, 2.0), prefix)
    with torch.inference_mode():
        inner = Prefix(prefix.rows.clone(), prefix.weights.clone())
        got = guided_exact(lambda at: at @ m, x.clone(), *scalars(0.7, 2.0), inner)
    assert torch.equal(got, wanted)
    assert not got.requires_grad


# As a whole, on chunks whose velocity field is exact

COUNT = 400


@pytest.fixture(scope='module')
def outcomes():
    return {method: Outcome.of(method, COUNT) for method in METHODS}


def test_the_prefix_is_kept_and_the_jump_to_the_next_row_shrinks(outcomes):
    """The rms from row to row is 0.023; see the table in docs/rtc.md."""
    off, identity, vjp = (outcomes[name] for name in (OFF, IDENTITY, VJP))
    assert off.prefix > 0.25
    assert off.jump > 0.3
    assert identity.prefix < 0.03
    assert identity.jump < 0.07
    assert 0.08 < vjp.prefix < 0.15
    assert vjp.jump < 0.2


def test_a_place_is_stuck_to_and_one_that_has_moved_is_followed(outcomes):
    assert outcomes[OFF].same < 0.42
    for name in (IDENTITY, VJP):
        assert outcomes[name].same > 0.5
        assert outcomes[name].follows > 0.95


@pytest.fixture
def pairs():
    """A mixture, noise, and what is left of chunks of before."""
    generator = torch.Generator().manual_seed(7)
    old = Mixture.towards(PLACES).draw(6, generator)
    noise = torch.randn(6, H, 2, generator=generator)
    return Mixture.towards(PLACES, S), noise, prefix_of(old)


@pytest.mark.parametrize('method', [IDENTITY, VJP])
def test_a_prefix_without_weight_changes_no_bit(pairs, method):
    mixture, noise, prefix = pairs
    free = Prefix(prefix.rows, torch.zeros(1, H, 1))
    assert torch.equal(denoise(mixture, noise, free, method), denoise(mixture, noise, free, OFF))


@pytest.mark.parametrize('method', [IDENTITY, VJP])
def test_each_chunk_of_a_batch_follows_its_own_prefix(pairs, method):
    mixture, noise, prefix = pairs
    turn = torch.tensor([3, 0, 5, 1, 2, 4])
    together = denoise(mixture, noise, prefix, method)
    turned = denoise(mixture, noise[turn], Prefix(prefix.rows[turn], prefix.weights), method)
    torch.testing.assert_close(turned, together[turn], rtol=1e-4, atol=1e-4)
    others = denoise(mixture, noise, Prefix(prefix.rows[turn], prefix.weights), method)
    assert (others - together)[:, :D].abs().amax((1, 2)).min() > 0.05
