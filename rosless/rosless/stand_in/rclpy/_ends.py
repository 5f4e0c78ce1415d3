"""The part of a node that sends and receives: its publishers and subscriptions.

Knows what rclpy takes for a topic. Refuses to know the wire: that is rosless.graph.
"""

import inspect

from rosless.messages import Message
from rosless.refusal import Partial, not_covered, refuse_options

from .exceptions import InvalidHandle
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
            callback_group=callback_group,
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
            publisher_class=publisher_class,
        )
        profile = profile_of(qos_profile)
        return self._publisher(msg_type, self.resolve_topic_name(topic), profile)

    def _publisher(self, msg_type, topic, profile, quality=None):
        self.__require_alive()
        wanted = quality or quality_of(profile)
        writer = self.__graph.writer(topic, _type_name(msg_type), wanted)
        made = Publisher(writer, msg_type, topic, profile)
        self.__me.writers.append(writer)
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

        Raises InvalidTopicNameException, InvalidHandle (destroyed node), TypeError, ValueError;
        NotImplementedError for a coroutine callback.
        """
        refuse_options(
            'create_subscription',
            callback_group=callback_group,
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
        )
        if inspect.iscoroutinefunction(callback):
            raise not_covered('a coroutine as callback', 'use a plain function')
        profile, full = profile_of(qos_profile), self.resolve_topic_name(topic)
        self.__require_alive()
        reader = self.__graph.reader(full, _type_name(msg_type), quality_of(profile))
        made = Subscription(reader, msg_type, full, callback, profile, raw)
        self.__me.readers.append(reader)
        self._subscriptions.append(made)
        self.__changed()
        return made

    def __require_alive(self):
        if not self._alive:
            raise InvalidHandle(f'the node {self.get_name()} is destroyed')

    def __changed(self):
        self._version += 1
        self.__graph.announce()
        if self.executor is not None:
            self.executor.wake()

    def destroy_publisher(self, publisher):
        """Leaves the topic. False: not a publisher of this node."""
        if publisher not in self._publishers:
            return False
        self._publishers.remove(publisher)
        self.__me.writers.remove(publisher._writer)
        publisher._writer.close()
        self.__graph.announce()
        return True

    def destroy_subscription(self, subscription):
        """Leaves the topic. False: not a subscription of this node."""
        if subscription not in self._subscriptions:
            return False
        self._subscriptions.remove(subscription)
        self.__me.readers.remove(subscription._reader)
        subscription._reader.close()
        self.__changed()
        return True


def _type_name(msg_type):
    if not (inspect.isclass(msg_type) and issubclass(msg_type, Message)):
        raise AttributeError(f'{msg_type!r} is no ROS message type')
    return msg_type.__msgtype__
