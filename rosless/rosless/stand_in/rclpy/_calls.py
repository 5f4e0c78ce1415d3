"""The part of a node that calls and is called: its clients and services.

Knows what rclpy takes for a service. Refuses to know the wire: that is rosless.calls.
"""

from rosless.messages import Message
from rosless.refusal import Partial
from rosless.service_types import Service as ServiceType

from .client import Client
from .exceptions import InvalidServiceNameException
from .qos import qos_profile_services_default, quality_of
from .service import Service


class Calls(Partial):
    """The part of Node that is about services and clients."""

    def _start_calls(self, member, graph):
        self.__me, self.__graph = member, graph
        self._clients, self._services = [], []

    @property
    def clients(self):
        """The node's clients."""
        return iter(self._clients)

    @property
    def services(self):
        """The node's services, those for its parameters among them."""
        return iter(self._services)

    def create_client(
        self, srv_type, srv_name, *, qos_profile=qos_profile_services_default, callback_group=None
    ):
        """A client of the service `srv_name`.

        Raises InvalidServiceNameException, InvalidHandle (destroyed node), RuntimeError (a
        message type), AttributeError (no ROS type).
        """
        self._require_alive()
        _require_service(srv_type)
        full = self._resolved(srv_name, InvalidServiceNameException)
        quality = quality_of(qos_profile)
        caller = self.__graph.caller(full, srv_type, quality)
        group = callback_group or self.default_callback_group
        made = Client(self, caller, srv_type, srv_name, qos_profile, group)
        self.__appear(self._clients, made, caller)
        return made

    def create_service(
        self,
        srv_type,
        srv_name,
        callback,
        *,
        qos_profile=qos_profile_services_default,
        callback_group=None,
    ):
        """A service: `callback(request, response)` returns the response, or is a coroutine.

        Raises as create_client() does.
        """
        self._require_alive()
        _require_service(srv_type)
        full = self._resolved(srv_name, InvalidServiceNameException)
        quality = quality_of(qos_profile)
        answerer = self.__graph.answerer(full, srv_type, quality)
        group = callback_group or self.default_callback_group
        made = Service(answerer, srv_type, srv_name, callback, group, qos_profile)
        self.__appear(self._services, made, answerer)
        return made

    def __appear(self, entities, made, end):
        self.__graph.add(self.__me, end.writer, end.reader)
        entities.append(made)
        self._changed()

    def destroy_client(self, client):
        """Leaves the service. False: not a client of this node."""
        return self.__leave(self._clients, client, getattr(client, '_caller', None))

    def destroy_service(self, service):
        """Ends the service. False: not a service of this node."""
        return self.__leave(self._services, service, getattr(service, '_answerer', None))

    def __leave(self, entities, entity, end):
        if entity not in entities:
            return False
        entities.remove(entity)
        self.__graph.drop(self.__me, end.writer, end.reader)
        entity.destroy()
        self._changed()
        return True


def _require_service(srv_type):
    if isinstance(srv_type, ServiceType):
        return
    if isinstance(srv_type, type) and issubclass(srv_type, Message):
        raise RuntimeError(f'{srv_type.__name__} is a message type, not a service')
    raise AttributeError(f'{srv_type!r} is no ROS service type')
