"""What a policy may want: motions of all joints, from sensible to impossible.

A manner makes a motion that begins near where the arms are commanded; a motion gives rows at any
times. Every manner but the first asks for something that a sound policy would not ask for.
"""

from collections.abc import Callable

import numpy as np

from fastwam_ros.motion.limits import Array, Limits

Rng = np.random.Generator
# Rows [H, D] at seconds [H] after the motion began, given what is commanded now [D].
Motion = Callable[[Array, Array], Array]
Manner = Callable[[Rng, Array, Limits], Motion]

_SLOWEST, _HIGHEST = 0.05, 0.7  # [Hz] of a sensible motion


def steady(rng: Rng, near: Array, limits: Limits) -> Motion:
    """A band-limited motion at some share of the speed limits."""
    hertz = rng.uniform(_SLOWEST, _HIGHEST, len(near))
    most = limits.velocity / (2.0 * np.pi * hertz)
    return _sines(rng, near, limits, hertz, np.minimum(0.2, rng.uniform(0.1, 0.7) * most))


def fast(rng: Rng, near: Array, limits: Limits) -> Motion:
    """Up to four times as fast as the limits: it must be slowed down, or refused."""
    hertz = rng.uniform(0.3, 2.0, len(near))
    most = limits.velocity / (2.0 * np.pi * hertz)
    return _sines(rng, near, limits, hertz, np.minimum(0.6, rng.uniform(0.5, 4.0) * most))


def nervous(rng: Rng, near: Array, limits: Limits) -> Motion:
    """Another direction, bend and noise in every chunk."""

    def rows(times: Array, now: Array) -> Array:
        size, t = len(now), (times - times[0])[:, None]
        speed = rng.normal(0.0, rng.choice([0.2, 0.6, 1.5]), size)
        bend = rng.normal(0.0, 0.3, size) * np.sin(rng.uniform(0.5, 4.0, size) * t)
        level = rng.choice([0.0, 0.001, 0.02, 0.3], p=[0.4, 0.3, 0.2, 0.1])
        noise = rng.normal(0.0, level, (len(t), size))
        return limits.clamp(now + speed * (t - 0.2) + bend + noise)

    return rows


def edges(rng: Rng, near: Array, limits: Limits) -> Motion:
    """Onto the position limits, a little beyond or short of them, and back."""
    goal = np.where(rng.random(len(near)) < 0.5, limits.lower, limits.upper)
    goal = goal + rng.uniform(-0.03, 0.021, len(near)) * np.sign(goal - near)
    duration = np.abs(goal - near) / limits.velocity * rng.uniform(1.2, 4.0)

    def rows(times: Array, now: Array) -> Array:
        x = times[:, None] / np.maximum(duration, 0.3)
        return near + (goal - near) * 0.5 * (1.0 - np.cos(np.pi * x))

    return rows


def saws(rng: Rng, near: Array, limits: Limits) -> Motion:
    """Up and down at about the speed limit, with corners."""
    swing = rng.uniform(0.05, 0.6, len(near))
    speed = limits.velocity * rng.uniform(0.8, 1.2, len(near))

    def rows(times: Array, now: Array) -> Array:
        x = np.mod(times[:, None] * speed / swing, 2.0)
        return limits.clamp(near + swing * np.minimum(x, 2.0 - x))

    return rows


def flips(rng: Rng, near: Array, limits: Limits) -> Motion:
    """Two modes by turns: every chunk contradicts the one before."""
    apart, side = rng.uniform(-0.3, 0.3, len(near)), [1.0]
    calm = steady(rng, near, limits)

    def rows(times: Array, now: Array) -> Array:
        side[0] = -side[0]
        drift = np.clip((times - times[0]) / 0.6, 0.0, 1.0)[:, None]
        return limits.clamp(calm(times, now) + side[0] * apart * drift)

    return rows


def zigzag(rng: Rng, near: Array, limits: Limits) -> Motion:
    """Up and down from row to row."""
    height = rng.uniform(0.0, rng.choice([0.005, 0.05, 0.2]), len(near))

    def rows(times: Array, now: Array) -> Array:
        signs = np.where(np.arange(len(times)) % 2, 1.0, -1.0)
        return limits.clamp(now + signs[:, None] * height)

    return rows


def still(rng: Rng, near: Array, limits: Limits) -> Motion:
    """One pose, a little off."""
    pose = limits.clamp(near + rng.normal(0.0, 0.05, len(near)))
    return lambda times, now: np.tile(pose, (len(times), 1))


def leaps(rng: Rng, near: Array, limits: Limits) -> Motion:
    """One joint is elsewhere from one row to the next."""
    joint, far = int(rng.integers(len(near))), rng.choice([0.1, 0.3, 1.0, np.pi])
    calm = steady(rng, near, limits)

    def rows(times: Array, now: Array) -> Array:
        found = calm(times, now)
        found[int(rng.integers(1, len(times) + 1)) :, joint] += far * rng.choice([-1.0, 1.0])
        return found

    return rows


MANNERS: dict[str, Manner] = {
    each.__name__: each
    for each in (steady, fast, nervous, edges, saws, flips, zigzag, still, leaps)
}


def _sines(rng: Rng, near: Array, limits: Limits, hertz: Array, swing: Array) -> Motion:
    phase = rng.uniform(0.0, 2.0 * np.pi, len(near))
    centre = limits.clamp(near) - swing * np.sin(phase)

    def rows(times: Array, now: Array) -> Array:
        angle = 2.0 * np.pi * hertz * times[:, None] + phase
        return limits.clamp(centre + swing * np.sin(angle))

    return rows
