"""Joints that head for the newest target, each by itself, as a robot's own tracker does.

Time-optimal within a velocity, an acceleration and a jerk by Ruckig, a period at a time. At the
edge of a limit Ruckig may find a motion that takes much longer than the shortest (seen: 0.64 s
instead of 0.57 s, and many seconds), or none. While targets move that lasts a period; so for some
periods more a target that stands is asked for again, a hair beside it, and what is shorter is
taken; and where there is none another is looked for very near.
"""

from collections.abc import Sequence

from ruckig import (
    ControlInterface,
    InputParameter,
    Result,
    Ruckig,
    RuckigError,
    Synchronization,
    Trajectory,
)

_TRACKS, _STOPS = ControlInterface.Position, ControlInterface.Velocity
_SETTLES = 20  # periods after a change in which every other one looks for a shorter motion
_HAIR = 1e-9  # [rad] beside the target
_WORTH = 1e-3  # [s] of all joints together that a motion must save to be taken instead
_NUDGES = (0.0, 1e-7, -1e-7, 3e-6, -3e-6, 1e-5)  # [rad]


class Chaser:
    """Joints [D] that chase a target. resting: there, or stopped, until something is asked."""

    def __init__(
        self,
        period: float,
        velocity: Sequence[float],
        acceleration: Sequence[float],
        jerk: Sequence[float],
    ) -> None:
        """period [s]; limits [D] in rad/s, rad/s2, rad/s3. At rest at 0, without a target."""
        self._size, self._period = len(velocity), period
        self._ruckig, self._ask = Ruckig(self._size), InputParameter(self._size)
        self._ask.synchronization = Synchronization.No
        self._ask.max_velocity = list(velocity)
        self._ask.max_acceleration, self._ask.max_jerk = list(acceleration), list(jerk)
        self.begin([0.0] * self._size)

    def begin(self, position: list[float]) -> None:
        """At rest at a position [D], without a target."""
        zero = [0.0] * self._size
        self.motion = position, zero, zero
        self.rest()
        self.resting = True

    @property
    def position(self) -> list[float]:
        """Where the joints are [D, rad]; `motion` has velocity and acceleration [D] as well."""
        return self.motion[0]

    def head_for(self, target: list[float], speeds: Sequence[float] | None = None) -> None:
        """A target [D] inside the position limits.

        speeds [D, rad/s] that each joint tracks with from now on, one of 0 stops; None: as before.
        """
        ask = self._ask
        if speeds is None:
            ask.control_interface = _TRACKS
        else:
            pairs = zip(speeds, ask.max_velocity, strict=True)
            ask.max_velocity = [speed or before for speed, before in pairs]
            ask.per_dof_control_interface = [_TRACKS if speed else _STOPS for speed in speeds]
        self._aim(target, 0)

    def rest(self) -> None:
        """Stop as soon as the limits allow, wherever that is."""
        self._ask.per_dof_control_interface = None
        self._ask.control_interface = _STOPS
        self._aim(self.position, _SETTLES)  # what stops has no target to look beside

    def _aim(self, target: list[float], since: int) -> None:
        self._target, self._since, self.resting = target, since, False
        self._way: Trajectory | None = None
        self._time = 0.0

    def step(self) -> None:
        """One period on. Raises ArithmeticError where there is no motion to the target."""
        if self.resting:
            return
        self._since += 1
        way = self._begun() if self._way is None else self._shortened(self._way)
        self._way, self._time = way, self._time + self._period
        position, velocity, acceleration = way.at_time(self._time)
        self.motion = position, velocity, acceleration
        self.resting = self._time >= way.duration

    def _begun(self) -> Trajectory:
        for off in _NUDGES:
            if (way := self._found(off)) is not None:
                return way
        raise ArithmeticError(f'no motion to {self._target} from {self.position}')

    def _shortened(self, way: Trajectory) -> Trajectory:
        """The same, or a shorter one where there is one from here."""
        if self._since >= _SETTLES or self._since % 2:
            return way
        left = sum(max(each - self._time, 0.0) for each in way.independent_min_durations)
        found = self._found(_HAIR)
        if found is None or sum(found.independent_min_durations) > left - _WORTH:
            return way
        self._time = 0.0
        return found

    def _found(self, off: float) -> Trajectory | None:
        ask, way = self._ask, Trajectory(self._size)
        ask.current_position, ask.current_velocity, ask.current_acceleration = self.motion
        ask.target_position = [x + off for x in self._target] if off else self._target
        try:
            result = self._ruckig.calculate(ask, way)
        except RuckigError:
            return None
        return way if result in (Result.Working, Result.Finished) else None
