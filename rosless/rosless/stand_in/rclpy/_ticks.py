"""The part of a node that acts by itself: its timers, rates and guard conditions.

Knows clocks by what they say. Refuses to know topics.
"""

from rosless.refusal import Partial

from .callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from .guard_condition import GuardCondition
from .timer import Rate, Timer


class Ticks(Partial):
    """The part of Node that is about timers and guard conditions."""

    def _start_ticks(self):
        self._timers, self._guards = [], []
        self.__group = MutuallyExclusiveCallbackGroup()
        self.__rate_group = ReentrantCallbackGroup()

    @property
    def default_callback_group(self):
        """The callback group of everything that was given none: one callback at a time."""
        return self.__group

    @property
    def timers(self):
        """The node's timers."""
        return iter(self._timers)

    @property
    def guards(self):
        """The node's guard conditions."""
        return iter(self._guards)

    def create_timer(self, timer_period_sec, callback, callback_group=None, clock=None):
        """Calls `callback()` every timer_period_sec [s] of `clock` (None: the node's clock).

        Raises InvalidHandle (destroyed node), RCLError (negative period).
        """
        self._require_alive()
        group, period = callback_group or self.default_callback_group, float(timer_period_sec)
        clock = clock or self.get_clock()
        made = Timer(callback, group, int(period * 1e9), clock, wake=self._wake_executor)
        self._timers.append(made)
        self._changed_here()
        return made

    def create_guard_condition(self, callback, callback_group=None):
        """Calls `callback()` after trigger(). Raises InvalidHandle (destroyed node)."""
        self._require_alive()
        group = callback_group or self.default_callback_group
        made = GuardCondition(callback, group, wake=self._wake_executor)
        self._guards.append(made)
        self._changed_here()
        return made

    def create_rate(self, frequency, clock=None):
        """A Rate of `frequency` [Hz], for a thread that does not spin. Raises ValueError."""
        if frequency <= 0:
            raise ValueError(f'a rate is more than 0 Hz, not {frequency}')
        timer = self.create_timer(1.0 / frequency, None, self.__rate_group, clock)
        return Rate(timer, context=self.context)

    def destroy_timer(self, timer):
        """Ends a timer. False: not a timer of this node."""
        return self.__end(self._timers, timer)

    def destroy_guard_condition(self, guard):
        """Ends a guard condition. False: not one of this node."""
        return self.__end(self._guards, guard)

    def destroy_rate(self, rate):
        """Ends a rate and wakes who sleeps. False: not a rate of this node."""
        ended = self.destroy_timer(rate._timer)
        rate.destroy()
        return ended

    def __end(self, entities, entity):
        if entity not in entities:
            return False
        entities.remove(entity)
        entity.destroy()
        self._changed_here()
        return True

    def _wake_executor(self):
        if self.executor is not None:
            self.executor.wake()

    def _changed_here(self):
        """An executor is to look again what it waits for; the graph sees nothing of it."""
        self._version += 1
        if self.executor is not None:
            self.executor._changed()
