"""Two ways to come to rest: the shortest one, and one that stays on the plan's own path.

Both end standing still. When to stop, and which way, is the authority's business.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ruckig import (
    ControlInterface,
    InputParameter,
    Result,
    Ruckig,
    RuckigError,
    Synchronization,
    Trajectory,
)

from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns, State
from fastwam_ros.motion.plan import Hold, Jerks, Plan, Segment

MARGIN = 0.97  # share of the limits that plans use; the rest absorbs rounding and the path stop
# Durations of a path stop that are tried [s], shortest first.
_PATH_STOPS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0)
_STEP = 0.005  # [s] on which a path stop is checked


def quickest(limits: Limits, state: State) -> tuple[Segment, ...]:
    """The shortest jerk-limited stop of every joint by itself, then a hold.

    Raises ArithmeticError when there is none: the state is not finite, or beyond the limits.
    """
    if not np.isfinite(state).all():
        raise ArithmeticError(f'no stop from q {state.q}, v {state.v}, a {state.a}')
    bounds = limits.share(MARGIN)
    size = len(limits.names)
    ask = InputParameter(size)
    ask.control_interface = ControlInterface.Velocity
    ask.synchronization = Synchronization.No
    ask.current_position, ask.current_velocity = state.q.tolist(), state.v.tolist()
    # A spline's end has some acceleration; one just over the share would make the stop infeasible.
    ask.current_acceleration = np.clip(state.a, -bounds.acceleration, bounds.acceleration).tolist()
    ask.target_velocity = ask.target_acceleration = [0.0] * size
    ask.max_velocity = limits.velocity.tolist()
    ask.max_acceleration, ask.max_jerk = bounds.acceleration.tolist(), bounds.jerk.tolist()
    answer = Trajectory(size)
    try:
        result = Ruckig(size).calculate(ask, answer)
    except RuckigError as error:
        raise ArithmeticError(f'no stop from v {state.v}, a {state.a}: {error}') from error
    if result not in (Result.Working, Result.Finished):
        raise ArithmeticError(f'no stop from v {state.v}, a {state.a}: Ruckig said {result}')
    stop = Jerks.of(answer)
    return stop, Hold(stop.at(stop.duration).q)


@dataclass(frozen=True)
class PathStop:
    """A plan passed ever slower until it stands: its path, not its timing, is kept.

    Path time s runs at rate 1 - smoothstep5(u / duration), so that velocity and acceleration
    start as the plan's own and end at zero.
    """

    path: Callable[[float], State]  # the plan's state, s seconds after the stop began
    duration: float

    def at(self, u: float) -> State:
        s, rate, change, _ = _pace(min(max(u / self.duration, 0.0), 1.0), self.duration)
        q, v, a = self.path(float(s))
        return State(q, v * rate, a * rate**2 + v * change)


def _pace(x: Array | float, duration: float) -> tuple[Array, Array, Array, Array]:
    """Path time s at u = x * duration of a path stop, and its three derivatives."""
    x = np.asarray(x, np.float64)
    s = duration * (x - x**6 + 3.0 * x**5 - 2.5 * x**4)
    rate = 1.0 - x**3 * (6.0 * x**2 - 15.0 * x + 10.0)
    change = -30.0 * x**2 * (x - 1.0) ** 2 / duration
    return s, rate, change, -60.0 * x * (2.0 * x**2 - 3.0 * x + 1.0) / duration**2


def along_path(limits: Limits, plan: Plan, now: Ns) -> tuple[Segment, ...] | None:
    """The shortest stop that keeps the plan's path from plan time `now`, then a hold.

    None when no tried duration stays inside the limits. A stop runs through half its duration of
    path time, which is sampled once for all durations.
    """
    begin = (now - plan.start) / SECOND
    ahead = plan.sample(begin + np.arange(0.0, _PATH_STOPS[-1] / 2.0 + 2.0 * _STEP, _STEP))
    for duration in _PATH_STOPS:
        if _inside(limits, ahead, duration):
            stop = PathStop(lambda s: plan.after(begin + s), duration)
            return stop, Hold(stop.at(duration).q)
    return None


def _inside(limits: Limits, ahead: State, duration: float) -> bool:
    """Whether a path stop through the states ahead [N, D], _STEP apart, keeps all limits.

    With p(s) the path and primes its derivatives: v = p' r, a = p'' r2 + p' r',
    jerk = p''' r3 + 3 p'' r r' + p' r'', r being the rate of s.
    """
    s, *pace = _pace(np.linspace(0.0, 1.0, round(duration / _STEP) + 1), duration)
    k = np.minimum((s / _STEP).astype(int), len(ahead.v) - 2)
    part = (s / _STEP - k)[:, None]
    speed = ahead.v[k] + part * (ahead.v[k + 1] - ahead.v[k])
    push = ahead.a[k] + part * (ahead.a[k + 1] - ahead.a[k])
    jerk = (ahead.a[k + 1] - ahead.a[k]) / _STEP
    r, dr, ddr = (row[:, None] for row in pace)
    return bool(
        (np.abs(speed * r) <= limits.velocity).all()
        and (np.abs(push * r**2 + speed * dr) <= limits.acceleration).all()
        and (np.abs(jerk * r**3 + 3.0 * push * r * dr + speed * ddr) <= limits.jerk).all()
    )
