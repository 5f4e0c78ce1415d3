"""A client of a service. Knows one service."""

import threading
import time
import weakref

from rosless.dds import Closed
from rosless.refusal import lookup

from ._entity import Entity
from .exceptions import InvalidHandle
from .task import Future

__getattr__ = lookup(__name__)

POLL = 0.02  # s between two looks for the server


class Client(Entity):
    """Calls a service. Made by Node.create_client(). Threads may share it."""

    _absent = frozenset({'handle'})

    def __init__(self, node, caller, srv_type, srv_name, qos_profile, callback_group):
        self._node, self.context = weakref.ref(node), node.context
        self._caller, self._reader = caller, caller.reader
        self.srv_type, self.srv_name, self.qos_profile = srv_type, srv_name, qos_profile
        self._lock = threading.Lock()
        self._pending = {}  # sequence number -> Future
        self._start(None, callback_group)

    def call(self, request):
        """Calls and waits for the response, which another thread must spin for.

        In a callback it blocks for ever, unless another thread of the executor may run the
        client's callback group. Raises TypeError, InvalidHandle.
        """
        future, answered = self.call_async(request), threading.Event()
        future.add_done_callback(lambda _: answered.set())
        if not future.done():
            answered.wait()
        return future.result()

    def call_async(self, request):
        """Calls; returns the Future of the response. Raises TypeError, InvalidHandle."""
        if not isinstance(request, self.srv_type.Request):
            wanted, given = self.srv_type.Request.__name__, type(request).__name__
            raise TypeError(f'{self.srv_name} takes {wanted}, not {given}')
        future = Future()
        with self._lock:
            self._pending[self._on_wire(self._caller.send, request)] = future
        future.add_done_callback(self.remove_pending_request)
        return future

    def remove_pending_request(self, future):
        """The response to this Future is not waited for any longer."""
        with self._lock:
            self._pending = {s: f for s, f in self._pending.items() if f is not future}

    def service_is_ready(self):
        """Is there a server? Raises InvalidHandle."""
        return self._on_wire(self._caller.ready)

    def wait_for_service(self, timeout_sec=None):
        """Waits for a server at most timeout_sec [s] (None: for ever). Is there one?"""
        end = None if timeout_sec is None else time.monotonic() + timeout_sec
        while self.context.ok() and not self.service_is_ready():
            if end is not None and time.monotonic() >= end:
                return False
            time.sleep(POLL)
        return self.service_is_ready()

    def _on_wire(self, act, *args):
        try:
            return act(*args)
        except Closed:
            raise InvalidHandle(f'the client of {self.srv_name} is destroyed') from None

    def _take(self):
        try:
            return self._caller.take()
        except Closed:
            return None

    def _call(self, work):
        sequence, response = work
        with self._lock:
            future = self._pending.get(sequence)
        if future is not None:  # else nobody waits for it any longer
            node = self._node()
            future._set_executor(node and node.executor)
            future.set_result(response)

    def _close(self):
        self._caller.close()
