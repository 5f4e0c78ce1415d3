"""Following a person: bounded motion towards a goal that moves as it likes.

Every tick leaves a joint in a state from which it can stop inside all limits. On most ticks a law
of three nested errors gives its jerk: position asks for a velocity, one from which it can still
stop where it may; velocity asks for an acceleration, acceleration for the jerk. What the goal does
by itself is fed forward, so a smooth motion is followed without a lag of ours and without chatter.
Where that step would not do, the joint takes a step of the shortest jerk-limited motion to the
goal (Ruckig). Joints are plain numbers here: a dozen of them are moved in a quarter of the time
that small arrays take.
"""

from collections.abc import Sequence
from math import sqrt
from typing import TypeAlias

import numpy as np
from ruckig import InputParameter, Result, Ruckig, RuckigError, Trajectory

from fastwam_ros.motion.limits import Array, Limits, State
from fastwam_ros.motion.stop import MARGIN

# One joint's goal: position, velocity and acceleration that it has one period on, and the overrun:
# how far beyond that position the joint may come to rest, should the goal stop dead.
Goal: TypeAlias = tuple[float, float, float, float]

# Rates [1/s] at which errors of position, velocity and acceleration fade: each has to be well
# below the next, which follows it.
_NEARS, _TURNS, _PUSHES = 8.0, 20.0, 70.0
_TURN_JERK = 0.8  # share of the jerk that is planned for a change of velocity
_TOP = 0.985  # share of the velocity bound that is asked for: reaching it takes a little more
_ROUNDING = 1e-10
_THERE = (1e-9, 1e-7, 1e-5)  # [rad, rad/s, rad/s2] from a goal that stands still: it is reached


class Follower:
    """Chases goals from a state, one period [s] per step.

    limits may be lower than what the state has: it is led inside of them.
    """

    def __init__(self, limits: Limits, period: float, state: State) -> None:
        rows = np.array(state).T.tolist()
        self._joints = [Joint(limits, i, period, *row) for i, row in enumerate(rows)]
        self._share = 1.0
        self.state = state

    def step(self, goals: Sequence[Goal] | Array, share: float = 1.0) -> State:
        """The state one period on, towards goals at up to a share of the speed limits.

        goals: one of each joint, or positions [D] that stand still. Raises ArithmeticError when
        there is no motion: the caller stops by other means.
        """
        if share != self._share:
            self._share = share
            for joint in self._joints:
                joint.limit(share)
        if isinstance(goals, np.ndarray):
            goals = [(q, 0.0, 0.0, 0.0) for q in goals.tolist()]
        rows = [joint.step(*goal) for joint, goal in zip(self._joints, goals, strict=True)]
        self.state = State(*map(np.array, zip(*rows, strict=True)))
        return self.state


