"""Which callbacks may run at the same time. Knows no executors."""

import threading
import weakref

from rosless.refusal import lookup

__getattr__ = lookup(__name__)


class CallbackGroup:
    """Base of callback groups: asked before a callback runs, told when it has ended."""

    def __init__(self):
        super().__init__()
        self.entities = weakref.WeakSet()

    def add_entity(self, entity):
        """Timers, subscriptions, clients and services are added when they are made."""
        self.entities.add(entity)

    def has_entity(self, entity):
        """Was it added?"""
        return entity in self.entities

    def can_execute(self, entity):
        """May a callback of `entity` begin now?"""
        raise NotImplementedError('a callback group says what may run')

    def beginning_execution(self, entity):
        """Begins a callback; False: not now. ending_execution() follows when it was True."""
        raise NotImplementedError('a callback group says what may run')

    def ending_execution(self, entity):
        """A callback has ended."""
        raise NotImplementedError('a callback group says what may run')


class ReentrantCallbackGroup(CallbackGroup):
    """Everything may run at any time, several times at once."""

    def can_execute(self, entity):
        """Always."""
        return True

    def beginning_execution(self, entity):
        """Always."""
        return True

    def ending_execution(self, entity):
        """Nothing is counted."""


class MutuallyExclusiveCallbackGroup(CallbackGroup):
    """One callback at a time, also while a coroutine of the group waits."""

    def __init__(self):
        super().__init__()
        self._taken = threading.Lock()  # begun in one thread, and perhaps ended in another

    def can_execute(self, entity):
        """While no other runs."""
        return not self._taken.locked()

    def beginning_execution(self, entity):
        """Takes the group; False: it is taken."""
        return self._taken.acquire(blocking=False)

    def ending_execution(self, entity):
        """Gives the group back."""
        assert self._taken.locked(), 'nothing of this group is running'
        self._taken.release()
