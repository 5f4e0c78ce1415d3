"""Following a person: bounded motion towards a target that moves as it likes.

Each tick the shortest jerk-limited motion from the commanded state to the newest target is begun
anew and followed for one period, so every command is inside the limits whatever the target does.
"""

import numpy as np
from ruckig import (
    InputParameter,
    OutputParameter,
    Result,
    Ruckig,
    RuckigError,
    Synchronization,
)

from fastwam_ros.motion.limits import Array, Limits, State
from fastwam_ros.motion.stop import MARGIN


class Clutch:
    """Turns a person's joint positions into goals that start where the arms already are.

    A joint's offset is fixed when its first position arrives: the hand may be anywhere then.
    """

    def __init__(self, start: Array) -> None:
        self.goal = start.copy()
        self._offset = np.full_like(start, np.nan)

    def move(self, positions: Array) -> None:
        """Take positions [D]; NaN where the person commands nothing."""
        given = np.isfinite(positions)
        fresh = given & np.isnan(self._offset)
        self._offset[fresh] = self.goal[fresh] - positions[fresh]
        self.goal[given] = positions[given] + self._offset[given]


class Follower:
    """Chases targets from a state, one period [s] per step."""

    def __init__(self, limits: Limits, period: float, state: State) -> None:
        bounds, size = limits.share(MARGIN), len(limits.names)
        self._limits = limits
        self._ruckig, self._answer = Ruckig(size, period), OutputParameter(size)
        self._ask = ask = InputParameter(size)
        ask.synchronization = Synchronization.No
        ask.max_velocity = bounds.velocity.tolist()
        ask.max_acceleration, ask.max_jerk = bounds.acceleration.tolist(), bounds.jerk.tolist()
        ask.current_position, ask.current_velocity = state.q.tolist(), state.v.tolist()
        ask.current_acceleration = np.clip(
            state.a, -bounds.acceleration, bounds.acceleration
        ).tolist()
        ask.target_position = state.q.tolist()
        self.state = state

    def step(self, target: Array) -> State:
        """The state one period on, towards target [D] (moved into the position limits).

        Raises ArithmeticError when Ruckig fails: the caller stops by other means.
        """
        self._ask.target_position = self._limits.clamp(target).tolist()
        try:
            result = self._ruckig.update(self._ask, self._answer)
        except RuckigError as error:
            raise ArithmeticError(f'no motion towards {target.tolist()}: {error}') from error
        if result not in (Result.Working, Result.Finished):
            raise ArithmeticError(f'no motion towards {target.tolist()}: Ruckig said {result}')
        self._answer.pass_to_input(self._ask)
        answer = self._answer
        self.state = State(
            np.array(answer.new_position),
            np.array(answer.new_velocity),
            np.array(answer.new_acceleration),
        )
        return self.state
