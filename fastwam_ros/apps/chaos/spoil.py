"""What can be wrong with a chunk: each spoiler takes a sound one and returns another."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND

Rng = np.random.Generator
Spoiler = Callable[[Rng, Chunk], Chunk]


def a_value(rng: Rng, chunk: Chunk) -> Chunk:
    """One position is no number, or no angle."""
    positions = chunk.positions.copy()
    row, column = rng.integers(positions.shape[0]), rng.integers(positions.shape[1])
    positions[row, column] = rng.choice([np.nan, np.inf, -np.inf, 1e300, 57.3, -7.0])
    return replace(chunk, positions=positions)


def all_values(rng: Rng, chunk: Chunk) -> Chunk:
    """Degrees, normalised values, differences instead of positions, zeros, denormals."""
    positions = chunk.positions
    made = (
        np.degrees(positions),
        np.tanh(positions),
        np.diff(positions, axis=0, append=positions[-1:]),
        np.zeros_like(positions),
        np.full_like(positions, 1e-310),
        np.full_like(positions, np.nan),
    )
    return replace(chunk, positions=made[int(rng.integers(len(made)))])


def the_names(rng: Rng, chunk: Chunk) -> Chunk:
    """A joint that this robot has not, one that is missing, one twice, or another order."""
    names = list(chunk.names)
    which = int(rng.integers(len(names)))
    if rng.random() < 0.3:
        order = rng.permutation(len(names))
        return replace(chunk, names=tuple(names[i] for i in order))
    names[which] = str(rng.choice(['torso_joint1', names[0], '']))
    return replace(chunk, names=tuple(names))


def the_shape(rng: Rng, chunk: Chunk) -> Chunk:
    """No rows, one, two or three rows, a column too many or too few, or flat."""
    positions = chunk.positions
    made = (
        positions[:0],
        positions[:1],
        positions[:2],
        positions[:3],
        positions[:, :-1],
        np.hstack((positions, positions[:, :1])),
        positions.ravel(),
        np.zeros((0, 0)),
    )
    return replace(chunk, positions=made[int(rng.integers(len(made)))])


def the_stamp(rng: Rng, chunk: Chunk) -> Chunk:
    """Never, from the future, from an hour ago, from a second ago."""
    shift = rng.choice([1.0, 0.05, -0.1, -2.5, -3600.0], p=[0.2, 0.2, 0.3, 0.1, 0.2])
    stamp = 0 if rng.random() < 0.1 else chunk.stamp + round(float(shift) * SECOND)
    return replace(chunk, stamp=stamp)


def the_axis(rng: Rng, chunk: Chunk) -> Chunk:
    """Another step or offset than it was made with: sound by itself, or not."""
    if rng.random() < 0.5:
        return replace(chunk, step=float(rng.choice([0.0, -0.1, 1e-9, np.nan, 0.02, 0.3, 1.0])))
    return replace(chunk, offset=float(rng.choice([-1.0, np.nan, 0.5, 2.0, 1e9])))


def the_order(rng: Rng, chunk: Chunk) -> Chunk:
    """Another epoch, or a sequence that was there already."""
    if rng.random() < 0.5:
        return replace(chunk, epoch=chunk.epoch + int(rng.choice([-1, 1, 1000])))
    return replace(chunk, sequence=chunk.sequence - int(rng.integers(1, 4)))


def the_robot(rng: Rng, chunk: Chunk) -> Chunk:
    """Made for another one."""
    return replace(chunk, robot=str(rng.choice(['', 'libero', 'R1LITE'])))


SPOILERS: tuple[Spoiler, ...] = (
    a_value,
    all_values,
    the_names,
    the_shape,
    the_stamp,
    the_axis,
    the_order,
    the_robot,
)


def spoilt(rng: Rng, chunk: Chunk) -> Chunk:
    """The chunk with one thing wrong, or sound after all: an order of names is no fault."""
    return SPOILERS[int(rng.integers(len(SPOILERS)))](rng, chunk)
