"""Spans of time. Knows no clocks."""

import builtin_interfaces.msg

from rclpy._ordered import Ordered
from rosless.refusal import lookup

__getattr__ = lookup(__name__)

SECOND = 10**9


class Duration(Ordered):
    """A span in whole nanoseconds, negative ones too."""

    __slots__ = ('_nanoseconds',)

    def __init__(self, *, seconds=0, nanoseconds=0):
        self._nanoseconds = int(seconds * SECOND) + int(nanoseconds)
        if not -(2**63) <= self._nanoseconds < 2**63:
            raise OverflowError(f'{self._nanoseconds} ns do not fit into 64 bits')

    @property
    def nanoseconds(self):
        """The span [ns]."""
        return self._nanoseconds

    def to_msg(self):
        """As builtin_interfaces/Duration."""
        sec, nanosec = divmod(self._nanoseconds, SECOND)
        return builtin_interfaces.msg.Duration(sec=sec, nanosec=nanosec)

    @classmethod
    def from_msg(cls, msg):
        """From builtin_interfaces/Duration. Raises TypeError for anything else."""
        if not isinstance(msg, builtin_interfaces.msg.Duration):
            raise TypeError(f'expected builtin_interfaces.msg.Duration, not {type(msg).__name__}')
        return cls(seconds=msg.sec, nanoseconds=msg.nanosec)

    def __eq__(self, other):
        if not isinstance(other, Duration):
            raise TypeError(f'a Duration does not compare with {type(other).__name__}')
        return self._nanoseconds == other._nanoseconds

    __hash__ = None

    def _order(self, other, test):
        if not isinstance(other, Duration):
            return NotImplemented
        return test(self._nanoseconds, other._nanoseconds)

    def __str__(self):
        return f'{self._nanoseconds} nanoseconds'

    def __repr__(self):
        return f'Duration(nanoseconds={self._nanoseconds})'


Infinite = Duration(nanoseconds=2**63 - 1)
