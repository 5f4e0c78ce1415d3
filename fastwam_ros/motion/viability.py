"""Whether what moves can be brought to rest inside the position limits, at any of its instants.

Near a position limit a joint may only be so fast that it can still stop before it. A plan that
keeps this everywhere can be left at any tick by the shortest stop.
"""

import numpy as np

from fastwam_ros.motion.limits import Array, Limits, State
from fastwam_ros.motion.stop import MARGIN, beyond, quickest, way_of

_ROUNDING = 1e-6  # [rad]


def way(limits: Limits, v: Array, a: Array) -> Array:
    """How far [rad] joints with v, a [..., D] get in the positive direction when they stop.

    An upper bound for a stop with MARGIN of acceleration A and jerk J, in closed form. Pushing
    forward, a joint first sheds its acceleration, a / J long; then it brakes (`way_of`). Braking
    already, it counts as if it had to begin now.
    """
    bounds = limits.share(MARGIN)
    jerk = bounds.jerk
    push = np.maximum(a, 0.0)
    late = np.maximum(push**2 + 2.0 * jerk * np.minimum(v, 0.0), 0.0)
    push = np.where(v < 0.0, np.sqrt(late), push)  # what is left of it when v has come to zero
    fast = np.maximum(v, 0.0)
    peak = fast + push**2 / (2.0 * jerk)
    shed = push / jerk * (fast + push**2 / (3.0 * jerk))
    return np.asarray(shed + way_of(bounds, peak))


def stranded(limits: Limits, states: State) -> tuple[int, str] | None:
    """The first of states [N, D] from which no stop stays inside the position limits, and a joint.

    None where there is none. Most states are cleared in closed form; the stops of the others are
    computed.
    """
    q, v, a = states
    above = q + way(limits, v, a) - np.maximum(q, limits.upper)
    below = np.minimum(q, limits.lower) - q + way(limits, -v, -a)
    for n in np.flatnonzero((np.maximum(above, below) > _ROUNDING).any(axis=1)).tolist():
        state = State(q[n], v[n], a[n])
        try:
            passing = beyond(limits, quickest(limits, state)[0], state)
        except ArithmeticError:
            passing = np.ones(q.shape[1], np.bool_)
        if passing.any():
            return n, limits.names[int(passing.argmax())]
    return None
