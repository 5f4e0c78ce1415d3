"""Runs callbacks, one at a time, in the thread that spins. Knows nodes only by what they wait for.

The wait set stays as it is between calls: spin_once() in an own loop costs a wait and a look at
each subscription. As in rclpy a round gives every ready subscription one callback.
"""

import time

from rosless.dds import Wait
from rosless.refusal import Partial, lookup

from . import signals
from ._rclpy_pybind11 import RCLError
from .utilities import get_default_context

__getattr__ = lookup(__name__)


class ExternalShutdownException(Exception):
    """The context was shut down from elsewhere while an executor waited."""


class SingleThreadedExecutor(Partial):
    """Runs the callbacks of its nodes in the thread that calls spin() or spin_once()."""

    _absent = frozenset(
        {
            'can_execute',
            'create_task',
            'get_nodes',
            'spin_once_until_future_complete',
            'spin_until_future_complete',
            'wait_for_ready_callbacks',
        }
    )

    def __init__(self, *, context=None):
        self._context = context or get_default_context()
        if not self._context.ok():
            raise RuntimeError('rclpy.init() comes before an executor')
        self._wait = Wait(self._context._graph.participant)
        self._nodes = []
        self._state = None  # of which nodes, at which version, the wait set is made
        self._waiting = []  # the subscriptions that it waits for
        self._round = iter(())  # those of them that had no turn yet
        self._is_shutdown = False
        self._context.on_shutdown(self.wake)
        signals.wake_on_signal(self._wait.wake)

    @property
    def context(self):
        """The context that this executor works in."""
        return self._context

    def add_node(self, node):
        """Takes a node over. False: it was here."""
        if node in self._nodes:
            return False
        self._nodes.append(node)
        node.executor = self
        self.wake()
        return True

    def remove_node(self, node):
        """Gives a node up."""
        if node in self._nodes:
            self._nodes.remove(node)

    def wake(self):
        """Ends a wait: something changed."""
        self._wait.wake()

    def spin(self):
        """Runs callbacks until shutdown. Raises ExternalShutdownException."""
        while self._context.ok() and not self._is_shutdown:
            self.spin_once()

    def spin_once(self, timeout_sec=None):
        """Runs one callback, waiting for it at most timeout_sec [s] (None, negative: for ever).

        What a callback raises comes out. Raises ExternalShutdownException when the context is
        shut down meanwhile, RCLError when it was before.
        """
        if not self._context.ok():
            raise RCLError('cannot wait: the context is shut down, e.g. by a signal')
        forever = timeout_sec is None or timeout_sec < 0
        end = None if forever else time.monotonic_ns() + int(timeout_sec * 1e9)
        self._refresh()
        while not self._is_shutdown and not self._run_next():
            if not self._wait_until(end):
                return

    def _run_next(self):
        return any(subscription._run() for subscription in self._round)

    def _wait_until(self, end):
        left = None if end is None else max(0, end - time.monotonic_ns())
        ready = self._wait.wait(left)
        if not self._is_shutdown and not self._context.ok():
            raise ExternalShutdownException
        self._refresh()
        self._round = iter(self._waiting)
        return ready

    def _refresh(self):
        """Makes the wait set anew when nodes came or went, or one has other subscriptions."""
        state = [(node, node._version) for node in self._nodes]
        if state == self._state:
            return
        wanted = [s for node in self._nodes for s in node._subscriptions]
        for subscription in self._waiting:
            if subscription not in wanted:
                self._wait.detach(subscription._reader)
        for subscription in wanted:
            self._wait.attach(subscription._reader)
        self._waiting, self._state, self._round = wanted, state, iter(())

    def shutdown(self, timeout_sec=None):
        """Stops; True: nothing was left running, as always with one thread."""
        self._is_shutdown = True
        signals.forget(self._wait.wake)
        self.wake()
        self._nodes.clear()
        return True

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.shutdown()
