"""Timers, and rates made of them. Knows one clock.

Source: rcl/src/rcl/timer.c (Humble). The next call is one period after the last was due, so that
calls do not drift; periods that passed altogether are left out.
"""

import threading

from rosless.refusal import lookup

from ._entity import Entity
from ._rclpy_pybind11 import RCLError
from .exceptions import InvalidHandle, ROSInterruptException

__getattr__ = lookup(__name__)


class Timer(Entity):
    """Calls back every period of its clock. Made by Node.create_timer()."""

    _absent = frozenset({'handle'})

    def __init__(
        self, callback, callback_group, timer_period_ns, clock, *, context=None, wake=None
    ):
        self._period = _checked(timer_period_ns)
        self._clock, self._canceled = clock, False
        self._last = clock._read()
        self._next, self._credit = self._last + self._period, 0
        self._start(callback, callback_group, wake)
        clock._timers.add(self)

    @property
    def clock(self):
        """The clock that it goes by."""
        return self._clock

    @property
    def timer_period_ns(self):
        """The period [ns]; a new one counts from the next call on."""
        self._require_alive()
        return self._period

    @timer_period_ns.setter
    def timer_period_ns(self, value):
        self._require_alive()
        self._period = _checked(value)

    def is_ready(self):
        """Is a call due?"""
        self._require_alive()
        return self._ready()

    def is_canceled(self):
        """Was it cancelled, and not reset since?"""
        self._require_alive()
        return self._canceled

    def cancel(self):
        """No more calls until reset()."""
        self._require_alive()
        self._canceled = True

    def reset(self):
        """The next call is one period from now, also after cancel()."""
        self._require_alive()
        self._next = self._clock._read() + self._period
        self._canceled = False
        self._wake()

    def time_since_last_call(self):
        """Since the callback was called, or the timer was made [ns]."""
        self._require_alive()
        return self._clock._read() - self._last

    def time_until_next_call(self):
        """Until the next call is due [ns], negative when it is late; None: cancelled."""
        self._require_alive()
        return None if self._canceled else self._next - self._clock._read()

    def _ready(self):
        return not self._canceled and self._next <= self._clock._read()

    def _remaining(self):
        """How long to wait for it [ns]; None: another event will tell."""
        if self._canceled or self._clock._simulated:
            return None
        return max(0, self._next - self._clock._read())

    def _take(self):
        now = self._clock._read()
        if self._canceled or self._next > now:
            return None
        self._last = now
        self._next += self._period
        if self._next < now:
            missed = -(-(now - self._next) // self._period) if self._period else 0
            self._next = self._next + missed * self._period if missed else now
        return ()

    def _close(self):
        self._canceled = True
        self._clock._timers.discard(self)

    def _before_change(self, now):
        """The clock is about to be set by someone else: what is left of the period is kept."""
        self._credit = self._next - now if now else self._credit

    def _after_change(self, now):
        if now and self._credit:
            self._last = now - self._credit
            self._next, self._credit = self._last + self._period, 0
        self._wake()

    def _after_jump(self, now):
        """The simulated clock was set: due now, or a period after where it went back to."""
        if self._next <= now:
            self._wake()
        elif now < self._last:
            self._next, self._last = now + self._period, now


def _checked(nanoseconds):
    if int(nanoseconds) < 0:
        raise RCLError(f'a timer period is not negative: {nanoseconds} ns')
    return int(nanoseconds)


class Rate:
    """Sleeps until a timer fires, which another thread must spin. Made by Node.create_rate()."""

    def __init__(self, timer, *, context):
        self._timer, self._context = timer, context
        self._changed = threading.Condition()
        self._fired = self._destroyed = False
        self._sleepers = 0
        timer.callback = self._fire
        context.on_shutdown(self.destroy)

    def _fire(self):
        with self._changed:
            self._fired = True
            self._changed.notify_all()

    def destroy(self):
        """Wakes whoever sleeps."""
        self._destroyed = True
        self._fire()

    def sleep(self):
        """Wait for the next tick, not at all when it came since the last time.

        Raises ROSInterruptException at shutdown, RuntimeError and InvalidHandle when destroyed.
        """
        self._require_up()
        if self._destroyed:
            raise RuntimeError('this rate is destroyed')
        if self._timer._destroyed:
            raise InvalidHandle('the timer of this rate is destroyed')
        with self._changed:
            self._sleepers += 1
            self._changed.wait_for(lambda: self._fired)
            self._sleepers -= 1
            self._fired = self._sleepers > 0
        self._require_up()

    def _require_up(self):
        if not self._context.ok():
            raise ROSInterruptException
