"""First contact with a robot: what was heard of one topic for a while, and what is wrong with it.

Each check takes what was heard and returns findings: a fact, how bad it is and what to do about
it. `error` is what will not work, or will be refused, as it stands. Knows no robot and no ROS;
times are those of arrival on this machine's clock, and those that the sender stamped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from fastwam_ros.motion.guard import FUTURE
from fastwam_ros.motion.limits import SECOND, Ns

SLACK = 0.1  # share by which a rate may be off the one expected
STALE = 0.25  # [s] of age, at the least: a clock that is behind, or a network that stores
_DDS = (
    "run as the user of the robot's own nodes (shared memory) or with a UDP-only profile, and "
    'look for a firewall'
)
_CLOCK = 'synchronise the clocks of both machines (chrony or PTP), then look again'


class Severity(str, Enum):
    """How bad a finding is."""

    OK = 'ok'
    WARN = 'warn'
    ERROR = 'error'


@dataclass(frozen=True)
class Finding:
    """A fact about a subject, and what to do about it ('' for nothing)."""

    severity: Severity
    subject: str
    fact: str
    remedy: str = ''

    def __str__(self) -> str:
        return f'{self.fact}: {self.remedy}' if self.remedy else self.fact


@dataclass(frozen=True)
class Endpoint:
    """Who publishes or listens, by full node name; kind: type of the messages."""

    node: str
    kind: str
    reliable: bool = False
    latched: bool = False

    def __str__(self) -> str:
        quality = 'reliable' if self.reliable else 'best effort'
        return f'{self.node} ({quality}{", latched" if self.latched else ""})'


@dataclass(frozen=True)
class Joints:
    """One JointState: positions and velocities as they came, in wire units."""

    position: tuple[float, ...]
    velocity: tuple[float, ...] = ()


Content = Joints | tuple[int, int] | None  # a picture's height and width, None where it has none


@dataclass(frozen=True)
class Heard:
    """One topic for a while: who is there, and what came when, in the order of arrival.

    kind: type that was listened for; received, stamps [N, ns]; contents [N]; recorded: heard by a
    recorder, so that nothing is known of who published or listened.
    """

    topic: str
    kind: str
    publishers: tuple[Endpoint, ...] = ()
    listeners: tuple[Endpoint, ...] = ()
    received: Sequence[Ns] = ()
    stamps: Sequence[Ns] = ()
    contents: Sequence[Content] = ()
    recorded: bool = False

    @property
    def rate(self) -> float:
        """Messages per second by their arrival [Hz]; NaN below two."""
        span = self.received[-1] - self.received[0] if len(self.received) > 1 else 0
        return (len(self.received) - 1) * SECOND / span if span else float('nan')

    @property
    def lags(self) -> np.ndarray:
        """From stamp to arrival [N, s]: the way, and by how much the two clocks differ."""
        return np.subtract(self.received, self.stamps) / SECOND

    def named(self) -> str:
        """Who publishes, in words."""
        return ', '.join(map(str, self.publishers)) or 'nobody'

    def finding(self, severity: Severity, fact: str, remedy: str = '') -> Finding:
        """About this topic."""
        return Finding(severity, self.topic, fact, remedy)

    def sound(self, what: str) -> Finding:
        """What it is like where nothing is wrong with it so far."""
        usual, least = np.median(self.lags) * 1e3, self.lags.min() * 1e3
        fact = f'{self.rate:.1f} Hz, {what}, {usual:.1f} ms old ({least:.1f} at least)'
        source = '' if self.recorded else f', from {self.named()}'
        return self.finding(Severity.OK, f'{fact}{source}')


def presence(heard: Heard, start: str) -> Iterator[Finding]:
    """Whether it is there; start: what to start where it is not."""
    others = sorted({end.kind for end in heard.publishers} - {heard.kind})
    if others:
        kinds = ', '.join(others)
        yield heard.finding(
            Severity.ERROR,
            f'is published as {kinds}, want {heard.kind}',
            'another version of the driver? convert it, or remap the topic that has the type',
        )
    elif not heard.publishers and not heard.received:
        why = 'not recorded, or nobody published it' if heard.recorded else 'nobody publishes it'
        yield heard.finding(Severity.ERROR, f'is missing: {why}', start)
    elif not heard.received:
        yield heard.finding(
            Severity.ERROR, f'nothing arrives, though {heard.named()} publishes it', _DDS
        )
    elif len(heard.publishers) > 1:
        fact = f'{len(heard.publishers)} publish it: {heard.named()}'
        yield heard.finding(Severity.WARN, fact, 'end all but one, or their readings mix')


def rate(heard: Heard, slowest: float, fastest: float, longest: float) -> Iterator[Finding]:
    """Whether it comes often enough [Hz], and without gaps longer than `longest` [s]."""
    hertz, (gap, when) = heard.rate, _gap(heard)
    if not hertz >= slowest * (1.0 - SLACK):  # nor is a NaN
        fact = f'{len(heard.received)} messages, {hertz:.1f} Hz, want {slowest:g} Hz'
        yield heard.finding(Severity.WARN, fact, 'look at the load, the network and the driver')
    elif hertz > fastest * (1.0 + SLACK):
        fact = f'{hertz:.1f} Hz, want {fastest:g} Hz at most'
        yield heard.finding(Severity.WARN, fact, "do two drivers run, or is this a bag's player?")
    if gap > longest:
        since = f' from receive time {when / SECOND:.3f} on' if heard.recorded else ''
        fact = f'nothing for {gap:.3f} s{since}, limit {longest:g} s'
        yield heard.finding(Severity.ERROR, fact, 'look at the load, the network and the driver')


def _gap(heard: Heard) -> tuple[float, Ns]:
    """The longest [s], and when it began."""
    steps = np.diff(heard.received)
    if not len(steps):
        return 0.0, 0
    longest = int(steps.argmax())
    return float(steps[longest]) / SECOND, heard.received[longest]


def stamps(heard: Heard) -> Iterator[Finding]:
    """Whether every message says when it was taken, later than the one before it."""
    taken = np.array(heard.stamps)
    steps = np.diff(taken)
    zero, back, same = (int(np.sum(x)) for x in (taken <= 0, steps < 0, steps == 0))
    many = len(taken)
    if zero:
        remedy = 'have the driver stamp its messages: without stamps nothing can be matched'
        yield heard.finding(Severity.ERROR, f'{zero} of {many} messages have no stamp', remedy)
        return
    if back:
        worst = -float(steps.min()) / SECOND
        fact = f'{back} of {many} stamps go back, by up to {worst:.3f} s'
        yield heard.finding(Severity.ERROR, fact, 'does another publish it, or was a clock set?')
    if same:
        severity = Severity.ERROR if same > many // 2 else Severity.WARN
        fact = f'{same} of {many} stamps are equal to the one before'
        yield heard.finding(severity, fact, 'the driver repeats messages or its clock is coarse')


def clock(heard: Heard) -> Iterator[Finding]:
    """Whether stamps can be of this machine's clock: not ahead of it, and not from long ago."""
    least, usual = float(heard.lags.min()), float(np.median(heard.lags))
    if least < -FUTURE:
        fact = f'stamps are up to {-least:.3f} s ahead of this clock, limit {FUTURE} s'
        yield heard.finding(Severity.ERROR, fact, _CLOCK)
    elif usual > STALE:
        fact = f'stamps are {usual:.3f} s old, {least:.3f} s at least, limit {STALE} s'
        yield heard.finding(Severity.WARN, fact, _CLOCK)
