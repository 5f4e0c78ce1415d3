"""One joint's tracker from what was commanded and what was measured.

The robot's own follower is modelled as it is in `motion.tracking`: for the newest target, within a
velocity, an acceleration and a jerk, after a delay. Candidates of all three are run at once on the
commands; delay and sag of each follow from the readings. What the commands could not reach has no
figure: only a bound. Pure numbers: times [s], positions [rad].
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from fastwam_ros.loop.figures import Figure, Fit
from fastwam_ros.loop.likeness import STEP, Response, run
from fastwam_ros.motion.limits import Array

LONGEST = 0.25  # [s] of delay that is looked for
FAR = 1e4  # rad/s2, rad/s3: no limit at all
SIGMAS = 2.0  # of an uncertainty that is stated
DOUBT = 4.0  # the same, from which on a limit was reached for certain
_GRID = (
    (0.1, 0.14, 0.2, 0.28, 0.4, 0.56, 0.8, 1.1, FAR),  # velocity [rad/s]
    (0.5, 1.2, 3.0, 7.0, 16.0, 40.0),  # acceleration [rad/s2]
    (2.0, 5.0, 12.0, 30.0, 75.0, 200.0, 800.0),  # jerk [rad/s3]
)
_ROUNDS = 15  # of the search
_GAIN, _STRIDE = 1e-4, 0.7  # share of the cost that a round must save; logarithm it may step
_ALIKE = 0.1  # in logarithms, of all three: of one valley
_LEAST, _WORST = 1e-2, 1e9
_DEEPEST, _NEAR = 5.0, 0.05  # e-folds that a bound is looked for in, and how finely
_MODEL = 1e-4  # [rad] that the best model may be off everywhere: servos are not modelled
_GRIDS = 5e-5  # [rad, rms] that steps of two grids make of the same tracker
_BEND = 0.01  # in logarithms, for slopes
_PLAYS = (0.02, 0.04, 0.08, 0.16, 0.32)
_VAGUE = 0.5  # share of a value that its uncertainty is no more than, or a bound says more
_RELATIVE = 0.02  # share that no figure is known better than, for the same reason


def fit(response: Response) -> Fit:
    """The tracker that answers as measured."""
    search = _Search(response)
    # There are many valleys: all are gone down, and the deepest is taken.
    ends = search.settle(search.coarse())
    return search.figures(ends[search.costs(ends)[0].argmin()])


class _Search:
    """Candidates of velocity, acceleration and jerk [3] on one response."""

    def __init__(self, response: Response) -> None:
        self._response = response
        shifts, self._steps = int(LONGEST / STEP), len(response.measured) - int(LONGEST / STEP)
        measured = response.measured
        read = np.stack([measured[k : k + self._steps] for k in range(shifts + 1)])
        self._read = read - read.mean(axis=1, keepdims=True)
        # Of the readings themselves [rad], twice over: most of the time the joint rests.
        self.noise = (
            2.0 * float(np.median(np.abs(np.diff(measured, 2)))) / (0.6745 * math.sqrt(6.0))
        )

    def coarse(self) -> Array:
        """The best of a grid for each velocity and jerk in it [N, 3]: there are many valleys."""
        speeds = sorted({min(speed, self._response.cap) for speed in _GRID[0]})
        grid = np.array(np.meshgrid(speeds, *_GRID[1:])).reshape(3, -1).T
        costs = self.costs(grid)[0]
        slices = [np.flatnonzero(grid[:, k] == one) for k in (0, 2) for one in set(grid[:, k])]
        chosen = sorted({int(each[costs[each].argmin()]) for each in slices})
        # Where a limit is not reached its value is all the same.
        _, different = np.unique(np.log(costs[chosen]).round(9), return_index=True)
        return grid[np.array(chosen)[different]]

    def settle(self, starts: Array, free: Sequence[int] = (0, 1, 2)) -> Array:
        """The best that is reached from each start [S, 3] by changing the free figures."""
        best, costs = starts.copy(), self.costs(starts)[0]
        open_ends = np.arange(len(starts))
        for _ in range(_ROUNDS):
            near = self._near(best[open_ends], free)
            every, found = np.arange(len(near)), self.costs(near.reshape(-1, 3))[0]
            steps = found.reshape(near.shape[:2])
            least = steps.argmin(axis=1)
            better = steps[every, least] < costs[open_ends] * (1.0 - _GAIN)
            open_ends = open_ends[better]
            best[open_ends] = near[every, least][better]
            costs[open_ends] = steps[every, least][better]
            open_ends = open_ends[_apart(best[open_ends], costs[open_ends])]
            if not len(open_ends):
                break
        return best

    def _near(self, figures: Array, free: Sequence[int]) -> Array:
        """Steps [S, N, 3] from each of figures [S, 3] that lead to less."""
        left, slopes = self._residuals(figures)
        pairs = zip(figures, left.T, slopes, strict=True)
        steps = [[best * step for step in _steps(one, each, free)] for best, one, each in pairs]
        near = np.clip(steps, _LEAST, FAR)
        near[..., 0] = np.minimum(near[..., 0], self._response.cap)
        return near

    def cost(self, figures: Array) -> float:
        """Mean square of what it leaves [rad2]."""
        return float(self.costs(figures[None])[0][0])

    def costs(self, candidates: Array) -> tuple[Array, Array]:
        """Mean square of what each leaves [P, rad2], and its delay [P, s]; sag left out."""
        return self._judge(run(self._response, candidates)[: self._steps])

    def _judge(self, modelled: Array) -> tuple[Array, Array]:
        """The same of what was modelled [T, P]."""
        centred = modelled - modelled.mean(axis=0)
        power = np.mean(self._read**2, axis=1)[:, None] + np.mean(centred**2, axis=0)
        costs = power - 2.0 * self._read @ centred / len(modelled)
        return _vertex(np.where(np.isfinite(costs), costs, _WORST))

    def figures(self, best: Array) -> Fit:
        """The fit with what is known of it."""
        lefts, all_slopes = self._residuals(best[None])
        left, slopes = lefts[:, 0], all_slopes[0]
        sag, residual = float(left.mean()), float(left.std())
        noise = residual**2 * correlated(left - sag) + _MODEL**2
        enough = self.cost(best) + DOUBT**2 * noise / len(left) + _GRIDS**2
        reached = [self._without(best, k, FAR) > enough for k in range(3)]
        known = np.abs(np.diag(np.linalg.pinv(slopes.T @ slopes)))
        spread = (SIGMAS * np.sqrt(known * noise)).tolist()
        coarse = [_RELATIVE, _RELATIVE, max(_RELATIVE, self._coarse(best))]
        shares = np.hypot(spread[:3], coarse).tolist()
        if not all(reached):  # slopes say nothing of a limit that is only just not reached
            shares = [
                max(each, self._play(best, k, enough)) if reached[k] else each
                for k, each in enumerate(shares)
            ]
        found = [
            Figure(value, value * shares[k])
            if reached[k] and shares[k] < _VAGUE
            else Figure(self._bound(best, k, enough), at_least=True)
            for k, value in enumerate(best.tolist())
        ]
        # A command waits for the tracker's next step, and that is done at once: half of it.
        delay = Figure(self._shift(best) - STEP / 2.0, float(np.hypot(spread[3], STEP)))
        lag = Figure(sag, float(np.hypot(spread[4], _MODEL)))
        velocity, acceleration, jerk = found
        model = float(best[0]), float(best[1]), float(best[2])
        return Fit(velocity, acceleration, jerk, delay, lag, residual, model)

    def _coarse(self, best: Array) -> float:
        """Share of the time of a change of acceleration that half a step is."""
        push = np.abs(np.diff(run(self._response, best[None])[:, 0], 2)).max() / STEP**2
        return float(0.5 * STEP * best[2] / max(push, 1e-9))

    def _shift(self, figures: Array) -> float:
        """By how much later than modelled it was measured [s]."""
        return float(self.costs(figures[None])[1][0])

    def _residuals(self, figures: Array) -> tuple[Array, Array]:
        """What each of figures [S, 3] leaves [T, S], and its slopes [S, T, 5].

        By the logarithms of all three, delay and sag.
        """
        bends = np.exp(_BEND * np.vstack([np.zeros(3), np.eye(3), -np.eye(3)]))
        runs = run(self._response, (figures[:, None] * bends).reshape(-1, 3))[: self._steps]
        ways = runs.reshape(len(runs), len(figures), len(bends))
        times = np.arange(len(self._response.measured)) * STEP
        at = times[: self._steps, None] + self._judge(ways[:, :, 0])[1]
        read = np.interp(at, times, self._response.measured)
        speed = np.interp(at, times, np.gradient(self._response.measured, STEP))
        slopes = np.nan_to_num((ways[:, :, 1:4] - ways[:, :, 4:]) / (2.0 * _BEND))
        columns = np.dstack([slopes, -speed, np.ones_like(read)])
        return np.nan_to_num(read - ways[:, :, 0]), columns.transpose(1, 0, 2)

    def _without(self, best: Array, which: int, value: float) -> float:
        """What is left at best with one figure at a value, the others made up for it."""
        others = [k for k in range(3) if k != which]
        return self.cost(self.settle(_changed(best, which, value)[None], others)[0])

    def _play(self, best: Array, which: int, enough: float) -> float:
        """Share by which one figure may be off to both sides before the readings forbid it."""
        for share in _PLAYS:
            sides = [float(best[which]) * math.exp(off) for off in (-share, share)]
            if min(self._without(best, which, value) for value in sides) > enough:
                return share
        return math.inf

    def _bound(self, best: Array, which: int, enough: float) -> float:
        """The lowest value of one figure that the readings still allow."""
        low, high = 0.0, _DEEPEST  # of how many e-folds it can be lower
        while high - low > _NEAR:
            middle = 0.5 * (low + high)
            value = float(best[which]) * math.exp(-middle)
            if self._without(best, which, value) <= enough:
                low = middle
            else:
                high = middle
        return float(best[which]) * math.exp(-high)


def _apart(figures: Array, costs: Array) -> list[int]:
    """Which of figures [S, 3] have none beside them that is better: both would end there."""
    kept: list[int] = []
    for each in np.argsort(costs, kind='stable').tolist():
        if all(np.abs(np.log(figures[each] / figures[k])).max() > _ALIKE for k in kept):
            kept.append(each)
    return sorted(kept)


def _steps(left: Array, slopes: Array, free: Sequence[int]) -> Iterator[Array]:
    """Factors [3] that lead to less being left, bold ones first (Levenberg and Marquardt's)."""
    columns = slopes[:, [*free, 3, 4]]
    bend, pull = columns.T @ columns, columns.T @ left
    scale = np.diag(bend) + 1e-12
    for damping in (1e-4, 1e-2, 0.3, 10.0):
        step = np.linalg.solve(bend + np.diag(damping * scale), pull)
        factors = np.ones(3)
        factors[list(free)] = np.exp(np.clip(step[: len(free)], -_STRIDE, _STRIDE))
        yield factors


def correlated(left: Array) -> float:
    """How many of the values [N] tell as much as one that is independent of the others."""
    power = np.abs(np.fft.rfft(left, 2 * len(left))) ** 2
    shares = np.fft.irfft(power)[: len(left)]
    shares = shares / shares[0] if shares[0] > 0.0 else np.eye(1, len(left))[0]
    ends = int(np.argmax(shares <= 0.0)) or len(shares)
    return float(1.0 + 2.0 * shares[1:ends].sum())


def _vertex(costs: Array) -> tuple[Array, Array]:
    """The least of costs by shift [K, P] between its neighbours, and where [P, s]."""
    every = np.arange(costs.shape[1])
    k = np.clip(costs.argmin(axis=0), 1, len(costs) - 2)
    before, at, after = costs[k - 1, every], costs[k, every], costs[k + 1, every]
    bend = np.maximum(before - 2.0 * at + after, 1e-300)
    off = np.clip(0.5 * (before - after) / bend, -1.0, 1.0)
    return np.maximum(at - 0.25 * (before - after) * off, 0.0), (k + off) * STEP


def _changed(figures: Array, which: int, value: float) -> Array:
    changed = figures.copy()
    changed[which] = value
    return changed
