"""A service that a node offers. Knows one service."""

import warnings

from rosless.dds import Closed
from rosless.refusal import lookup

from ._entity import Entity
from .exceptions import InvalidHandle

__getattr__ = lookup(__name__)


class Service(Entity):
    """Answers requests. Made by Node.create_service()."""

    _absent = frozenset({'handle'})

    def __init__(self, answerer, srv_type, srv_name, callback, callback_group, qos_profile):
        self._answerer, self._reader = answerer, answerer.reader
        self.srv_type, self.srv_name, self.qos_profile = srv_type, srv_name, qos_profile
        self._start(callback, callback_group)

    def send_response(self, response, header):
        """Answers the request of `header`. Raises TypeError: not a response of this service."""
        if not isinstance(response, self.srv_type.Response):
            wanted, given = self.srv_type.Response.__name__, type(response).__name__
            raise TypeError(f'the callback of {self.srv_name} returned {given}, not {wanted}')
        try:
            sent = self._answerer.send(header, response)
        except Closed:
            raise InvalidHandle(f'the service {self.srv_name} is destroyed') from None
        if not sent:
            text = f'{self.srv_name}: the client does not hear us: its answer is lost'
            warnings.warn(text, RuntimeWarning, stacklevel=2)

    def _take(self):
        try:
            return self._answerer.take()
        except Closed:
            return None

    def _call(self, work):
        header, request = work
        self.send_response(self.callback(request, self.srv_type.Response()), header)

    async def _await(self, work):
        header, request = work
        self.send_response(await self.callback(request, self.srv_type.Response()), header)

    def _close(self):
        self._answerer.close()
