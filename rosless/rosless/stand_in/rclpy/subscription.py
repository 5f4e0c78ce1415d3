"""A subscription. Knows one topic."""

from rosless.cdr import codec
from rosless.dds import Closed
from rosless.refusal import lookup

from ._entity import Entity

__getattr__ = lookup(__name__)


class Subscription(Entity):
    """Receives messages of one type from one topic. Made by Node.create_subscription()."""

    _absent = frozenset({'event_handlers', 'handle'})

    def __init__(self, reader, msg_type, topic, callback, callback_group, qos_profile, raw):
        self._reader, self._topic = reader, topic
        self._deserialize = None if raw else codec(msg_type.__msgtype__).deserialize
        self.msg_type, self.qos_profile, self.raw = msg_type, qos_profile, raw
        self._start(callback, callback_group)

    @property
    def topic_name(self):
        """The full name of the topic, after remapping."""
        return self._topic

    def _take(self):
        try:
            cdr = self._reader.take()
        except Closed:
            return None
        if cdr is None:
            return None
        return (cdr if self._deserialize is None else self._deserialize(cdr),)

    def _close(self):
        self._reader.close()
