"""Clocks: the system's, the steady one, and the ROS clock that /clock can set. Knows no nodes."""

import time

from rosless.refusal import Partial, lookup

from .time import ClockType, Time

__getattr__ = lookup(__name__)


class Clock(Partial):
    """A clock of one type. Clock(clock_type=ROS_TIME) makes a ROSClock, as in rclpy."""

    _absent = frozenset({'create_jump_callback', 'handle', 'sleep_for', 'sleep_until'})

    def __new__(cls, *, clock_type=ClockType.SYSTEM_TIME):
        if not isinstance(clock_type, ClockType):
            raise TypeError(f'clock_type is a ClockType, not {clock_type!r}')
        made = super().__new__(ROSClock if clock_type is ClockType.ROS_TIME else cls)
        made._clock_type = clock_type
        return made

    @property
    def clock_type(self):
        """The type of this clock."""
        return self._clock_type

    def now(self):
        """The Time now."""
        steady = self._clock_type is ClockType.STEADY_TIME
        now = time.monotonic_ns() if steady else time.time_ns()
        return Time(nanoseconds=now, clock_type=self._clock_type)


class ROSClock(Clock):
    """The node's clock: the system's, or what /clock said last while use_sim_time is on."""

    def __new__(cls):
        made = super().__new__(cls, clock_type=ClockType.ROS_TIME)
        made._given, made._simulated = 0, False
        return made

    @property
    def ros_time_is_active(self):
        """Does /clock set this clock?"""
        return self._simulated

    def _follow(self, simulated):
        self._simulated = simulated

    def _set(self, nanoseconds):
        self._given = nanoseconds

    def now(self):
        """The Time now; 0 until the first /clock while simulated."""
        now = self._given if self._simulated else time.time_ns()
        return Time(nanoseconds=now, clock_type=ClockType.ROS_TIME)
