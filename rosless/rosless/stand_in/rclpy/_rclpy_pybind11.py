"""Exceptions that come from rclpy's C++ part. Knows nothing else.

Nodes meet RCLError when they spin after a signal has shut the context down.
"""

from rosless.arguments import InvalidROSArgs
from rosless.refusal import lookup

__getattr__ = lookup(__name__)


class RCLError(RuntimeError):
    """Something that rcl refuses, e.g. a wait after shutdown."""


class NodeNameNonExistentError(RCLError):
    """The graph has no node of that name and namespace."""


RCLInvalidROSArgsError = InvalidROSArgs
