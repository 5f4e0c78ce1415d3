"""The part of a node that sends and receives: its publishers and subscriptions.

Knows what rclpy takes for a topic. Refuses to know the wire: that is rosless.graph.
"""

import inspect

from rosless.cdr import codec
from rosless.messages import Message
from rosless.refusal import Partial, refuse_options
from rosless.service_types import Service

from .exceptions import InvalidHandle, InvalidTopicNameException
from .publisher import Publisher
from .qos import profile_of, quality_of
from .subscription import Subscription


class Ends(Partial):
    """The part of Node that is about publishers and subscriptions."""

    def _start_ends(self, member, graph):
        self.__me, self.__graph = member, graph
        self._publishers, self._subscriptions = [], []
        self._version = 0  # counts changes of what an executor waits for
        self._alive = True

    @property
    def publishers(self):
        """The node's publishers."""
        return iter(self._publishers)

    @property
    def subscriptions(self):
        """The node's subscriptions."""
        return iter(self._subscriptions)

    def create_publisher(
        self,
        msg_type,
        topic,
        qos_profile,
        *,
        callback_group=None,
        event_callbacks=None,
        qos_overriding_options=None,
        publisher_class=None,
    ):
        """A publisher of `msg_type` on `topic`; qos_profile: a QoSProfile or a depth.

        Raises InvalidTopicNameException, InvalidHandle (destroyed node), TypeError, ValueError.
        """
        refuse_options(
            'create_publisher',
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
            publisher_class=publisher_class,
        )
        profile = profile_of(qos_profile)
        return self._publisher(msg_type, self._resolved(topic, InvalidTopicNameException), profile)

    def _publisher(self, msg_type, topic, profile, quality=None):
        self._require_alive()
        wanted, name = quality or quality_of(profile), _type_name(msg_type)
        codec(name)  # takes a while: until announce() the others see an endpoint of nobody
        writer = self.__graph.writer(topic, name, wanted)
        made = Publisher(writer, msg_type, topic, profile)
        self.__graph.add(self.__me, writer)
        self._publishers.append(made)
        self.__graph.announce()
        return made

    def create_subscription(
        self,
        msg_type,
        topic,
        callback,
        qos_profile,
        *,
        callback_group=None,
        event_callbacks=None,
        qos_overriding_options=None,
        raw=False,
    ):
        """A subscription to `topic`; `callback(msg)`, or callback(bytes of CDR) with raw=True.

        The callback may be a coroutine. Raises as create_publisher() does.
        """
        refuse_options(
            'create_subscription',
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
        )
        profile, full = profile_of(qos_profile), self._resolved(topic, InvalidTopicNameException)
        self._require_alive()
        name = _type_name(msg_type)
        codec(name)
        reader = self.__graph.reader(full, name, quality_of(profile))
        group = callback_group or self.default_callback_group
        made = Subscription(reader, msg_type, full, callback, group, profile, raw)
        self.__graph.add(self.__me, reader=reader)
        self._subscriptions.append(made)
        self._changed()
        return made

    def _require_alive(self):
        if not self._alive:
            raise InvalidHandle(f'the node {self.get_name()} is destroyed')

    def _changed(self):
        """Endpoints came or went."""
        self.__graph.announce()
        self._changed_here()

    def destroy_publisher(self, publisher):
        """Leaves the topic. False: not a publisher of this node."""
        if publisher not in self._publishers:
            return False
        self._publishers.remove(publisher)
        self.__graph.drop(self.__me, publisher._writer)
        publisher.destroy()
        self.__graph.announce()
        return True

    def destroy_subscription(self, subscription):
        """Leaves the topic. False: not a subscription of this node."""
        if subscription not in self._subscriptions:
            return False
        self._subscriptions.remove(subscription)
        self.__graph.drop(self.__me, reader=subscription._reader)
        subscription.destroy()
        self._changed()
        return True


def _type_name(msg_type):
    if isinstance(msg_type, Service):
        raise RuntimeError(f'{msg_type.__name__} is a service, not a message type')
    if not (inspect.isclass(msg_type) and issubclass(msg_type, Message)):
        raise AttributeError(f'{msg_type!r} is no ROS message type')
    return msg_type.__msgtype__
