"""Rules that know limits, or what velocity they command: the common ways to smooth a newest chunk.

In the manner of what each docstring names, in our words. All but the last two know the limits;
which of them keeps them is for the benchmark to say.
"""

import numpy as np
from ruckig import InputParameter, OutputParameter, Ruckig, RuckigError, Synchronization
from scipy.interpolate import CubicHermiteSpline, CubicSpline

from fastwam_ros.apps.splice.rules import AtOnce, Told
from fastwam_ros.motion.limits import Array, Limits, State
from fastwam_ros.motion.quintic import Quintic, quintic

TICK = 0.005  # [s]


class Curve:
    """The C2 spline through a chunk's rows, at rest in the first and last row outside of them."""

    def __init__(self, chunk: Told) -> None:
        ends = (chunk.rows[1] - chunk.rows[0], chunk.rows[-1] - chunk.rows[-2])
        bounds = tuple((1, end / chunk.step) for end in ends)
        self._spline = CubicSpline(chunk.times, chunk.rows, bc_type=bounds)

    def at(self, now: float) -> State:
        t = min(max(now, float(self._spline.x[0])), float(self._spline.x[-1]))
        if t != now:
            return State.rest(self._spline(t))
        return State(*(self._spline(t, n) for n in range(3)))


class Still:
    """Where there is no chunk."""

    def __init__(self, q: Array) -> None:
        self._q = q

    def at(self, now: float) -> State:
        return State.rest(self._q)


class Filter:
    """A rule whose every command goes through its limits, a hand's too."""

    _curve: Curve | Still

    def take(self, now: float, chunk: Told) -> None:
        self._curve = Curve(chunk)

    def at(self, now: float) -> Array:
        raise NotImplementedError

    def follow(self, now: float, q: Array) -> Array:
        self._curve = Still(q)
        return self.at(now)

    def release(self, now: float, q: Array) -> None:
        self._curve = Still(q)


class Clamp(Filter):
    """The newest chunk through per-tick clamps of velocity, acceleration and jerk.

    In the manner of the rate limiters of robot drivers, which are made for smooth streams.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def begin(self, now: float, q: Array) -> None:
        self._state = State.rest(q.copy())
        self._curve = Still(q)

    def at(self, now: float) -> Array:
        limits, (q, v, a) = self._limits, self._state
        speed = np.clip((self._curve.at(now).q - q) / TICK, -limits.velocity, limits.velocity)
        reach = limits.jerk * TICK
        push = np.clip((speed - v) / TICK, np.maximum(a - reach, -limits.acceleration),
                       np.minimum(a + reach, limits.acceleration))  # fmt: skip
        self._state = State(q + (v + push * TICK) * TICK, v + push * TICK, push)
        return self._state.q


class Chase(Filter):
    """Each tick the quickest jerk-limited motion towards the newest chunk, `ahead` seconds on.

    In the manner of online trajectory generators that are given a position and a velocity.
    """

    def __init__(self, limits: Limits, ahead: float) -> None:
        self._limits, self._ahead = limits, ahead
        size = len(limits.names)
        self._ruckig, self._answer = Ruckig(size, TICK), OutputParameter(size)

    def begin(self, now: float, q: Array) -> None:
        limits = self._limits
        self._curve = Still(q)
        self._ask = ask = InputParameter(len(limits.names))
        ask.synchronization = Synchronization.No
        ask.current_position = ask.target_position = q.tolist()
        ask.max_velocity = limits.velocity.tolist()
        ask.max_acceleration, ask.max_jerk = limits.acceleration.tolist(), limits.jerk.tolist()

    def at(self, now: float) -> Array:
        goal, most = self._curve.at(now + self._ahead), 0.99 * self._limits.velocity
        self._ask.target_position = goal.q.tolist()
        self._ask.target_velocity = np.clip(goal.v, -most, most).tolist()
        try:
            self._ruckig.update(self._ask, self._answer)
        except RuckigError:  # of a target that it cannot reach: towards the place alone
            self._ask.target_velocity = [0.0] * len(most)
            self._ruckig.update(self._ask, self._answer)
        self._answer.pass_to_input(self._ask)
        return np.array(self._answer.new_position)


class Residual(AtOnce):
    """A C2 spline through the newest chunk, plus what was left to it when it came.

    The rest (position, velocity, acceleration) goes to zero on a polynomial of fifth degree whose
    duration follows from the limits, with half of them for it. Nothing checks the sum.
    """

    SHARE = 0.5
    SHORTEST = 0.05  # [s]

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def begin(self, now: float, q: Array) -> None:
        self._curve: Curve | Still = Still(q)
        self._rest: tuple[float, Quintic] | None = None

    def take(self, now: float, chunk: Told) -> None:
        before, self._curve = self._state(now), Curve(chunk)
        after = self._curve.at(now)
        gap = State(before.q - after.q, before.v - after.v, before.a - after.a)
        self._rest = (now, quintic(gap, State.rest(np.zeros_like(gap.q)), self._duration(gap)))

    def at(self, now: float) -> Array:
        return self._state(now).q

    def _state(self, now: float) -> State:
        wanted = self._curve.at(now)
        if self._rest is None or now - self._rest[0] >= self._rest[1].duration:
            return wanted
        gap = self._rest[1].at(max(now - self._rest[0], 0.0))  # a clock can be set back
        return State(wanted.q + gap.q, wanted.v + gap.v, wanted.a + gap.a)

    def _duration(self, gap: State) -> float:
        """From the peaks of a quintic over dq in T: 1.875 dq/T, 5.77 dq/T2 and 60 dq/T3."""
        part = self._limits.share(self.SHARE)
        dq, dv = np.abs(gap.q), np.abs(gap.v)
        return float(
            max(
                self.SHORTEST,
                (1.875 * dq / part.velocity).max(),
                np.sqrt(5.77 * dq / part.acceleration).max(),
                np.cbrt(60.0 * dq / part.jerk).max(),
                (1.5 * dv / part.acceleration).max(),
            )
        )


class Hermite(AtOnce):
    """What is left of the newest chunk, by cubics from the position and velocity commanded now.

    In the manner of a joint trajectory controller whose trajectory is replaced: velocities in the
    rows are mean slopes, and the first cubic leads to the next row, however soon that is.
    """

    def begin(self, now: float, q: Array) -> None:
        self._cubics: CubicHermiteSpline | None = None
        self._q = q

    def take(self, now: float, chunk: Told) -> None:
        ahead = chunk.times > now + 1e-3
        if not ahead.any():
            return
        speed = np.gradient(chunk.rows, chunk.step, axis=0)
        speed[-1] = 0.0
        q, v = self._state(now)
        times = np.concatenate(([now], chunk.times[ahead]))
        rows, speeds = np.vstack((q, chunk.rows[ahead])), np.vstack((v, speed[ahead]))
        self._cubics = CubicHermiteSpline(times, rows, speeds)

    def at(self, now: float) -> Array:
        return self._state(now)[0]

    def _state(self, now: float) -> tuple[Array, Array]:
        if self._cubics is None:
            return self._q, np.zeros_like(self._q)
        t = min(max(now, float(self._cubics.x[0])), float(self._cubics.x[-1]))
        return self._cubics(t), self._cubics(t, 1) if t == now else np.zeros_like(self._q)
