"""Two ways to come to rest: the shortest one, and one that stays on the plan's own path.

Both end standing still. When to stop, and which way, is the authority's business.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ruckig import ControlInterface, InputParameter, Result, Ruckig, Synchronization, Trajectory

from fastwam_ros.motion.limits import SECOND, Limits, Ns, State
from fastwam_ros.motion.plan import Hold, Jerks, Plan, Segment

MARGIN = 0.97  # share of the limits that plans use; the rest absorbs rounding and the path stop
_PATH_STOPS = (0.3, 0.4, 0.5, 0.65, 0.85, 1.1, 1.5, 2.0)  # [s] durations tried, shortest first
_STEP = 0.01  # [s] grid on which a path stop is checked


def quickest(limits: Limits, state: State) -> tuple[Segment, ...]:
    """The shortest jerk-limited stop of every joint by itself, then a hold.

    Raises ArithmeticError when Ruckig finds none (the state is beyond the limits).
    """
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
    result = Ruckig(size).calculate(ask, answer)
    if result not in (Result.Working, Result.Finished):
        raise ArithmeticError(f'no stop from v {state.v}, a {state.a}: Ruckig said {result}')
    stop = Jerks.of(answer)
    return stop, Hold(stop.at(stop.duration).q)


@dataclass(frozen=True)
class PathStop:
    """A plan passed ever slower until it stands: its path, not its timing, is kept.

    Path time s runs at rate r(u) = 1 - smoothstep5(u / duration), so that velocity and
    acceleration start as the plan's own and end at zero.
    """

    path: Callable[[float], State]  # the plan's state, s seconds after the stop began
    duration: float

    def at(self, u: float) -> State:
        x = min(max(u / self.duration, 0.0), 1.0)
        s = self.duration * (x - x**6 + 3.0 * x**5 - 2.5 * x**4)
        rate = 1.0 - x**3 * (6.0 * x**2 - 15.0 * x + 10.0)
        change = -30.0 * x**2 * (x - 1.0) ** 2 / self.duration
        q, v, a = self.path(s)
        return State(q, v * rate, a * rate**2 + v * change)


def along_path(limits: Limits, plan: Plan, now: Ns) -> tuple[Segment, ...] | None:
    """The shortest stop that keeps the plan's path from plan time `now`, then a hold.

    None when no tried duration stays inside the limits. The jerk is judged by differences of the
    acceleration, as the ticks would see it.
    """
    begin = (now - plan.start) / SECOND
    for duration in _PATH_STOPS:
        stop = PathStop(lambda s: plan.after(begin + s), duration)
        if _inside(limits, stop):
            return stop, Hold(stop.at(duration).q)
    return None


def _inside(limits: Limits, stop: PathStop) -> bool:
    times = np.linspace(0.0, stop.duration, int(np.ceil(stop.duration / _STEP)) + 1)
    states = [stop.at(float(u)) for u in times]
    speed = np.abs([state.v for state in states])
    push = np.array([state.a for state in states])
    jerk = np.abs(np.diff(push, axis=0)) / (times[1] - times[0])
    return bool(
        (speed <= limits.velocity).all()
        and (np.abs(push) <= limits.acceleration).all()
        and (jerk <= limits.jerk).all()
    )
