"""Where a person's hand is at a tick, how fast it moves, and how abruptly it may stop.

A hand's stream has a rate of its own and arrives when the network lets it. Three things are made
of it: the times at which its samples were taken, a smooth motion through them, and a judgement: a
hand that has moved smoothly for a while brakes as arms can, one that just jumped may jump again.
"""

import math
from typing import TypeAlias

from fastwam_ros.motion.follow import Goal
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns

Gain: TypeAlias = tuple[float, float, float]

TRAIL = 0.02  # [s] that the motion is told late: what can be seen need not be foreseen
INTERVALS = 0.7  # of a stream's own, the same for slow streams
SUDDEN = 0.01  # [rad] that a command may come to rest beyond a hand that stops dead
SMOOTH = 0.06  # [rad] the same, beyond a hand that has not been abrupt for TRUST
TRUST = 5.0  # [s]
LEAD = 0.05  # [rad] by which a motion goes on beyond the last sample, while the next is awaited
_MEMORY = 0.025  # [s] in which the filter forgets all but a third
_SURPRISE = 0.002  # [rad] that a sample may be off and be none, beside five times the usual
_USUAL = 0.005  # [rad] at most: a stream that is worse is not noisy but abrupt
_LEARNS = 0.1  # share of the newest interval or deviation in what is usual
_JUMP = 2.0  # times the speed limit: what is faster between two samples is no speed
_PAUSE = 0.15  # [s] of silence, at most, after which a hand stands where it was seen last
_OFF = 0.015  # [s] from when it should come that make a sample the first of a new rhythm
_STILL = (1e-9, 1e-6, 1e-4)  # [rad, rad/s, rad/s2] that are no motion


class Clock:
    """When the samples of one stream were taken, from when they arrive [s].

    Most jitter is the transport's: samples are taken an interval apart, and one that arrives late
    or early moves that only a little.
    """

    def __init__(self) -> None:
        self.taken = self._arrived = -math.inf
        self.doubt = 0.0  # by how much the newest sample came off its rhythm
        self._gap, self._count = 0.0, 0

    def beat(self, now: float) -> float:
        """A sample arrived: the seconds since the one before it was taken, 0.0 for the first."""
        passed, before = now - self._arrived, self.taken
        if passed < 0.0 or self.silent(now):
            self._count = 0
        self._arrived, self._count = now, self._count + 1
        self.taken = now
        if self._count == 1:
            self._gap = 0.0
            return 0.0
        if self._count == 2:
            self._gap = passed
        self._gap += max(_LEARNS, 1.0 / self._count) * (min(passed, 2.0 * self._gap) - self._gap)
        off = now - before - self._gap
        self.doubt = abs(off)
        if self.doubt < max(_OFF, 0.6 * self._gap):
            self.taken = min(now, before + self._gap + _LEARNS * off)
        self.taken = max(self.taken, before + 5e-4)
        return self.taken - before

    @property
    def told(self) -> float:
        """The instant at which the newest sample counts."""
        return self.taken + max(TRAIL, INTERVALS * self._gap)

    def silent(self, now: float) -> bool:
        """Whether more than two intervals have passed without a sample."""
        patience = max(2.5 * self._gap, 0.04) if self._gap else _PAUSE
        return now - self._arrived > min(patience, _PAUSE)

    def pauses(self, now: float) -> bool:
        """Whether it has just fallen silent: true once."""
        paused = self._count > 0 and self.silent(now)
        if paused:
            self._count = 0
        return paused


