"""Runs callbacks, in the thread that spins or in a pool. Knows nodes only by what they wait for.

The wait set stays as it is between calls: spin_once() in an own loop costs a wait and a look at
what it names. As in rclpy a round gives everything that is ready one callback: timers,
subscriptions, guard conditions, clients, services; then coroutines that wait go on.
"""

import collections
import concurrent.futures
import itertools
import os
import time
import weakref

from rosless.refusal import lookup

from . import signals
from ._rclpy_pybind11 import RCLError
from ._turns import ExternalShutdownException, Turns
from .task import Task
from .utilities import get_default_context

__getattr__ = lookup(__name__)


class Executor(Turns):
    """Base of executors: what is ready, and whose turn it is."""

    _absent = frozenset({'spin_once_until_future_complete', 'wait_for_ready_callbacks'})

    def __init__(self, *, context=None):
        self._context = context or get_default_context()
        if not self._context.ok():
            raise RuntimeError('rclpy.init() comes before an executor')
        self._start_turns()
        self._woken = self._asleep = self._is_shutdown = False
        self._context.on_shutdown(self.wake)
        signals.wake_on_signal(self._wait)

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
        self._changed()
        return True

    def remove_node(self, node):
        """Gives a node up."""
        if node in self._nodes:
            self._nodes.remove(node)
            self._stale = True

    def get_nodes(self):
        """The nodes that were added."""
        return list(self._nodes)

    def can_execute(self, entity):
        """May a callback of a timer, subscription ... begin now?"""
        return not entity._held and entity.callback_group.can_execute(entity)

    def create_task(self, callback, *args, **kwargs):
        """Runs a function or coroutine while this executor spins; returns its Task, a Future."""
        task = Task(callback, args, kwargs, executor=self)
        with self._tasks_lock:
            self._tasks.append(task)
        self.wake()
        return task

    def wake(self):
        """Ends a wait: something changed.

        A flag is enough while nobody waits: it is set before, and looked at after, `_asleep`.
        """
        self._woken = True
        if self._asleep:
            self._wait.wake()

    def _changed(self):
        self._stale = True
        self.wake()

    def spin(self):
        """Runs callbacks until shutdown. Raises ExternalShutdownException."""
        while self._context.ok() and not self._is_shutdown:
            self.spin_once()

    def spin_until_future_complete(self, future, timeout_sec=None):
        """Runs callbacks until a Future is done, at most timeout_sec [s] (None: for ever)."""
        future.add_done_callback(lambda _: self.wake())
        forever = timeout_sec is None or timeout_sec < 0
        end = None if forever else time.monotonic() + timeout_sec
        while self._context.ok() and not future.done() and not self._is_shutdown:
            self.spin_once(None if forever else max(0.0, end - time.monotonic()))
            if not forever and time.monotonic() >= end:
                return

    def spin_once(self, timeout_sec=None):
        """Runs one callback, waiting for it at most timeout_sec [s] (None, negative: for ever).

        What a callback raises comes out. Raises ExternalShutdownException when the context is
        shut down meanwhile, RCLError when it was before.
        """
        if not self._context.ok():
            raise RCLError('cannot wait: the context is shut down, e.g. by a signal')
        forever = timeout_sec is None or timeout_sec < 0
        end = None if forever else time.monotonic_ns() + int(timeout_sec * 1e9)
        if self._woken:
            self._woken, self._steps = False, None
        if self._stale:
            self._refresh()
        while not self._is_shutdown and not self._run_next():
            if not self._next_round(end):
                return

    def _take(self, entity):
        """An entity's work. None: there is none, and its group is free again."""
        work = None
        try:
            work = entity._take()
            return work
        finally:
            if work is None:
                entity.callback_group.ending_execution(entity)

    def _serve(self, entity, work):
        """Runs a callback and frees its group; a coroutine frees it when it has ended."""
        if entity._is_coroutine:
            self._begin(entity, work)
            return
        try:
            entity._call(work)
        finally:
            entity.callback_group.ending_execution(entity)

    def _begin(self, entity, work):
        """Runs a coroutine until it waits."""
        task = Task(self._awaited, (entity, work), executor=self)
        with self._tasks_lock:
            self._tasks.append(task)
        task()
        if task.exception() is not None:
            raise task.exception()

    async def _awaited(self, entity, work):
        try:
            await entity._await(work)
        finally:
            entity.callback_group.ending_execution(entity)
            self.wake()

    def shutdown(self, timeout_sec=None):
        """Stops. False: callbacks still run after timeout_sec [s] (None: waits for them)."""
        self._is_shutdown = True
        signals.forget(self._wait)
        self.wake()
        if not self._finish(timeout_sec):
            return False
        self._nodes.clear()
        return True

    def _finish(self, timeout_sec):
        return True


class SingleThreadedExecutor(Executor):
    """Runs the callbacks of its nodes in the thread that calls spin() or spin_once()."""

    def _run(self, entity):
        group = entity.callback_group
        if not group.beginning_execution(entity):
            self._blocked.append(entity)
            return False
        if entity._is_coroutine:
            work = self._take(entity)
            if work is not None:
                self._serve(entity, work)
            return work is not None
        try:
            work = entity._take()
            if work is None:
                return False
            entity._call(work)
            return True
        finally:
            group.ending_execution(entity)


class MultiThreadedExecutor(Executor):
    """Runs callbacks in a pool of threads; spin_once() hands one over.

    What a callback raises comes out of a later spin_once(). Humble ends spin() silently at a
    shutdown from elsewhere.
    """

    def __init__(self, num_threads=None, *, context=None):
        super().__init__(context=context)
        self._pool = concurrent.futures.ThreadPoolExecutor(num_threads or os.cpu_count() or 1)
        self._running, self._problems = weakref.WeakSet(), collections.deque()
        self._turn_count = itertools.count(1)

    def _next_round(self, end):
        try:
            return super()._next_round(end)
        except ExternalShutdownException:
            return False

    def _run_next(self):
        if self._problems:
            raise self._problems.popleft()
        return super()._run_next()

    def _run(self, entity):
        if entity._held or not entity.callback_group.beginning_execution(entity):
            self._blocked.append(entity)
            return False
        entity._held, entity._turn = True, next(self._turn_count)
        self._submit(self._work, entity)
        return True

    def _give(self, task):
        self._submit(self._go_on, task)

    def _submit(self, work, item):
        future = self._pool.submit(work, item)
        self._running.add(future)
        future.add_done_callback(self._ended)

    def _work(self, entity):
        try:
            work = self._take(entity)
            entity._held = False
            self.wake()  # a group that allows it may run it again meanwhile
            if work is not None:
                self._serve(entity, work)
        finally:
            entity._held = False
            self.wake()

    def _go_on(self, task):
        super()._give(task)
        if task.done():  # one that waits is looked at when something else happens
            self.wake()

    def _ended(self, future):
        if isinstance(future.exception(), Exception):
            self._problems.append(future.exception())
            self.wake()

    def _finish(self, timeout_sec):
        forever = timeout_sec is None or timeout_sec < 0
        running = list(self._running)
        _, left = concurrent.futures.wait(running, None if forever else timeout_sec)
        return not left
