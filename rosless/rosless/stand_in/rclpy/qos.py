"""Quality of service. Knows no DDS: dds.Quality is the same thing on the wire's side."""

import enum

from rosless.quality import Quality
from rosless.refusal import lookup, not_covered

from .duration import Duration, Infinite

__getattr__ = lookup(__name__)


class InvalidQoSProfileException(Exception):
    """A profile that says too little."""


class _Policy(enum.IntEnum):
    """Base of the policies, with the short names that command lines use."""

    @classmethod
    def short_keys(cls):
        """The short names: 'best_effort' ..."""
        return [name.lower() for name in cls.__members__]

    @classmethod
    def get_from_short_key(cls, name):
        """The number of a policy by its short name. Raises KeyError."""
        return cls[name.upper()].value

    @property
    def short_key(self):
        """The short name of this policy."""
        return self.name.lower()


class HistoryPolicy(_Policy):
    """How many samples are kept."""

    SYSTEM_DEFAULT = 0
    KEEP_LAST = 1
    KEEP_ALL = 2
    UNKNOWN = 3


class ReliabilityPolicy(_Policy):
    """Are lost samples sent again?"""

    SYSTEM_DEFAULT = 0
    RELIABLE = 1
    BEST_EFFORT = 2
    UNKNOWN = 3


class DurabilityPolicy(_Policy):
    """Do late joiners get what was sent before?"""

    SYSTEM_DEFAULT = 0
    TRANSIENT_LOCAL = 1
    VOLATILE = 2
    UNKNOWN = 3


class LivelinessPolicy(_Policy):
    """Who says that a publisher is alive?"""

    SYSTEM_DEFAULT = 0
    AUTOMATIC = 1
    MANUAL_BY_TOPIC = 3
    UNKNOWN = 4


QoSHistoryPolicy = HistoryPolicy
QoSReliabilityPolicy = ReliabilityPolicy
QoSDurabilityPolicy = DurabilityPolicy
QoSLivelinessPolicy = LivelinessPolicy


def _checked(name, kind):
    """A property that takes a policy or its number, or a value of a type. AssertionError."""
    held = f'_{name}'

    def store(self, value):
        wanted = int if issubclass(kind, _Policy) else kind
        assert isinstance(value, wanted), f'{name} is a {kind.__name__}, not {value!r}'
        setattr(self, held, kind(value) if wanted is not kind else value)

    return property(lambda self: getattr(self, held), store, doc=f'A {kind.__name__}.')


UNSPECIFIED = Duration()  # of lifespan, deadline and lease: for ever
_DEFAULTS = {
    'history': HistoryPolicy.KEEP_LAST,
    'depth': 10,
    'reliability': ReliabilityPolicy.RELIABLE,
    'durability': DurabilityPolicy.VOLATILE,
    'lifespan': UNSPECIFIED,
    'deadline': UNSPECIFIED,
    'liveliness': LivelinessPolicy.SYSTEM_DEFAULT,
    'liveliness_lease_duration': UNSPECIFIED,
    'avoid_ros_namespace_conventions': False,
}


class QoSProfile:
    """The quality of service of a publisher, subscription, service or client.

    A depth or KEEP_ALL must be given; the rest defaults to reliable and volatile.
    Raises InvalidQoSProfileException, AssertionError (unknown or ill-typed option).
    """

    __slots__ = tuple(f'_{name}' for name in _DEFAULTS)

    history = _checked('history', HistoryPolicy)
    depth = _checked('depth', int)
    reliability = _checked('reliability', ReliabilityPolicy)
    durability = _checked('durability', DurabilityPolicy)
    lifespan = _checked('lifespan', Duration)
    deadline = _checked('deadline', Duration)
    liveliness = _checked('liveliness', LivelinessPolicy)
    liveliness_lease_duration = _checked('liveliness_lease_duration', Duration)
    avoid_ros_namespace_conventions = _checked('avoid_ros_namespace_conventions', bool)

    def __init__(self, **given):
        unknown = given.keys() - _DEFAULTS.keys()
        assert not unknown, f'QoSProfile takes {", ".join(_DEFAULTS)}, not {", ".join(unknown)}'
        if 'history' not in given and 'depth' not in given:
            raise InvalidQoSProfileException('a QoSProfile needs a depth or a history')
        for name, value in (_DEFAULTS | given).items():
            setattr(self, name, value)
        if self.history == HistoryPolicy.KEEP_LAST and 'depth' not in given:
            raise InvalidQoSProfileException('KEEP_LAST needs a depth')

    def __eq__(self, other):
        same = isinstance(other, QoSProfile)
        return same and all(getattr(self, s) == getattr(other, s) for s in self.__slots__)

    __hash__ = None

    def __repr__(self):
        shown = ', '.join(f'{s[1:]}={getattr(self, s)!r}' for s in self.__slots__)
        return f'QoSProfile({shown})'


qos_profile_system_default = QoSProfile(
    history=HistoryPolicy.SYSTEM_DEFAULT,
    depth=0,
    reliability=ReliabilityPolicy.SYSTEM_DEFAULT,
    durability=DurabilityPolicy.SYSTEM_DEFAULT,
)
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
    """The profile as the wire has it: SYSTEM_DEFAULT is reliable, volatile, the newest one.

    Raises NotImplementedError for UNKNOWN, and names without a prefix on the wire.
    """
    if profile.avoid_ros_namespace_conventions:
        raise not_covered('QoSProfile(avoid_ros_namespace_conventions=True)')
    for name in ('history', 'reliability', 'durability', 'liveliness'):
        if getattr(profile, name).name == 'UNKNOWN':
            raise not_covered(f'{name} UNKNOWN', 'rclpy refuses it, too: choose a policy')
    return Quality(
        depth=None if profile.history == HistoryPolicy.KEEP_ALL else profile.depth,
        reliable=profile.reliability != ReliabilityPolicy.BEST_EFFORT,
        latched=profile.durability == DurabilityPolicy.TRANSIENT_LOCAL,
        lifespan=_limit(profile.lifespan),
        deadline=_limit(profile.deadline),
        manual=profile.liveliness == LivelinessPolicy.MANUAL_BY_TOPIC,
        lease=_limit(profile.liveliness_lease_duration),
    )


def _limit(duration):
    return None if duration in (UNSPECIFIED, Infinite) else duration.nanoseconds


def profile_seen(quality):
    """What discovery tells of an endpoint; its history stays unknown."""
    reliable, latched, manual = quality.reliable, quality.latched, quality.manual
    return QoSProfile(
        history=HistoryPolicy.UNKNOWN,
        depth=0,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
        lifespan=_seen(quality.lifespan),
        deadline=_seen(quality.deadline),
        liveliness=LivelinessPolicy.MANUAL_BY_TOPIC if manual else LivelinessPolicy.AUTOMATIC,
        liveliness_lease_duration=_seen(quality.lease),
    )


def _seen(nanoseconds):
    return Infinite if nanoseconds is None else Duration(nanoseconds=nanoseconds)