class Trace:
    """One joint of a hand: the smooth motion (q, v, a) of its goal, and how it has behaved."""

    def __init__(self, q: float, speed: float, accel: float) -> None:
        """speed, accel: limits of the joint, beyond which a hand is not followed anyway."""
        self.q, self.v, self.a = q, 0.0, 0.0
        self.last, self.overrun = q, SUDDEN
        self._speed, self._accel = speed, accel
        self._usual = 0.0  # [rad] that samples deviate
        self._abrupt = 0.0  # [s] when it was so, last

    def after(self, t: float) -> Goal:
        """t seconds on, but not farther beyond the last sample than LEAD."""
        if self.v or self.a:
            self.q += t * (self.v + 0.5 * t * self.a)
            self.v += t * self.a
            lead = self.q - self.last
            if not -LEAD < lead < LEAD and lead * self.v > 0.0:
                self.q, self.v, self.a = self.last + math.copysign(LEAD, lead), 0.0, 0.0
        return self.q, self.v, self.a, self.overrun

    def begin(self, now: float, goal: float) -> None:
        """The first sample, or the first one after a pause: it tells no motion."""
        self._abrupt, self.overrun = now, SUDDEN
        self.last = goal
        self.stand()

    def stand(self) -> None:
        """The goal is where it was seen last."""
        self.q, self.v, self.a = self.last, 0.0, 0.0

    def bend(self, goal: float, clock: Clock, since: float, ahead: float, gain: Gain) -> None:
        """Towards a sample taken `since` seconds after the last, which counts `ahead` of now.

        gain: shares of its miss that correct q, v and a.
        """
        miss = goal - self.q - ahead * (self.v + 0.5 * ahead * self.a)
        size = abs(miss)
        usual = _SURPRISE + 0.5 * since**2 * self._accel + 5.0 * self._usual
        if size > usual + clock.doubt * abs(self.v):
            self._abrupt = clock.taken
            self._anew(goal, since, ahead)
        else:
            self.q, self.v = self.q + gain[0] * miss, self.v + gain[1] * miss
            self.a += gain[2] * miss
        self.v = _within(self.v, self._speed)
        self.a = _within(self.a, self._accel)
        self._usual += _LEARNS * (min(size, _USUAL) - self._usual)
        trust = min((clock.taken - self._abrupt) / TRUST, 1.0)
        self.last, self.overrun = goal, SUDDEN + (SMOOTH - SUDDEN) * trust
        if size < _STILL[0] and abs(self.v) < _STILL[1] and abs(self.a) < _STILL[2]:
            self.stand()

    def _anew(self, goal: float, since: float, ahead: float) -> None:
        """The motion that the last two samples tell alone; a jump tells none."""
        speed = (goal - self.last) / since
        self.v = speed if abs(speed) <= _JUMP * self._speed else 0.0
        self.q, self.a = goal - ahead * self.v, 0.0


class Heading:
    """Where a hand's goal is at a tick, TRAIL ago, and where it goes.

    A hand that nobody knows yet is taken for an abrupt one.
    """

    def __init__(self, limits: Limits, start: Array) -> None:
        """start: the goal [D] until a sample comes."""
        rows = zip(start, limits.velocity, limits.acceleration, strict=True)
        self._traces = [Trace(*(float(value) for value in row)) for row in rows]
        self._clocks: list[Clock] = [Clock() for _ in self._traces]  # of each joint's stream
        self._streams = self._grouped()
        self._origin: Ns | None = None
        self._now = 0.0

    def take(self, now: Ns, goals: Array) -> None:
        """Take the goals [D] of a sample that arrived `now`; NaN where it tells none."""
        given = [(i, goal) for i, goal in enumerate(goals.tolist()) if goal == goal]
        if not given:
            return
        clock, traces = self._stream([i for i, _ in given])
        seconds = self._seconds(now)
        since = clock.beat(seconds)
        ahead = clock.told - self._now
        gain = _gain(since, -ahead) if since else None
        for trace, (_, goal) in zip(traces, given, strict=True):
            if gain is None:
                trace.begin(seconds, goal)
            else:
                trace.bend(goal, clock, since, ahead, gain)

    def at(self, now: Ns) -> list[Goal]:
        """The goals of all joints at a tick, not before the last one."""
        seconds = self._seconds(now)
        passed, self._now = max(seconds - self._now, 0.0), seconds
        for clock, traces in self._streams.items():
            if clock.pauses(seconds):
                for trace in traces:
                    trace.stand()
        return [trace.after(passed) for trace in self._traces]

    def _stream(self, joints: list[int]) -> tuple[Clock, list[Trace]]:
        """Joints come with the same others each time: where they do not, a stream begins."""
        clock = self._clocks[joints[0]]
        traces = self._streams[clock]
        if len(traces) != len(joints) or any(self._clocks[i] is not clock for i in joints):
            clock = Clock()
            for i in joints:
                self._clocks[i] = clock
            self._streams = self._grouped()
            traces = self._streams[clock]
        return clock, traces

    def _grouped(self) -> dict[Clock, list[Trace]]:
        streams: dict[Clock, list[Trace]] = {clock: [] for clock in self._clocks}
        for clock, trace in zip(self._clocks, self._traces, strict=True):
            streams[clock].append(trace)
        return streams

    def _seconds(self, now: Ns) -> float:
        if self._origin is None:
            self._origin = now
        return (now - self._origin) / SECOND


def _gain(since: float, after: float) -> Gain:
    """Shares of a sample's miss that correct position, velocity and acceleration after it [s].

    Those of the fading-memory filter of second degree, which follows a steady acceleration
    without a lag (Morrison, Introduction to Sequential Smoothing and Prediction, 1969).
    """
    kept = math.exp(-since / _MEMORY)
    new = 1.0 - kept
    q, v, a = 1.0 - kept**3, 1.5 * new**2 * (1.0 + kept) / since, new**3 / since**2
    return q + after * (v + 0.5 * after * a), v + after * a, a


def _within(value: float, bound: float) -> float:
    return min(max(value, -bound), bound)
