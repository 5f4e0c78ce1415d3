"""How late a method follows what nobody could foresee, and how late it must be.

A reach is followed when half of it is done. The floor is a bound that the limits set to whoever
keeps them: from the state commanded at the first tick after the first chunk that shows the reach
has come, the joint is pushed as hard as they allow, towards and beyond the goal.
"""

from collections.abc import Sequence

import numpy as np
from ruckig import ControlInterface, InputParameter, Ruckig, Trajectory

from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.apps.splice.metrics import crossing, ticks
from fastwam_ros.apps.splice.scenarios import REACH, Delivery, Reach, Truth, ease
from fastwam_ros.motion.limits import Array, Limits, State

WITHIN = 2.0  # [s] after which a reach counts as missed
_WINDOW = round(WITHIN / TICK)


def reaction(truth: Truth, reach: Reach, commands: Array) -> float:
    """Seconds by which commands [N, D] do half of the reach later than the truth; inf if never."""
    first = _first_tick(reach)
    lead = commands[first : first + _WINDOW, reach.lead]
    return crossing(_part(truth, reach, ticks(first, len(lead), TICK), lead), TICK) - _due(
        truth, reach
    )


def floor(
    truth: Truth,
    reach: Reach,
    coming: Sequence[Delivery],
    states: Sequence[State | None],
    limits: Limits,
) -> float:
    """The least reaction [s] that the limits allow from these states; inf where none came."""
    seen = next((each for each in coming if each.seen >= reach.begin), None)
    if seen is None:
        return float('inf')
    tick = int(np.ceil(seen.arrival / TICK))
    state = states[tick] if tick < len(states) else None
    if state is None:
        return float('inf')
    pushed = _pushed(limits, state, reach, ticks(0, _WINDOW, TICK))
    done = crossing(_part(truth, reach, ticks(tick, _WINDOW, TICK), pushed), TICK)
    return done + TICK * (tick - _first_tick(reach)) - _due(truth, reach)


def _due(truth: Truth, reach: Reach) -> float:
    """Seconds from the first tick of the reach until half of it is wanted."""
    times = ticks(_first_tick(reach), _WINDOW, TICK)
    return crossing(_part(truth, reach, times, truth.at(times)[:, reach.lead]), TICK)


def _pushed(limits: Limits, state: State, reach: Reach, times: Array) -> Array:
    """Positions [N] of the leading joint when it goes to its highest velocity at once."""
    joint, sign = reach.lead, float(np.sign(reach.change[reach.lead]))
    most = float(limits.acceleration[joint])
    ask = InputParameter(1)
    ask.control_interface = ControlInterface.Velocity
    ask.current_position, ask.current_velocity = [float(state.q[joint])], [float(state.v[joint])]
    ask.current_acceleration = [float(np.clip(state.a[joint], -most, most))]
    ask.target_velocity, ask.target_acceleration = [sign * float(limits.velocity[joint])], [0.0]
    ask.max_velocity = [10.0 * float(limits.velocity[joint])]  # of no effect on a push
    ask.max_acceleration, ask.max_jerk = [most], [float(limits.jerk[joint])]
    push = Trajectory(1)
    Ruckig(1).calculate(ask, push)
    after = np.maximum(times - push.duration, 0.0) * sign * limits.velocity[joint]
    reached = [push.at_time(min(float(t), push.duration))[0][0] for t in times]
    return np.array(reached) + after


def _part(truth: Truth, reach: Reach, times: Array, positions: Array) -> Array:
    """What part of the reach its leading joint has done at positions [N]."""
    still = truth.still(times)[:, reach.lead]
    for other in truth.reaches:
        if other.begin < reach.begin:
            still = still + other.change[reach.lead] * ease((times - other.begin) / REACH)
    return (positions - still) / reach.change[reach.lead]


def _first_tick(reach: Reach) -> int:
    return int(np.ceil(reach.begin / TICK))
