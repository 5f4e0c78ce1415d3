"""Keeps arms that follow a person's hand clear of what they may run into, without a plan.

Each tick the way on which the arms could still be stopped is held to what is near: joints that
would come too near on it get goals no farther than where the margin begins, which stand still. A
follower comes to rest at such a goal by itself, smoothly and in time. Joints that lead away, and
those of an arm that is far from it, go on as they like: back out is always free.

Some rows (pairs, or tool points and their bounds) are looked at per tick: first those near
enough, and not looked at for so long, that it matters. In between, and along the way, a distance
is taken to change as its slopes say, less a part of what its levers allow. A row that is inside
the stop margin at the beginning may stay or move out, as in `lookahead`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fastwam_ros.motion.follow import Goal
from fastwam_ros.motion.limits import Array, Limits, State
from fastwam_ros.motion.stop import MARGIN

if TYPE_CHECKING:
    from fastwam_ros.motion.clearance import Clearance, Rows

_ROWS, _THERE = 32, 16  # looked at in one tick, and in the next: a third of a millisecond
# [m] beyond the stop margin at which goals stand: a row is no straight line between two looks.
SPARE = 0.002
_NEAR, _MOVED = 0.005, 0.002  # [m] a row at its margin is looked at as if it had moved so far
_DOUBT = 0.3  # share of what levers allow by which a row may be nearer than its slopes say
_BRAKES = 0.8  # share of a joint's acceleration with which it is taken to stop
_SOFT = 8.0  # [1/s] rate at which a follower comes to the very end of its way
_LATER = 1.25  # times as far a joint goes on that has turned back: its follower may be in no hurry
_FASTER = 0.1  # [rad/s] that a joint may be faster until it is looked at again


class _View(NamedTuple):
    """Distances [N] of some rows at q [D], and their slopes [N, D] there."""

    rows: Rows
    distances: Array
    slopes: Array
    q: Array


class Vicinity:
    """What is near one follower's arms, from where they are at first on."""

    def __init__(self, clearance: Clearance, limits: Limits, q: Array) -> None:
        """q [D]: where the arms are. All rows are looked at."""
        self._clearance, bounds = clearance, limits.share(MARGIN)
        self._accel, self._jerk = _BRAKES * bounds.acceleration, bounds.jerk
        self._knee = 0.5 * self._accel**2 / self._jerk
        count = len(clearance.names)
        self._stop = clearance.stop + SPARE
        self._floors = np.full(count, -np.inf)
        self._seen, self._at = np.zeros(count), np.tile(q, (count, 1))
        self._slopes = np.zeros((count, len(q)))
        self._look(np.arange(count), q)
        self._ahead = False
        self._look_there(np.arange(min(count, _THERE)), q)
        self._words = ''
        self.held = np.zeros(len(q), np.bool_)  # joints that are kept from their goals

    def keep_clear(self, state: State, goals: Sequence[Goal]) -> Sequence[Goal]:
        """The goals for the next tick of joints that are in this state: as they are, or nearer."""
        way, drift = self._way(state, np.array(goals)), self._drift(state)
        moved = self._moved(state.q)
        free = self._free(state.q, moved)
        self._ahead = not self._ahead
        if self._ahead:
            there = state.q + np.where(np.abs(way) > np.abs(drift), way, drift)
            self._look_there(free.argsort()[:_THERE], there)
        else:
            urgency = (moved + _MOVED) / np.maximum(free + _NEAR, _MOVED)
            self._look(urgency.argsort()[-_ROWS:], state.q)
            free = self._free(state.q, self._moved(state.q))
        shares = self._shares(way, drift, state.q, free)
        self.held = shares < 1.0
        if not self.held.any():
            return goals
        kept = (state.q + shares * way).tolist()
        return [
            (kept[i], 0.0, 0.0, 0.0) if held else goals[i]
            for i, held in enumerate(self.held.tolist())
        ]

    def words(self) -> str:
        """What keeps the arms from where the hand leads them, or ''."""
        return self._words if self.held.any() else ''

    def _way(self, state: State, goals: Array) -> Array:
        """How far [D, rad] joints may go on towards their goals before they are looked at again.

        To where the goals come to rest, no farther than where the joints could.
        """
        wanted = goals[:, 0] + np.sign(goals[:, 1]) * self._stops(np.abs(goals[:, 1])) - state.q
        most = self._stops(self._speed(state) + _FASTER)
        return np.clip(wanted, -most, most)

    def _stops(self, speed: Array) -> Array:
        """How far [D, rad] a follower goes on from a speed: it brakes hard, and softly at last."""
        far = np.maximum(speed / _SOFT, speed * (0.5 * speed + self._knee) / self._accel)
        return np.asarray(far)

    def _speed(self, state: State) -> Array:
        """The speeds that joints will have once they shed their accelerations."""
        return np.asarray(np.abs(state.v + 0.5 * state.a * np.abs(state.a) / self._jerk))

    def _drift(self, state: State) -> Array:
        """How far [D, rad] joints go on in any case."""
        speed = self._speed(state)
        return np.asarray(np.sign(state.v) * speed * (0.5 * speed + self._knee) / self._accel)

    def _look(self, rows: Rows, q: Array) -> None:
        if not len(rows):
            return
        seen = self._clearance.some(q, rows)
        self._seen[rows], self._slopes[rows] = seen, self._clearance.slopes(rows)
        self._at[rows] = q
        self._floors[rows] = np.maximum(self._floors[rows], np.minimum(self._stop[rows], seen))

    def _moved(self, q: Array) -> Array:
        """How much [P, m] rows may have changed since they were looked at, at most."""
        return np.einsum('pd,pd->p', self._clearance.levers, np.abs(q - self._at))

    def _free(self, q: Array, moved: Array) -> Array:
        """How much nearer [P, m] things may come."""
        changed = np.einsum('pd,pd->p', self._slopes, q - self._at)
        return np.asarray(self._seen + changed - _DOUBT * moved - self._floors)

    def _look_there(self, rows: Rows, q: Array) -> None:
        """Look at these rows where the arms would be: what turns is not as its slopes say now."""
        self._there = _View(rows, self._clearance.some(q, rows), self._clearance.slopes(rows), q)

    def _shares(self, way: Array, drift: Array, q: Array, free: Array) -> Array:
        """The shares [D] of a way from q that joints may go which drift so far [D] in any case.

        free [P]: how much nearer things may come.
        """
        there = self._there
        expected = there.distances + there.slopes @ (q - there.q) - self._floors[there.rows]
        slopes = np.concatenate([self._slopes, there.slopes])
        free = np.concatenate([free, expected])
        towards = np.maximum(-slopes * way, 0.0)
        drifts = np.where(towards > 0.0, 0.0, np.maximum(-slopes * drift, 0.0))
        free = free - _LATER * drifts.sum(axis=1)
        parts = np.clip(free / np.maximum(towards.sum(axis=1), 1e-9), 0.0, 1.0)
        near = np.flatnonzero(parts < 1.0)
        if not len(near):
            return np.ones(len(way))
        row = int(np.append(np.arange(len(self._seen)), there.rows)[parts.argmin()])
        self._words = f'{self._clearance.names[row]}: {self._seen[row] * 1e3:.0f} mm'
        each = np.where((towards[near] > 0.0) | (drifts[near] > 0.0), parts[near, None], 1.0)
        return np.asarray(each.min(axis=0))
