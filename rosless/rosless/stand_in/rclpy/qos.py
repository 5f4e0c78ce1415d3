"""Quality of service. Knows no DDS: dds.Quality is the same thing on the wire's side."""

import enum

from rosless.dds import Quality
from rosless.refusal import lookup, not_covered

__getattr__ = lookup(__name__)


class InvalidQoSProfileException(Exception):
    """A profile that says too little."""


class HistoryPolicy(enum.IntEnum):
    """How many samples are kept."""

    SYSTEM_DEFAULT = 0
    KEEP_LAST = 1
    KEEP_ALL = 2
    UNKNOWN = 3


class ReliabilityPolicy(enum.IntEnum):
    """Are lost samples sent again?"""

    SYSTEM_DEFAULT = 0
    RELIABLE = 1
    BEST_EFFORT = 2
    UNKNOWN = 3


class DurabilityPolicy(enum.IntEnum):
    """Do late joiners get what was sent before?"""

    SYSTEM_DEFAULT = 0
    TRANSIENT_LOCAL = 1
    VOLATILE = 2
    UNKNOWN = 3


QoSHistoryPolicy = HistoryPolicy
QoSReliabilityPolicy = ReliabilityPolicy
QoSDurabilityPolicy = DurabilityPolicy

_UNCOVERED = (
    'lifespan',
    'deadline',
    'liveliness',
    'liveliness_lease_duration',
    'avoid_ros_namespace_conventions',
)


class QoSProfile:
    """History, depth, reliability and durability of a publisher or subscription.

    A depth or KEEP_ALL must be given; the rest defaults to reliable and volatile.
    Raises InvalidQoSProfileException, AssertionError (unknown or ill-typed option).
    """

    __slots__ = ('_depth', '_durability', '_history', '_reliability')

    def __init__(self, **given):
        for name in given.keys() & set(_UNCOVERED):
            raise not_covered(f'QoSProfile({name}=...)')
        known = ('history', 'depth', 'reliability', 'durability')
        assert given.keys() <= set(known), f'QoSProfile takes {", ".join(known)}, not {given}'
        if 'history' not in given and 'depth' not in given:
            raise InvalidQoSProfileException('a QoSProfile needs a depth or a history')
        self.history = given.get('history', HistoryPolicy.KEEP_LAST)
        if self.history == HistoryPolicy.KEEP_LAST and 'depth' not in given:
            raise InvalidQoSProfileException('KEEP_LAST needs a depth')
        self.depth = given.get('depth', 10)
        self.reliability = given.get('reliability', ReliabilityPolicy.RELIABLE)
        self.durability = given.get('durability', DurabilityPolicy.VOLATILE)

    @property
    def history(self):
        """A HistoryPolicy."""
        return self._history

    @history.setter
    def history(self, value):
        self._history = _policy(HistoryPolicy, value)

    @property
    def depth(self):
        """How many samples KEEP_LAST keeps."""
        return self._depth

    @depth.setter
    def depth(self, value):
        assert isinstance(value, int), f'depth is an int, not {value!r}'
        self._depth = value

    @property
    def reliability(self):
        """A ReliabilityPolicy."""
        return self._reliability

    @reliability.setter
    def reliability(self, value):
        self._reliability = _policy(ReliabilityPolicy, value)

    @property
    def durability(self):
        """A DurabilityPolicy."""
        return self._durability

    @durability.setter
    def durability(self, value):
        self._durability = _policy(DurabilityPolicy, value)

    def __eq__(self, other):
        same = isinstance(other, QoSProfile)
        return same and all(getattr(self, s) == getattr(other, s) for s in self.__slots__)

    __hash__ = None

    def __repr__(self):
        shown = ', '.join(f'{s[1:]}={getattr(self, s)!r}' for s in self.__slots__)
        return f'QoSProfile({shown})'


def _policy(kind, value):
    assert isinstance(value, int), f'expected a {kind.__name__}, not {value!r}'
    return kind(value)


qos_profile_services_default = QoSProfile(depth=10)
qos_profile_parameters = QoSProfile(depth=1000)
qos_profile_parameter_events = QoSProfile(depth=1000)
qos_profile_sensor_data = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)


def profile_of(given):
    """A QoSProfile from what create_publisher() takes: a profile or a depth.

    Raises ValueError (negative depth), TypeError (anything else).
    """
    if isinstance(given, QoSProfile):
        return given
    if not isinstance(given, int):
        raise TypeError(f'expected a QoSProfile or a depth, not {given!r}')
    if given < 0:
        raise ValueError(f'a depth is not negative: {given}')
    return QoSProfile(depth=given)


def quality_of(profile):
    """The profile as the wire has it. Raises NotImplementedError for SYSTEM_DEFAULT."""
    for policy in (profile.history, profile.reliability, profile.durability):
        if policy.name in ('SYSTEM_DEFAULT', 'UNKNOWN'):
            raise not_covered(f'{type(policy).__name__}.{policy.name}')
    return Quality(
        depth=None if profile.history == HistoryPolicy.KEEP_ALL else profile.depth,
        reliable=profile.reliability == ReliabilityPolicy.RELIABLE,
        latched=profile.durability == DurabilityPolicy.TRANSIENT_LOCAL,
    )


def profile_seen(quality):
    """What discovery tells of an endpoint: reliability and durability; history stays unknown."""
    reliable, latched = quality.reliable, quality.latched
    return QoSProfile(
        history=HistoryPolicy.UNKNOWN,
        depth=0,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )
