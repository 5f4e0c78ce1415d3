"""Whether a bundle is what it was, is whole, and gives chunks that could be its data's.

What it proves: files unchanged since they were put together, every tensor in its place and finite,
and rows in the range of the statistics for a grey picture and a state in the middle of theirs.
What it cannot: that the policy is good, or that units, order and offset are those of the data.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fastwam_ros.apps.bundle.sums import SUMS, changed
from fastwam_ros.wam.bundle import STATISTICS, VAE, Bundle, read_statistics
from fastwam_ros.wam.contract import Contract
from fastwam_ros.wam.policy import CPU, Policy

# Share of each column's span that rows may leave it by on either side: to where the normaliser's
# clamp of 5 ends for min/max, beyond which nothing was ever taught. Wide, because a grey picture
# is none of the data's. Rows come out of the same statistics, so this does not see their unit; it
# sees weights, mode of normalisation or sampler that belong to another model.
MARGIN = 2.0
LEAST = 0.1  # and at least this, in its unit: a column that stood still in the data has no span
GREY = 128
# The range of the data: of the statistics, the first pair that is there.
_SPREAD = ('global_mean', 'global_std')
_RANGES = (('global_min', 'global_max'), ('global_q01', 'global_q99'), _SPREAD)
STDS = 3.0  # where there are only mean and std: so many of these on both sides
_NAMED = 3  # tensors that a line lists
Span = tuple[NDArray[np.float64], NDArray[np.float64]]


def verify(folder: Path, device: str = CPU) -> Iterator[str]:
    """One line per failure, none for a sound bundle. device: torch's name of where it runs."""
    if not folder.is_dir():
        yield f'{folder} is missing: is it the folder of a checkpoint bundle?'
        return
    if (folder / SUMS).is_file():
        yield from changed(folder)
    try:
        bundle = Bundle.read(folder)
    except (OSError, ValueError) as error:
        yield str(error)
        return
    broken = [*_not_finite(bundle.weights, bundle.contract.weights), *_not_finite(bundle.vae, VAE)]
    yield from broken or _chunks(bundle, device)


def _not_finite(tensors: Mapping[str, Tensor], what: str) -> Iterator[str]:
    named = [key for key, value in tensors.items() if not bool(torch.isfinite(value).all())]
    if named:
        more = f' and {len(named) - _NAMED} more' if len(named) > _NAMED else ''
        yield f'{what} is not finite in {", ".join(named[:_NAMED])}{more}: damaged, or overflown'


def _chunks(bundle: Bundle, device: str) -> Iterator[str]:
    """A forward pass per way of sampling."""
    try:
        policy = Policy.load(bundle, device=device)
    except (ValueError, RuntimeError) as error:  # in another shape, or not for this device
        yield _line(error)
        return
    statistics, columns = read_statistics(bundle.path / STATISTICS), bundle.contract.state_columns
    try:
        state = middle(span(statistics['state'], columns.names))
        bounds = span(statistics['action'], policy.joint_names)
    except ValueError as error:
        yield str(error)
        return
    for mode in policy.modes:
        rows = policy.infer(_grey(bundle.contract), state, policy.tasks[0], mode)
        yield from _strays(rows - bundle.contract.origin(state), bounds, policy, mode)


def _line(error: Exception) -> str:
    return str(error).partition('\n')[0]


def _strays(rows: NDArray, bounds: Span, policy: Policy, mode: str) -> Iterator[str]:
    lower, upper = bounds
    margin = np.maximum(MARGIN * (upper - lower), LEAST)
    for k, name in enumerate(policy.joint_names):
        low, high = float(rows[:, k].min()), float(rows[:, k].max())
        if not (lower[k] - margin[k] <= low and high <= upper[k] + margin[k]):
            yield (
                f'mode {mode}: rows of {name} reach {low:.4g}..{high:.4g} {policy.units[k]}, the '
                f'data {lower[k]:.4g}..{upper[k]:.4g} (margin {margin[k]:.4g}): '
                'weights, statistics or sampler of another model?'
            )


def span(leaf: Mapping[str, list[float]], names: tuple[str, ...]) -> Span:
    """Lowest and highest value of each column [D] in a group of statistics.

    Raises ValueError for figures of another number of columns: a mode of normalisation reads its
    own two only.
    """
    pair = next(pair for pair in _RANGES if set(pair) <= set(leaf))
    low, high = (np.array(leaf[key], np.float64) for key in pair)
    for key, column in zip(pair, (low, high), strict=True):
        if column.shape != (len(names),):
            raise ValueError(
                f'{STATISTICS}: {key} has shape {list(column.shape)}, but there are {len(names)} '
                'columns: statistics of another robot?'
            )
    return (low - STDS * high, low + STDS * high) if pair == _SPREAD else (low, high)


def middle(bounds: Span) -> NDArray[np.float64]:
    """A state in the middle of the data [D]."""
    return (bounds[0] + bounds[1]) / 2


def _grey(contract: Contract) -> dict[str, NDArray[np.uint8]]:
    return {
        tile.camera: np.full((*tile.smallest, 3), GREY, np.uint8) for tile in contract.mosaic.tiles
    }
