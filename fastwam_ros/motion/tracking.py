"""Whether the arms follow: readings beside what the robot's tracker should make of our commands.

A sound tracker lags far behind a fast command, so a reading is never judged against the command
alone. Two likenesses of the tracker chase the same commands, one as modelled and one slower; what
lies between the two of them and the command is following, and only what is outside counts. So a
tracker that differs from its model by a third raises no alarm, and a held arm still does.

Observes only. Which robot it is, and what follows from a fault, is somebody else's business.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from fastwam_ros.motion.chaser import Chaser
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns, frozen

SOFT, LASTS = 0.12, 0.1  # [rad] outside for so long [s]: the arms must come to rest
HARD = 0.3  # [rad] outside in two looks: the arms must stop at once
SLOWEST = 0.7  # share of the modelled speed, acceleration and jerk that still is a sound tracker
LOOK: Ns = 25_000_000  # [ns] from one look to the next: one costs 30 us
STALE = 0.05  # [s] of age beyond which a reading is not judged: it says nothing of now
GAP = 1.0  # [s] without a look after which nothing is known of the robot any more


class Tracker(Protocol):
    """A robot's own follower of targets: figures of one arm's joints [rad/s, rad/s2, rad/s3].

    delay [s]: from a target to the first motion; stream_timeout [s]: without targets for longer,
    it brakes.
    """

    @property
    def velocity(self) -> tuple[float, ...]: ...
    @property
    def acceleration(self) -> tuple[float, ...]: ...
    @property
    def jerk(self) -> tuple[float, ...]: ...
    @property
    def delay(self) -> float: ...
    @property
    def stream_timeout(self) -> float: ...


@dataclass(frozen=True, eq=False)
class Response:
    """How all joints [D] follow their targets: within limits, after a delay [ns].

    slowest: the limits of the slowest tracker that still is a sound one; timeout [ns]: without
    targets for longer, the joints come to rest.
    """

    limits: Limits
    slowest: Limits
    delay: Ns
    timeout: Ns

    @classmethod
    def of(cls, commanded: Limits, tracker: Tracker) -> 'Response':
        """The tracker's figures for every arm of the joints that are commanded.

        commanded: its velocities go out with every target as the most that a joint may track
        with. Raises ValueError where the joints are no whole number of the tracker's arms.
        """
        size, arm = len(commanded.names), len(tracker.velocity)
        if arm == 0 or size % arm:
            raise ValueError(f'{size} joints are no whole number of arms of {arm}: which tracker?')
        figures = (tracker.velocity, tracker.acceleration, tracker.jerk)
        own = np.array([np.resize(figure, size) for figure in figures])
        limits, slowest = (_within(commanded, *(part * own)) for part in (1.0, SLOWEST))
        delay, timeout = tracker.delay, tracker.stream_timeout
        return cls(limits, slowest, round(delay * SECOND), round(timeout * SECOND))


def _within(commanded: Limits, velocity: Array, acceleration: Array, jerk: Array) -> Limits:
    return replace(
        commanded,
        velocity=frozen(np.minimum(commanded.velocity, velocity)),
        acceleration=frozen(acceleration),
        jerk=frozen(jerk),
    )


class Chase:
    """Likenesses of a tracker: every joint by itself heads for the newest target that is due.

    All take the same targets. Time goes in steps of `period` [ns]; `now` is where it stands.
    """

    def __init__(self, likenesses: Sequence[Limits], period: Ns) -> None:
        """likenesses: what each keeps [L] of speed, acceleration and jerk."""
        self._count, self._period = len(likenesses), period
        self._chaser = Chaser(
            period / SECOND,
            [x for limits in likenesses for x in limits.velocity.tolist()],
            [x for limits in likenesses for x in limits.acceleration.tolist()],
            [x for limits in likenesses for x in limits.jerk.tolist()],
        )
        self.begin(0, np.zeros(len(likenesses[0].names)))

    def begin(self, now: Ns, q: Array) -> None:
        """At rest at q [D], without a target."""
        self._chaser.begin(q.tolist() * self._count)
        self.now, self._motion = now, np.array(self._chaser.motion)
        self._target: list[float] = []

    def step(self, target: list[float]) -> None:
        """One period on, towards a target [D] inside the position limits; without one, to rest.

        Raises ArithmeticError when Ruckig finds no motion.
        """
        self.now += self._period
        if target != self._target:
            self._head_for(target)
        elif self._chaser.resting:
            return
        try:
            self._chaser.step()
        except ArithmeticError as error:
            raise ArithmeticError(f'no likeness of the tracker: {error}') from error
        self._motion = np.array(self._chaser.motion)

    def near(self, t: Ns) -> Array:
        """Positions [L, D] at a time within a few periods of now."""
        dt = (t - self.now) / SECOND
        return np.dot((1.0, dt, 0.5 * dt * dt), self._motion).reshape(self._count, -1)

    def _head_for(self, target: list[float]) -> None:
        self._target = target
        if target:
            self._chaser.head_for(target * self._count)
        else:
            self._chaser.rest()


class Tracking:
    """Watches whether the arms follow the commands, from `begin` to `end`.

    soft, hard: why the arms must come to rest, or stop at once; '' where they need not, and again
    as soon as a look finds the joints where they should be. Of the last look: off [D], by how much
    each joint was outside [rad], below 0 inside; modelled [D], where the model has it. restarts:
    how often the likenesses were lost (a gap, or no motion found) and began where the arms were.
    """

    def __init__(self, response: Response, period: Ns = LOOK) -> None:
        self._response, self._period = response, period
        self._names = response.limits.names
        self._chase = Chase((response.limits, response.slowest), period)
        self._sent: deque[tuple[Ns, Array]] = deque()
        self.restarts = 0
        self.modelled = np.zeros(len(self._names))
        self.end()

    def begin(self, now: Ns, q: Array) -> None:
        """Commands begin, for arms that stand at the measured q [D]."""
        self.end()
        self._chase.begin(now, q)
        self._watching, self.modelled = True, q

    def end(self) -> None:
        """Commands end: nothing is expected of the arms."""
        self._watching = False
        self._sent.clear()
        self._since: Ns | None = None
        self._far = False
        self.off = np.zeros(len(self._names))
        self.soft = self.hard = ''

    def command(self, now: Ns, q: Array) -> None:
        """q [D] is commanded now; the array must not be changed later."""
        sent = self._sent
        sent.append((now, q))
        old = now - self._response.delay - 3 * self._period
        while len(sent) > 1 and sent[1][0] < old:
            sent.popleft()

    def judge(self, now: Ns, stamp: Ns, q: Array) -> None:
        """Look, where a look is due: q [D] is the newest reading, received at stamp."""
        ahead = now - self._chase.now
        if not self._watching or 0 <= ahead < self._period:
            return
        if not 0 <= ahead < GAP * SECOND:
            self._again(now, stamp, q)
            return
        try:
            while now - self._chase.now >= self._period:
                self._chase.step(self._due(self._chase.now + self._period))
        except ArithmeticError as error:
            self._again(now, stamp, q)
            self.soft = str(error)  # one look of nothing seen is one too many to go on moving
        else:
            self._look(now, stamp, q)

    def _again(self, now: Ns, stamp: Ns, q: Array) -> None:
        """Lost: begin where the arms are, as soon as that is known."""
        if abs(now - stamp) <= STALE * SECOND:
            self.begin(now, q)
            self.restarts += 1

    def _due(self, t: Ns) -> list[float]:
        """The command that the robot follows on its way to t; empty where it has none."""
        sent, response = self._sent, self._response
        if not sent or t - sent[-1][0] > response.timeout:
            return []
        # A step stands for all the robot's own ones in it: the command of its middle.
        due = t - response.delay - self._period * 3 // 8
        return next((q.tolist() for at, q in reversed(sent) if at <= due), [])

    def _look(self, now: Ns, stamp: Ns, q: Array) -> None:
        if abs(now - stamp) > STALE * SECOND or not self._sent:
            self._since, self._far = None, False
            return
        own, slow = self._chase.near(stamp)
        command, self.modelled = self._sent[-1][1], own
        low = np.minimum(np.minimum(own, slow), command)
        high = np.maximum(np.maximum(own, slow), command)
        self.off = np.maximum(low - q, q - high)  # below 0 inside
        worst = float(self.off.max())
        self._since = (self._since or now) if worst > SOFT else None
        lasting = self._since is not None and now - self._since >= LASTS * SECOND
        far, self._far = self._far, worst > HARD
        # A fault keeps its first words: reasons that change with every look are told as often.
        self.soft = (self.soft or self._words(q, f'{SOFT} for {LASTS} s')) if lasting else ''
        self.hard = (self.hard or self._words(q, f'{HARD}')) if far and self._far else ''

    def _words(self, q: Array, limit: str) -> str:
        joint = int(self.off.argmax())
        should, command = float(self.modelled[joint]), float(self._sent[-1][1][joint])
        back = abs(command - q[joint]) > abs(should - q[joint])
        cause = 'held back, overloaded or slower than modelled' if back else 'pushed or held back'
        return (
            f'{self._names[joint]} is {self.off[joint]:.3f} rad off at {q[joint]:.3f}, limit '
            f'{limit}; it should be at {should:.3f} on its way to {command:.3f}: {cause}?'
        )
