"""A context: the life of ROS communication in a process. Knows no nodes."""

import inspect
import sys
import threading
import weakref

from rosless import interrupt
from rosless.arguments import parse
from rosless.domain import number
from rosless.graph import Graph
from rosless.refusal import Partial, lookup

__getattr__ = lookup(__name__)


class Context(Partial):
    """Initialised once, shut down once."""

    _absent = frozenset({'destroy', 'get_domain_id', 'handle'})

    def __init__(self):
        self._lock = threading.RLock()
        self._callbacks = []
        self._up = False
        self._graph = None
        self._arguments = None

    def init(self, args=None, *, initialize_logging=True, domain_id=None):
        """Joins the domain. Raises RuntimeError: called twice, bad domain id, bad ROS arguments.

        args: command line with --ros-args; domain_id None: ROS_DOMAIN_ID, else 0.
        """
        if self._graph is not None:
            raise RuntimeError('this context was initialised before: init() works once')
        self._arguments = parse(list(sys.argv if args is None else args))
        self._graph = Graph(number(domain_id))
        interrupt.install()
        self._up = True

    def ok(self):
        """Initialised and not shut down?"""
        return self._up

    def on_shutdown(self, callback):
        """Calls `callback` at shutdown; methods are held weakly."""
        if not callable(callback):
            raise TypeError(f'a shutdown callback is called, and {callback!r} cannot be')
        if inspect.ismethod(callback):
            self._callbacks.append(weakref.WeakMethod(callback, self._forget))
        else:
            self._callbacks.append(lambda: callback)

    def _forget(self, held):
        if held in self._callbacks:
            self._callbacks.remove(held)

    def shutdown(self):
        """Ends communication. Raises RuntimeError where it never began or ended before."""
        if not self._up:
            raise RuntimeError('the context is not up: call init() before shutdown()')
        self.try_shutdown()

    def _stop(self):
        """What a signal does: the context is down, and nobody is called, as in rclpy."""
        self._up = False

    def try_shutdown(self):
        """Ends communication if it is up."""
        with self._lock:
            was_up, self._up = self._up, False
            callbacks, self._callbacks = self._callbacks, []
        if was_up:
            for held in callbacks:
                if (callback := held()) is not None:
                    callback()
