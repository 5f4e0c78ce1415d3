"""Outcomes that are still to come, and work that an executor does bit by bit. Knows no nodes.

As in Humble, cancelling a Future does not make it done, and done callbacks of a Future that
belongs to an executor run there.
"""

import inspect
import sys
import threading
import warnings
import weakref

from rosless.refusal import lookup

__getattr__ = lookup(__name__)


def _nobody():
    return None


class Future:
    """A result or an exception that is set once, by whatever thread."""

    def __init__(self, *, executor=None):
        self._lock = threading.Lock()
        self._done = self._cancelled = False
        self._result = self._exception = None
        self._unseen = False  # an exception that nobody asked for
        self._callbacks = []
        self._set_executor(executor)

    def __del__(self):
        if getattr(self, '_unseen', False):
            print(f'rosless: nobody asked for the exception {self._exception!r}', file=sys.stderr)

    def __await__(self):
        while not self._done:
            yield
        return self.result()

    def done(self):
        """Is there a result or an exception?"""
        return self._done

    def cancelled(self):
        """Was cancel() called before it was done?"""
        return self._cancelled

    def cancel(self):
        """Says that nobody needs the result, and calls the done callbacks."""
        with self._lock:
            self._cancelled = not self._done
        self._tell()

    def result(self):
        """The result, None before it is there. Raises the exception where there is one."""
        if self._exception is not None:
            raise self.exception()
        return self._result

    def exception(self):
        """The exception, or None."""
        self._unseen = False
        return self._exception

    def set_result(self, result):
        """Ends the waiting."""
        self._settle(result, None)

    def set_exception(self, exception):
        """Ends the waiting with an exception."""
        self._settle(self._result, exception)

    def _settle(self, result, exception):
        with self._lock:
            self._result, self._exception = result, exception
            self._unseen = exception is not None
            self._done, self._cancelled = True, False
        self._tell()

    def _set_executor(self, executor):
        with self._lock:
            self._executor = _nobody if executor is None else weakref.ref(executor)

    def _tell(self):
        with self._lock:
            executor, callbacks = self._executor(), self._callbacks
            self._callbacks = []
        for callback in callbacks:
            if executor is not None:
                executor.create_task(callback, self)
            else:
                self._warn_of(callback)

    def _warn_of(self, callback):
        try:
            callback(self)
        except Exception as problem:
            warnings.warn(f'a done callback raised {problem!r}', stacklevel=2)

    def add_done_callback(self, callback):
        """Calls `callback(future)` when it is done, at once where it is already."""
        with self._lock:
            executor = self._executor()
            if not self._done:
                self._callbacks.append(callback)
                return
        if executor is not None:
            executor.create_task(callback, self)
        else:
            callback(self)


class Task(Future):
    """A function or coroutine that an executor runs. Calling it runs it until it waits.

    Made by Executor.create_task(). Its result is that of the function.
    """

    def __init__(self, handler, args=None, kwargs=None, executor=None):
        super().__init__(executor=executor)
        args, kwargs = args or (), kwargs or {}
        self._coroutine = None
        if inspect.iscoroutinefunction(handler):
            self._coroutine = handler(*args, **kwargs)
            self._work = self._step
        else:
            self._work = lambda: self.set_result(handler(*args, **kwargs))
        self._running = threading.Lock()

    def __call__(self):
        """Runs it, or goes on with it; not where another thread does or it is done."""
        if self._done or not self._running.acquire(blocking=False):
            return
        try:
            if not self._done:
                self._work()
        except Exception as problem:
            self.set_exception(problem)
        finally:
            if self._done:
                self._work = self._coroutine = None
            self._running.release()

    def _step(self):
        try:
            self._coroutine.send(None)
        except StopIteration as end:
            self.set_result(end.value)

    def executing(self):
        """Does a thread run it right now?"""
        return self._running.locked()