class Joint:
    """One joint: its bounds, its state (q, v, a), and how it is moved."""

    def __init__(
        self, limits: Limits, index: int, period: float, q: float, v: float, a: float
    ) -> None:
        bounds = limits.share(MARGIN)
        self.name, self.q, self.v, self.a = limits.names[index], q, v, a
        self._lower, self._upper = float(limits.lower[index]), float(limits.upper[index])
        self._most = float(bounds.velocity[index])
        self._accel, self._jerk = float(bounds.acceleration[index]), float(bounds.jerk[index])
        self._h = (period, period**2 / 2.0, period**3 / 6.0)
        self._knee = 0.5 * self._accel**2 / self._jerk  # [rad/s] gained while `accel` is shed
        self._turn = 2.0 * _TURN_JERK * self._jerk
        self._bend = 0.5 * self._turn / _TURNS  # [rad/s2] up to which turns are linear
        # Not more than a tick can do: an acceleration between two that are allowed is allowed.
        self._pushes = min(_PUSHES, 0.5 / period)
        self._ask: InputParameter | None = None
        self.limit(1.0)

    def limit(self, share: float) -> None:
        """Ask for a share of the speed limit from now on; a speed above it falls to it."""
        speed = self._speed = share * self._most
        self._top, self._calm = _TOP * speed, speed - self._knee
        # Where any state that is calm can be brought to rest inside the limits.
        reach = speed * ((0.5 * speed + self._knee) / self._accel + self._accel / self._jerk)
        self._inner = self._lower + reach, self._upper - reach
        self._ask = None

    def step(self, q: float, v: float, a: float, overrun: float) -> tuple[float, float, float]:
        """The state one period on, towards a goal. Raises ArithmeticError when there is none.

        One function, because calls would cost as much as what they compute.
        """
        upper, lower, accel, knee = self._upper, self._lower, self._accel, self._knee
        q = upper if q > upper else lower if q < lower else q
        if q != q:
            raise ArithmeticError(f'no motion towards {q}, which is where {self.name} should be')
        if v == 0.0 and self._reached(q):
            self.q, self.v, self.a = q, 0.0, 0.0
            return q, 0.0, 0.0
        h, h2, h3 = self._h
        push = self.a
        at, speed = self.q + h * self.v + h2 * push, self.v + h * push  # without a jerk

        # The velocity to wish for is the goal's and what makes up for the miss, but none from
        # which the joint cannot stop within its room: up to the overrun beyond the goal, whose
        # edge moves as the goal does, or up to a limit, which stands. `lead` is how that velocity
        # changes by itself.
        wish = v + _NEARS * (q - at)
        if wish >= 0.0:
            size, room, hard, edge = wish, q - at + overrun, upper - at, v
        else:
            size, room, hard, edge = -wish, at - q + overrun, at - lower, v
        if hard < room:
            room, edge = hard, 0.0
        if size <= self._top and size * (0.5 * size + knee) <= accel * room:
            lead = a + _NEARS * (v - speed)
        else:
            root = sqrt(knee * knee + 2.0 * accel * room) if room > 0.0 else knee
            most = self._top if self._top < root - knee else root - knee
            lead = accel / root * (edge - speed) if (edge < speed) == (wish >= 0.0) else 0.0
            wish = most if wish >= 0.0 else -most

        # The acceleration turns to that velocity with a share of the jerk, linearly where it is
        # near; the jerk follows it.
        short, bend = wish - speed, self._bend
        if short >= 0.0:
            aim = lead + sqrt(bend * bend + self._turn * short) - bend
        else:
            aim = lead - sqrt(bend * bend - self._turn * short) + bend
        aim = accel if aim > accel else -accel if aim < -accel else aim
        jerk, most = self._pushes * (aim - push), self._jerk
        jerk = most if jerk > most else -most if jerk < -most else jerk

        at, speed, push = at + h3 * jerk, speed + h2 * jerk, push + h * jerk
        left, right = self._inner
        calm = left < at < right and -self._calm < speed < self._calm
        if not calm and not self._stops(at, speed, push):
            at, speed, push = self._shortest(q)
        self.q, self.v, self.a = at, speed, push
        return at, speed, push

    def _reached(self, goal: float) -> bool:
        near, slow, soft = _THERE
        return abs(goal - self.q) < near and abs(self.v) < slow and abs(self.a) < soft

    def _stops(self, q: float, v: float, a: float) -> bool:
        """Whether a state can be brought to rest inside the limits.

        A speed over the bound (it was lowered, or the plan before had it) may only fall.
        """
        speed, shed = abs(v), abs(v + 0.5 * a * abs(a) / self._jerk)  # with no acceleration left
        if shed > self._speed and shed > abs(self.v + 0.5 * self.a * abs(self.a) / self._jerk):
            return False
        if shed > speed:
            way = shed * ((0.5 * shed + self._knee) / self._accel + abs(a) / self._jerk)
        else:
            way = speed * (0.5 * speed + self._knee) / self._accel
        return q + way <= self._upper + _ROUNDING and q - way >= self._lower - _ROUNDING

    def _shortest(self, goal: float) -> tuple[float, float, float]:
        """The state one period on, on the shortest motion to a goal that stands still."""
        ask = self._ask = self._ask or self._question()
        ask.current_position, ask.current_velocity = [self.q], [self.v]
        ask.current_acceleration, ask.target_position = [self.a], [goal]
        found = Trajectory(1)
        try:
            result = Ruckig(1).calculate(ask, found)
        except RuckigError as error:
            raise ArithmeticError(f'no motion of {self.name} towards {goal}: {error}') from error
        if result not in (Result.Working, Result.Finished):
            raise ArithmeticError(f'no motion of {self.name} towards {goal}: Ruckig said {result}')
        (q,), (v,), (a,) = found.at_time(self._h[0])
        return q, v, a

    def _question(self) -> InputParameter:
        ask = InputParameter(1)
        ask.max_velocity, ask.max_acceleration = [self._speed], [self._accel]
        ask.max_jerk = [self._jerk]
        return ask
