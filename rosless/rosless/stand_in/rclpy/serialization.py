"""Messages to CDR bytes and back. Knows no topics."""

from rosless.cdr import codec
from rosless.messages import Message
from rosless.refusal import lookup

__getattr__ = lookup(__name__)


def serialize_message(message):
    """The CDR bytes of a message, with its header."""
    if not isinstance(message, Message):
        raise AttributeError(f'not a ROS message: {type(message).__name__}')
    return codec(message.__msgtype__).serialize(message)


def deserialize_message(serialized_message, message_type):
    """The message of type `message_type` in these bytes. Raises ValueError where it is none."""
    return codec(message_type.__msgtype__).deserialize(bytes(serialized_message))
