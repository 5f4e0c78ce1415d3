"""A subscription. Knows one topic."""

from rosless.cdr import codec
from rosless.dds import Closed
from rosless.refusal import Partial, lookup

__getattr__ = lookup(__name__)


class Subscription(Partial):
    """Receives messages of one type from one topic. Made by Node.create_subscription()."""

    _absent = frozenset({'callback_group', 'event_handlers', 'get_publisher_count', 'handle'})

    def __init__(self, reader, msg_type, topic, callback, qos_profile, raw):
        self._reader, self._topic = reader, topic
        self._deserialize = None if raw else codec(msg_type.__msgtype__).deserialize
        self.msg_type, self.callback = msg_type, callback
        self.qos_profile, self.raw = qos_profile, raw

    @property
    def topic_name(self):
        """The full name of the topic, after remapping."""
        return self._topic

    def _run(self):
        """Takes one sample and runs the callback on it. False: there was none."""
        try:
            cdr = self._reader.take()
        except Closed:
            return False
        if cdr is None:
            return False
        self.callback(cdr if self._deserialize is None else self._deserialize(cdr))
        return True
