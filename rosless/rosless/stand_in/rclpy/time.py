"""Points in time, each of one clock. Knows no nodes."""

import enum

import builtin_interfaces.msg

from rclpy._ordered import Ordered
from rosless.refusal import lookup

from .duration import SECOND, Duration

__getattr__ = lookup(__name__)


class ClockType(enum.IntEnum):
    """Which clock a time is of."""

    ROS_TIME = 1
    SYSTEM_TIME = 2
    STEADY_TIME = 3


class Time(Ordered):
    """A point in time in whole nanoseconds; times of different clocks do not mix."""

    __slots__ = ('_clock_type', '_nanoseconds')

    def __init__(self, *, seconds=0, nanoseconds=0, clock_type=ClockType.SYSTEM_TIME):
        if not isinstance(clock_type, ClockType):
            raise TypeError(f'clock_type is a ClockType, not {clock_type!r}')
        if seconds < 0 or nanoseconds < 0:
            raise ValueError(f'a Time is not negative: {seconds} s, {nanoseconds} ns')
        self._nanoseconds = int(seconds * SECOND) + int(nanoseconds)
        self._clock_type = clock_type
        if self._nanoseconds >= 2**63:
            raise OverflowError(f'{self._nanoseconds} ns do not fit into 64 bits')

    @property
    def nanoseconds(self):
        """Since the clock's epoch [ns]."""
        return self._nanoseconds

    @property
    def clock_type(self):
        """The clock that this is a time of."""
        return self._clock_type

    def to_msg(self):
        """As builtin_interfaces/Time."""
        sec, nanosec = divmod(self._nanoseconds, SECOND)
        return builtin_interfaces.msg.Time(sec=sec, nanosec=nanosec)

    @classmethod
    def from_msg(cls, msg, clock_type=ClockType.ROS_TIME):
        """From builtin_interfaces/Time. Raises TypeError for anything else."""
        if not isinstance(msg, builtin_interfaces.msg.Time):
            raise TypeError(f'expected builtin_interfaces.msg.Time, not {type(msg).__name__}')
        return cls(seconds=msg.sec, nanoseconds=msg.nanosec, clock_type=clock_type)

    def _same_clock(self, other):
        if self._clock_type != other._clock_type:
            kinds = f'{self._clock_type.name} and {other._clock_type.name}'
            raise TypeError(f'times of different clocks do not mix: {kinds}')

    def __add__(self, other):
        if not isinstance(other, Duration):
            return NotImplemented
        total = self._nanoseconds + other.nanoseconds
        return Time(nanoseconds=total, clock_type=self._clock_type)

    __radd__ = __add__

    def __sub__(self, other):
        if isinstance(other, Time):
            self._same_clock(other)
            return Duration(nanoseconds=self._nanoseconds - other._nanoseconds)
        if not isinstance(other, Duration):
            return NotImplemented
        rest = self._nanoseconds - other.nanoseconds
        return Time(nanoseconds=rest, clock_type=self._clock_type)

    def __eq__(self, other):
        if not isinstance(other, Time):
            raise TypeError(f'a Time does not compare with {type(other).__name__}')
        self._same_clock(other)
        return self._nanoseconds == other._nanoseconds

    __hash__ = None

    def _order(self, other, test):
        if not isinstance(other, Time):
            return NotImplemented
        self._same_clock(other)
        return test(self._nanoseconds, other._nanoseconds)

    def __repr__(self):
        return f'Time(nanoseconds={self._nanoseconds}, clock_type={self._clock_type.name})'
