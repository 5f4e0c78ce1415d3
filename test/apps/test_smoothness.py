"""Smoothness of motions whose values are known in closed form."""

import numpy as np
import pytest

from fastwam_ros.apps.smoothness import ldlj, sparc


def least_jerk(size: float, seconds: float, tick: float = 1e-3) -> np.ndarray:
    x = np.arange(0.0, 1.0 + tick / seconds, tick / seconds)[:, None]
    return size * x**3 * (10.0 - 15.0 * x + 6.0 * x**2)


def test_a_motion_of_least_jerk_has_its_known_ldlj_whatever_its_size_and_duration():
    known = -np.log(720.0 / 1.875**2)
    for size, seconds in ((1.0, 1.0), (0.2, 0.8), (3.0, 2.0)):
        assert ldlj(least_jerk(size, seconds), 1e-3) == pytest.approx(known, abs=0.02)
    two = np.hstack((least_jerk(1.0, 1.0), least_jerk(-2.0, 1.0)))
    assert ldlj(two, 1e-3) == pytest.approx(known, abs=0.02)


def test_sparc_is_the_arc_length_of_a_spectrum_that_is_known():
    """The spectrum of a Gaussian speed is a Gaussian: its arc is integrated beside it."""
    tick, width = 1e-3, 0.1
    speed = np.exp(-0.5 * ((np.arange(0.0, 1.6, tick) - 0.8) / width) ** 2)
    commands = np.concatenate(([0.0], np.cumsum(speed) * tick))[:, None]
    top = np.sqrt(-2.0 * np.log(0.05)) / (2.0 * np.pi * width)  # [Hz], where it falls to 0.05
    x = np.linspace(0.0, 1.0, 100_001)
    curve = np.exp(-0.5 * (2.0 * np.pi * width * top * x) ** 2)
    arc = np.hypot(np.diff(x), np.diff(curve)).sum()
    assert sparc(commands, tick) == pytest.approx(-arc, abs=2e-3)


def test_two_movements_are_less_smooth_than_one_and_noise_less_than_both():
    rng = np.random.default_rng(0)
    one = least_jerk(1.0, 1.0)
    two = np.vstack((least_jerk(0.5, 0.5), 0.5 + least_jerk(0.5, 0.5)))
    noisy = one + np.cumsum(rng.normal(0.0, 3e-3, one.shape), axis=0)
    for measure in (ldlj, sparc):
        values = [measure(motion, 1e-3) for motion in (one, two, noisy)]
        assert values == sorted(values, reverse=True)
        assert np.isnan(measure(np.zeros((50, 2)), 1e-3))


def test_sparc_depends_neither_on_size_nor_on_duration_nor_on_the_sampling():
    known = sparc(least_jerk(1.0, 1.0), 1e-3)
    for size, seconds, tick in ((0.2, 1.0, 1e-3), (1.0, 2.0, 1e-3), (3.0, 0.8, 2e-3)):
        assert sparc(least_jerk(size, seconds, tick), tick) == pytest.approx(known, abs=0.01)
