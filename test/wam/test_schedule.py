"""The sampler's schedule and the time sinusoid equal the recorded arrays."""

import numpy as np
import pytest
import torch

from fastwam_ros.wam.rotary import time_sinusoid
from fastwam_ros.wam.schedule import Schedule, constant_noise

from .parity import FOLDER

RECORDED = np.load(FOLDER / 'schedulers.npz')


@pytest.mark.parametrize('steps', [1, 2, 4, 5, 8, 10, 20, 50])
def test_every_recorded_length(steps):
    exact, rounded = (Schedule.shifted(steps, rounded=flag) for flag in (False, True))
    np.testing.assert_allclose(exact.sigmas, RECORDED[f'n{steps}_sigmas'], rtol=1e-6)
    np.testing.assert_allclose(exact.timesteps, RECORDED[f'n{steps}_timesteps_f32'], rtol=1e-6)
    np.testing.assert_allclose(
        exact.deltas, RECORDED[f'n{steps}_deltas_f32'], rtol=1e-6, atol=1e-7
    )
    for name in ('timesteps', 'deltas'):  # rounding is all or nothing: equal, not close
        recorded = RECORDED[f'n{steps}_{name}_bf16_as_f32']
        np.testing.assert_array_equal(getattr(rounded, name), recorded)


def test_another_shift():
    schedule = Schedule.shifted(10, shift=3.0, rounded=False)
    np.testing.assert_allclose(schedule.timesteps, RECORDED['n10_shift3_timesteps_f32'], rtol=1e-6)
    np.testing.assert_allclose(schedule.deltas, RECORDED['n10_shift3_deltas_f32'], rtol=1e-5)


def test_rounding_is_the_default_and_shows():
    assert Schedule.shifted(10).timesteps[1] == 980
    assert Schedule.shifted(10, rounded=False).timesteps[1] == pytest.approx(978.2609, abs=1e-3)


def test_sinusoid():
    exact, rounded = (Schedule.shifted(10, rounded=flag).timesteps for flag in (False, True))
    np.testing.assert_allclose(
        time_sinusoid(exact, 256), RECORDED['sinusoid256_at_n10_f32'], atol=1e-6
    )
    sinusoid = time_sinusoid(rounded.bfloat16(), 256).float()
    np.testing.assert_array_equal(sinusoid, RECORDED['sinusoid256_at_n10_bf16_as_f32'])
    np.testing.assert_array_equal(time_sinusoid(torch.zeros(1), 256), RECORDED['sinusoid256_at_0'])


@pytest.mark.parametrize('steps', [0, -3])
def test_too_few_steps(steps):
    with pytest.raises(ValueError, match='at least 1'):
        Schedule.shifted(steps)


def test_senseless_shift():
    with pytest.raises(ValueError, match='must be positive'):
        Schedule.shifted(10, shift=float('nan'))


def test_another_seed_is_another_noise():
    assert torch.equal(constant_noise(4, 3), constant_noise(4, 3))
    assert not torch.equal(constant_noise(4, 3), constant_noise(4, 3, seed=43))
