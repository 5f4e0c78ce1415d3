"""Clocks: the system's, the steady one, and the ROS clock that /clock can set. Knows no nodes."""

import threading
import time
import weakref

from rosless.refusal import Partial, lookup

from .exceptions import NotInitializedException
from .time import ClockType, Time
from .utilities import get_default_context

__getattr__ = lookup(__name__)

LOOK = 0.1  # s between two looks whether the context is up


class Clock(Partial):
    """A clock of one type. Clock(clock_type=ROS_TIME) makes a ROSClock, as in rclpy."""

    _absent = frozenset({'create_jump_callback', 'handle'})
    _simulated = False

    def __new__(cls, *, clock_type=ClockType.SYSTEM_TIME):
        if not isinstance(clock_type, ClockType):
            raise TypeError(f'clock_type is a ClockType, not {clock_type!r}')
        made = super().__new__(ROSClock if clock_type is ClockType.ROS_TIME else cls)
        made._clock_type = clock_type
        made._read = time.monotonic_ns if clock_type is ClockType.STEADY_TIME else time.time_ns
        made._timers = weakref.WeakSet()
        made._changed = threading.Condition()  # the clock was set
        return made

    @property
    def clock_type(self):
        """The type of this clock."""
        return self._clock_type

    def now(self):
        """The Time now; 0 until the first /clock while simulated."""
        return Time(nanoseconds=self._read(), clock_type=self._clock_type)

    def sleep_until(self, until, context=None):
        """Sleeps until a Time of this clock. False: woken by shutdown or use_sim_time.

        Simulated time passes in another thread's spin. Raises ValueError (another clock's time),
        NotInitializedException.
        """
        context = context or get_default_context()
        if not context.ok():
            raise NotInitializedException
        if until.clock_type != self._clock_type:
            raise ValueError(f'{until} is not a time of a {self._clock_type.name} clock')
        simulated = self._simulated
        with self._changed:
            while context.ok() and self._simulated == simulated:
                left = until.nanoseconds - self._read()
                if left <= 0:
                    return True
                self._changed.wait(LOOK if simulated else min(LOOK, left / 1e9))
        return False

    def sleep_for(self, rel_time, context=None):
        """Sleeps for a Duration of this clock, as sleep_until() does."""
        return self.sleep_until(self.now() + rel_time, context)


class ROSClock(Clock):
    """The node's clock: the system's, or what /clock said last while use_sim_time is on."""

    def __new__(cls):
        made = super().__new__(cls, clock_type=ClockType.ROS_TIME)
        made._given = 0
        return made

    @property
    def ros_time_is_active(self):
        """Does /clock set this clock?"""
        return self._simulated

    def _follow(self, simulated):
        if simulated == self._simulated:
            return
        timers, before = list(self._timers), self._read()
        for timer in timers:
            timer._before_change(before)
        self._simulated = simulated
        self._read = (lambda: self._given) if simulated else time.time_ns
        for timer in timers:
            timer._after_change(self._read())
        self._tell()

    def _set(self, nanoseconds):
        self._given = nanoseconds
        if not self._simulated:
            return
        for timer in list(self._timers):
            timer._after_jump(nanoseconds)
        self._tell()

    def _tell(self):
        with self._changed:
            self._changed.notify_all()
