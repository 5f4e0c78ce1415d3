"""Walks a plan ahead of its execution and finds where it would come too near to something.

A few instants per call, so that it can be spread over ticks. No grid of instants: a row of the
clearances (a pair, or a tool point and its bound) that is d away from a margin cannot be there
before the joints have travelled so far that levers @ |dq| = d, and is not looked at until then. A
row near a margin is looked at again after every STEP of such travel, however fast that is: so
what is missed between two looks is shallow (MISSED), at any speed.

A row that is inside the stop margin where the walk begins may stay or move out; it is found when
it comes nearer than it was, or than it was at its best since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fastwam_ros.motion.limits import Array
from fastwam_ros.motion.plan import Plan

if TYPE_CHECKING:
    from fastwam_ros.motion.clearance import Clearance, Near, Rows

STEP = 0.004  # [m] of travel between two looks at a row that is at its stop margin
COARSE = 0.012  # [m] of travel between two looks at a row that is at its slow margin
# [m] into the stop margin that a plan can come unseen, between two looks: half a STEP; less than
# 0.5 mm from straight lines between samples of the plan (at 6 rad/s2, both arms stretched); and
# what solvers and rounding take.
MISSED = 0.003
_SAMPLE = 0.01  # [s] between samples of the plan
_WINDOW = 32  # samples of the plan that are taken at a time
_TOGETHER = 0.05  # [s] rows that are due within this time are looked at together
_SHARP = 0.001  # [s] to which the entry is found
_ROUNDING = 1e-4  # [m]


@dataclass(frozen=True)
class Finding:
    """A place on a plan: u [s] after its start, what is near what there, and its row."""

    u: float
    near: Near
    row: int


class Lookahead:
    """The walk along one plan after the other.

    clear_until [s after the plan's start]: up to there nothing enters its stop margin by more than
    MISSED; infinite once all of the plan is known to be clear. slow_from: the first instant looked
    at at which something was inside its slow margin, infinite for none. found: what look() found.
    """

    def __init__(self, clearance: Clearance) -> None:
        self._clearance = clearance
        self._slows = clearance.slow > clearance.stop
        self.done = True
        self.clear_until = np.inf
        self.slow_from = np.inf
        self.found: Finding | None = None
        self._least = (np.inf, 0.0, 0)  # distance, when, row

    def begin(self, plan: Plan, u0: float = 0.0) -> None:
        """Walk this plan from u0 seconds after its start on."""
        rows = len(self._clearance.names)
        self._plan, self._end = plan, max(plan.duration, u0)
        self.done, self.found = not rows, None
        self.clear_until = u0 if rows else np.inf
        self.slow_from, self._least = np.inf, (np.inf, u0, 0)
        self._floors = np.full(rows, -np.inf)
        self._looked = np.full(rows, u0)
        self._needed = np.full(rows, -np.inf)  # travel at which a row is to be looked at
        self._safe = np.full(rows, -np.inf)  # travel up to which it cannot have entered
        self._close, self._travel, self._q = u0, np.zeros((rows, 1)), np.empty((0, 0))
        self._due = self._clear = np.full(rows, u0)

    def look(self, most: int) -> Finding | None:
        """Take up to `most` more steps, each the look at an instant or the sampling of a stretch.

        Returns the first entry into a stop margin, once found.

        Its u is not later than the entry, and the row is clear there: a plan that is cut there is
        clear. A row that begins inside its margin and comes nearer is found at the beginning.
        """
        for _ in range(most):
            if self.done or self.found is not None:
                break
            self._step()
        return self.found

    @property
    def least(self) -> Finding | None:
        """The smallest distance seen so far, of rows that have a slow margin; None before."""
        distance, u, row = self._least
        if not np.isfinite(distance):
            return None
        self._distances_at(u, np.array([row]))
        return Finding(u, self._clearance.near(row), row)

    def _step(self) -> None:
        u = float(self._due.min())
        if u < self._close:
            self._look(u)
        elif self._close < self._end or not len(self._q):
            self._open(self._close, self._travel[:, -1])
        else:
            self._finish()
        if self.found is None:
            known = min(float(self._due.min()), float(self._clear.min()), self._close)
            self.clear_until = np.inf if self.done else known

    def _finish(self) -> None:
        """Look at the end of the plan at what may have entered since it was looked at."""
        unsure = self._safe < self._travel[:, -1]
        self._due[unsure] = self._end
        if unsure.any():
            self._look(self._end)
        self.done = self.found is None

    def _open(self, u: float, travelled: Array) -> None:
        """Take samples of the plan from u on, up to which the rows have travelled so far [P]."""
        count = min(_WINDOW, max(int(np.ceil((self._end - u) / _SAMPLE)), 1))
        self._begin, self._close = u, u + count * _SAMPLE
        us: Array = np.linspace(u, self._close, count + 1)
        self._q = self._plan.sample(us).q
        moved = np.abs(np.diff(self._q, axis=0)).cumsum(axis=0)
        self._travel = np.empty((len(travelled), count + 1))
        self._travel[:, 0] = travelled
        self._travel[:, 1:] = travelled[:, None] + self._clearance.levers @ moved.T
        self._due, self._clear = np.empty_like(travelled), np.empty_like(travelled)
        self._reckon(np.arange(len(travelled)))

    def _reckon(self, rows: Rows) -> None:
        """When to look at these rows again, and until when they are clear, seen from here."""
        safe, needed = self._safe[rows], self._needed[rows]
        unsure = safe < needed
        self._due[rows] = self._when(rows, needed)
        self._clear[rows] = np.inf
        if unsure.any():
            self._clear[rows[unsure]] = self._when(rows[unsure], safe[unsure])

    def _when(self, rows: Rows, needed: Array) -> Array:
        """When rows [N] have travelled as far as needed [N]: infinite where not in this window."""
        travel = self._travel[rows]
        k = (travel < needed[:, None]).sum(axis=1)
        inside = (k > 0) & (k < travel.shape[1])
        out = np.where(k == 0, self._begin, np.inf)
        n, k = np.flatnonzero(inside), k[inside]
        before, after = travel[n, k - 1], travel[n, k]
        out[n] = self._begin + _SAMPLE * (k - 1 + (needed[n] - before) / (after - before))
        return out

    def _look(self, u: float) -> None:
        rows = np.flatnonzero(self._due <= u + _TOGETHER)
        k = min(int((u - self._begin) / _SAMPLE), len(self._q) - 2)
        part = (u - self._begin) / _SAMPLE - k
        distances = self._clearance.some((1.0 - part) * self._q[k] + part * self._q[k + 1], rows)
        entered = distances < self._floors[rows] - _ROUNDING
        if entered.any():
            self._find(u, rows[entered])
            return
        before, after = self._travel[rows, k], self._travel[rows, k + 1]
        self._extend(u, rows, distances, (1.0 - part) * before + part * after)
        self._note(u, rows, distances)

    def _extend(self, u: float, rows: Rows, distances: Array, travelled: Array) -> None:
        """How far rows may travel that are so far away and have travelled so far at u."""
        stop, slow = self._clearance.stop[rows], self._clearance.slow[rows]
        floors = np.maximum(self._floors[rows], np.minimum(distances, stop))
        room = distances - floors
        free = np.minimum(room, np.maximum(distances - slow, COARSE))
        self._floors[rows], self._looked[rows] = floors, u
        self._safe[rows] = travelled + room + _ROUNDING
        self._needed[rows] = travelled + np.maximum(free, STEP)
        self._reckon(rows)

    def _note(self, u: float, rows: Rows, distances: Array) -> None:
        """Keep the smallest distance, and where the plan comes inside a slow margin."""
        own = np.where(self._slows[rows], distances, np.inf)
        least = int(own.argmin())
        if own[least] < self._least[0]:
            self._least = (float(own[least]), u, int(rows[least]))
        if (own < self._clearance.slow[rows]).any():
            self.slow_from = min(self.slow_from, u)

    def _find(self, u: float, rows: Rows) -> None:
        """Which of the rows that are too near at u came so first, and when."""
        entries = [self._entry(u, row) for row in rows.tolist()]
        first = int(np.argmin(entries))
        self._distances_at(u, rows)
        self.clear_until = entries[first]
        row = int(rows[first])
        self.found = Finding(entries[first], self._clearance.near(row), row)

    def _entry(self, u: float, row: int) -> float:
        """The last instant known to be clear before a row's entry, which is before u."""
        clear, inside = float(self._looked[row]), u
        while inside - clear > _SHARP:
            middle = 0.5 * (clear + inside)
            if self._distances_at(middle, np.array([row]))[0] < self._floors[row] - _ROUNDING:
                inside = middle
            else:
                clear = middle
        return clear

    def _distances_at(self, u: float, rows: Rows) -> Array:
        return self._clearance.some(self._plan.after(u).q, rows)
