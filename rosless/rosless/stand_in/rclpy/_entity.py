"""What an executor runs: timers, subscriptions, guard conditions, clients and services.

Knows callback groups. Refuses to know nodes and executors: it wakes whoever it is given.
"""

import inspect

from rosless.refusal import Partial

from .exceptions import InvalidHandle


class Entity(Partial):
    """Something with a callback. An executor takes work from it and hands that to the callback."""

    _reader = None  # the DDS reader that has something when there is work
    _held = False  # given to a thread that did not take the work so far
    _turn = 0  # when an executor of threads ran it last
    _destroyed = False
    _is_coroutine = False  # is the callback a coroutine?

    def _start(self, callback, callback_group, wake=None):
        self.callback, self.callback_group = callback, callback_group
        self._wake = wake or (lambda: None)
        if callback_group is not None:
            callback_group.add_entity(self)

    @property
    def callback(self):
        """What is called; it may be exchanged."""
        return self._callback

    @callback.setter
    def callback(self, callback):
        self._callback = callback
        self._is_coroutine = inspect.iscoroutinefunction(callback)

    def _ready(self):
        """Is there work that no reader tells of?"""
        return False

    def _remaining(self):
        """How long until there is such work [ns]; None: another event will tell."""

    def _take(self):
        """The arguments of the callback; None: no work."""
        raise NotImplementedError

    def _call(self, work):
        self._callback(*work)

    async def _await(self, work):
        await self._callback(*work)

    def _close(self):
        """Leaves the wire, where it is there."""

    def destroy(self):
        """Ends it. The node that made it has a destroy method, too, which also forgets it."""
        self._destroyed = True
        self._close()

    def _require_alive(self):
        if self._destroyed:
            raise InvalidHandle(f'this {type(self).__name__.lower()} is destroyed')
