"""What a command may reach, joint by joint, and the state of all joints at an instant.

Knows numbers and names only: which robot they belong to is somebody else's business.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ns = int  # absolute times are nanoseconds: a float of seconds since 1970 is 0.2 us coarse
SECOND = 10**9


class State(NamedTuple):
    """Position, velocity and acceleration of every joint: arrays [D] in rad, rad/s, rad/s2."""

    q: Array
    v: Array
    a: Array

    @classmethod
    def rest(cls, q: Array) -> 'State':
        """Standing still at q."""
        zero = np.zeros_like(q)
        return cls(q, zero, zero)

    def moving(self) -> bool:
        """Whether any joint has a velocity or an acceleration left, beyond rounding."""
        return bool(np.abs(self.v).max() > 1e-6 or np.abs(self.a).max() > 1e-4)


class LimitedJoint(Protocol):
    """A joint row as a robot description gives it (rad, rad/s, rad/s2, rad/s3)."""

    @property
    def name(self) -> str: ...
    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...
    @property
    def velocity(self) -> float: ...
    @property
    def acceleration(self) -> float: ...
    @property
    def jerk(self) -> float: ...


def frozen(values: Iterable[float]) -> Array:
    """A read-only float64 array."""
    array = np.array(list(values), np.float64)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Limits:
    """Per-joint bounds: arrays [D] in rad, rad/s, rad/s2, rad/s3."""

    names: tuple[str, ...]
    lower: Array
    upper: Array
    velocity: Array
    acceleration: Array
    jerk: Array

    @classmethod
    def of(cls, joints: Iterable[LimitedJoint]) -> 'Limits':
        """The limits of a robot's joint rows, in their order."""
        rows = list(joints)
        return cls(
            names=tuple(row.name for row in rows),
            lower=frozen(row.lower for row in rows),
            upper=frozen(row.upper for row in rows),
            velocity=frozen(row.velocity for row in rows),
            acceleration=frozen(row.acceleration for row in rows),
            jerk=frozen(row.jerk for row in rows),
        )

    @lru_cache(maxsize=16)  # noqa: B019 - a handful of limits live as long as the process
    def share(self, part: float) -> 'Limits':
        """The same positions with `part` of the velocity, acceleration and jerk."""
        return replace(
            self,
            velocity=frozen(part * self.velocity),
            acceleration=frozen(part * self.acceleration),
            jerk=frozen(part * self.jerk),
        )

    def no_faster(self, velocity: Array) -> 'Limits':
        """The same with other velocities [D] in rad/s."""
        return replace(self, velocity=frozen(velocity))

    @property
    def stop_time(self) -> float:
        """Seconds that the slowest joint needs from full speed to rest."""
        return float(
            (self.velocity / self.acceleration + self.acceleration / self.jerk).max(initial=0.0)
        )

    def clamp(self, q: Array) -> Array:
        """q moved into the position limits."""
        return np.clip(q, self.lower, self.upper)

    def excess(self, q: Array) -> Array:
        """By how much q [..., D] is outside the position limits; 0 inside."""
        return np.maximum(np.maximum(self.lower - q, q - self.upper), 0.0)


@dataclass(frozen=True, eq=False)
class Trained:
    """Between which values [N] a policy's actions are expected: rad, and m of opening.

    names [N]: joints and grippers; bundle: whose training data says so.
    """

    bundle: str
    names: tuple[str, ...]
    lower: Array
    upper: Array
