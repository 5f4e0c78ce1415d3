"""The shortest way to rest: every joint by itself, whatever path that makes.

The way that stays on the plan's own path is `pace`; which of them is taken is the authority's
business.
"""

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

from fastwam_ros.motion.limits import Array, Limits, Mask, State
from fastwam_ros.motion.plan import Hold, Jerks

MARGIN = 0.97  # share of the limits that plans use; the rest absorbs rounding and the path stop


# By how much a stop ends inside of a position limit that its shortest form would pass [rad]: a
# joint that brakes hard when it turns needs a little way back to shed its deceleration.
_INSETS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.04)


def quickest(limits: Limits, state: State) -> tuple[Jerks, Hold]:
    """The shortest jerk-limited stop of every joint by itself, then a hold.

    A joint that would pass a position limit on its way comes to rest inside of it instead, where
    that is possible. Raises ArithmeticError when there is no stop: the state is not finite, or
    beyond the limits.
    """
    if not np.isfinite(state).all():
        raise ArithmeticError(f'no stop from q {state.q}, v {state.v}, a {state.a}')
    stop = _solve(_ask(limits, state), state)
    passing = beyond(limits, stop, state)
    if passing.any():
        stop = _inside(limits, state, passing) or stop
    return stop, Hold(stop.at(stop.duration).q)


def way_of(limits: Limits, speed: Array) -> Array:
    """How far joints [..., D] with a speed >= 0 and no acceleration go on in their shortest stop.

    Braking takes v / A + A / J, or 2 sqrt(v / J) where the acceleration limit A is not reached.
    """
    accel, jerk = limits.acceleration, limits.jerk
    long = np.where(
        speed * jerk >= accel**2, speed / accel + accel / jerk, 2.0 * np.sqrt(speed / jerk)
    )
    return np.asarray(0.5 * speed * long)


def beyond(limits: Limits, motion: Jerks, state: State) -> Mask:
    """Which joints [D] leave the position limits by more than where they started from."""
    low, high = motion.reach()
    slack = limits.excess(state.q) + 1e-6
    outside: Mask = (low < limits.lower - slack) | (high > limits.upper + slack)
    return outside


def _inside(limits: Limits, state: State, passing: Mask) -> Jerks | None:
    """A stop whose passing joints rest inside of the limits that they would pass, or None."""
    ask = _ask(limits, state)
    ask.per_dof_control_interface = [
        ControlInterface.Position if each else ControlInterface.Velocity for each in passing
    ]
    for inset in _INSETS:
        goal = np.clip(state.q, limits.lower + inset, limits.upper - inset)
        up = passing & (state.v > 0.0)
        goal = np.where(up, limits.upper - inset, np.where(passing, limits.lower + inset, goal))
        ask.target_position = goal.tolist()
        try:
            found = _solve(ask, state)
        except ArithmeticError:
            continue
        if not beyond(limits, found, state).any():
            return found
    return None


def _ask(limits: Limits, state: State) -> InputParameter:
    bounds, size = limits.share(MARGIN), len(limits.names)
    ask = InputParameter(size)
    ask.control_interface = ControlInterface.Velocity
    ask.synchronization = Synchronization.No
    ask.current_position, ask.current_velocity = state.q.tolist(), state.v.tolist()
    # A spline's end has some acceleration; one just over the share would make the stop infeasible.
    ask.current_acceleration = np.clip(state.a, -bounds.acceleration, bounds.acceleration).tolist()
    ask.target_velocity = ask.target_acceleration = [0.0] * size
    ask.max_velocity = limits.velocity.tolist()
    ask.max_acceleration, ask.max_jerk = bounds.acceleration.tolist(), bounds.jerk.tolist()
    return ask


def _solve(ask: InputParameter, state: State) -> Jerks:
    answer = Trajectory(len(ask.max_jerk))
    try:
        result = Ruckig(len(ask.max_jerk)).calculate(ask, answer)
    except RuckigError as error:
        raise ArithmeticError(f'no stop from v {state.v}, a {state.a}: {error}') from error
    if result not in (Result.Working, Result.Finished):
        raise ArithmeticError(f'no stop from v {state.v}, a {state.a}: Ruckig said {result}')
    return Jerks.of(answer)
