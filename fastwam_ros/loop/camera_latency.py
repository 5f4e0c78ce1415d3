"""By how much pictures lag behind their stamps, found while one joint after another moves.

What a camera shows depends on where the moving joint is. Taken as a function of its position,
pictures of the way there and of the way back agree only where each is set beside the position of
the moment that it shows: with another latency the two ways part, to opposite sides. So neither the
camera's place nor its lens nor what it looks at has to be known, only that something changes.

Pure numbers: stamps of pictures and of readings as they came [s], positions [rad].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline
from scipy.stats import t as student

from fastwam_ros.loop.figures import Figure
from fastwam_ros.loop.film import Film
from fastwam_ros.loop.tracker_fit import SIGMAS, correlated
from fastwam_ros.motion.limits import Array

EARLIEST, LATEST = -0.1, 0.4  # [s] of latency that is looked for
_GRID = 0.004  # [s]
_TRIED = np.arange(EARLIEST, LATEST + _GRID / 2.0, _GRID)
_PARTS = 4  # principal components of a joint's pictures that are looked at
_FEW, _MOST = 4, 12  # coefficients of a picture as a function of position
_PER_BEND = 2  # pictures under way for each of them
_RIDGE = 1e-6
_MOVED = 0.03  # of its way since the picture before: the joint is under way
_FAINT = 3e-3  # of a picture's contrast [rms]: what JPEG makes of a still scene
_CERTAIN = 20.0  # logarithm of how much likelier the best is than most others
_AGREES = 0.5  # share of the changes that the position has to explain
_VAGUE = 0.02  # [s] of uncertainty from which on a figure says nothing
_LEAST = 1e-3  # [s, two deviations] that none is known better: readings come every 5 ms


@dataclass(frozen=True)
class Path:
    """Where a joint was while it went to and fro, by its readings' stamps [N, s], begin to end."""

    stamps: Array
    positions: Array
    begin: float
    end: float

    def at(self, moments: Array) -> Array:
        """Its places [N] then, 0 to 1 from one end of its way to the other."""
        low, high = self.positions.min(), self.positions.max()
        return np.asarray((np.interp(moments, self.stamps, self.positions) - low) / (high - low))


def latency(film: Film, paths: Sequence[Path]) -> Figure | None:
    """From what a picture shows to its stamp [s], as all moves tell it; None: not seen."""
    found = [each for path in paths if (each := _told(film, path)) is not None]
    if not found:
        return None
    values, doubts = np.array(found).T
    weights = doubts**-2.0
    mean = float(np.average(values, weights=weights))
    doubt = SIGMAS * float(weights.sum()) ** -0.5
    if (more := len(values) - 1) > 0:  # moves of one camera may differ by more than each says
        spread = np.average((values - mean) ** 2, weights=weights) / more
        doubt = max(doubt, float(student.ppf(0.977, more) * np.sqrt(spread)))
    figure = Figure(mean, float(np.hypot(doubt, _LEAST)))
    return figure if figure.uncertainty < _VAGUE else None


def _told(film: Film, path: Path) -> tuple[float, float] | None:
    """What one move tells: latency and its standard deviation [s]; None where nothing is seen."""
    stamps, pictures = film.between(path.begin, path.end)
    moving = int(np.sum(np.abs(np.diff(path.at(stamps))) > _MOVED))
    bends = min(moving // _PER_BEND, _MOST)
    if bends < _FEW or (scores := _scores(pictures)) is None:
        return None
    costs = np.array([_cost(_left(path.at(stamps - each), scores, bends)) for each in _TRIED])
    k = int(costs.argmin())
    if k in (0, len(costs) - 1) or np.median(costs) - costs[k] < _CERTAIN:
        return None
    bend = costs[k - 1] - 2.0 * costs[k] + costs[k + 1]
    best = float(_TRIED[k] + 0.5 * (costs[k - 1] - costs[k + 1]) / bend * _GRID)
    left = _left(path.at(stamps - best), scores, bends)
    if np.sum(left**2) > (1.0 - _AGREES) * np.sum(scores**2):
        return None
    alike = max(correlated(column) for column in left.T)
    return best, float(_GRID * np.sqrt(alike * moving / (moving - bends) / bend))


def _scores(pictures: Array) -> Array | None:
    """Principal components [N, _PARTS] of pictures [N, pixels]; None where they do not change."""
    changes = pictures - pictures.mean(axis=0)
    if np.sqrt(np.mean(changes**2)) < _FAINT:
        return None
    powers, weights = np.linalg.eigh(changes @ changes.T)
    return np.asarray(weights * np.sqrt(np.maximum(powers, 0.0)))[:, -_PARTS:]


def _left(places: Array, scores: Array, bends: int) -> Array:
    """Scores [N, parts] less what a smooth function of places [N, 0 to 1] makes of them."""
    knots = np.concatenate([[0.0] * 3, np.linspace(0.0, 1.0, bends - 2), [1.0] * 3])
    base = BSpline.design_matrix(places, knots, 3).toarray()
    # Where no picture was taken nothing is known: hardly bent there.
    ridge = _RIDGE * len(places) * np.eye(bends)
    return np.asarray(scores - base @ np.linalg.solve(base.T @ base + ridge, base.T @ scores))


def _cost(left: Array) -> float:
    """Less its logarithm, how likely what is left [N, parts] is, each part with its own noise."""
    noise = np.sum(left**2, axis=0) + 1e-9
    return float(0.5 * len(left) * np.log(noise).sum())
