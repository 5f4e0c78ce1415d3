"""A publisher. Knows one topic."""

from rosless.cdr import codec
from rosless.dds import Closed
from rosless.refusal import Partial, lookup

from .exceptions import InvalidHandle

__getattr__ = lookup(__name__)


class Publisher(Partial):
    """Sends messages of one type to one topic. Made by Node.create_publisher()."""

    _absent = frozenset({'assert_liveliness', 'event_handlers', 'handle', 'wait_for_all_acked'})

    def __init__(self, writer, msg_type, topic, qos_profile):
        self._writer, self._topic = writer, topic
        self._serialize = codec(msg_type.__msgtype__).serialize
        self.msg_type, self.qos_profile = msg_type, qos_profile

    def publish(self, msg):
        """Sends a message, or the bytes of one. Raises TypeError, InvalidHandle (destroyed)."""
        if isinstance(msg, self.msg_type):
            msg = self._serialize(msg)
        elif not isinstance(msg, bytes):
            wanted, given = self.msg_type.__name__, type(msg).__name__
            raise TypeError(f'{self._topic} takes {wanted}, not {given}')
        try:
            self._writer.write(msg)
        except Closed:
            raise self._destroyed() from None

    def get_subscription_count(self):
        """How many subscriptions receive what this publisher sends."""
        try:
            return self._writer.matched()
        except Closed:
            raise self._destroyed() from None

    def _destroyed(self):
        return InvalidHandle(f'the publisher of {self._topic} is destroyed')

    @property
    def topic_name(self):
        """The full name of the topic, after remapping."""
        return self._topic

    def destroy(self):
        """Leaves the topic. Node.destroy_publisher() also makes the node forget it."""
        self._writer.close()
