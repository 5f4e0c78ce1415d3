"""One method in one scenario, tick by tick: what it commands, how often it stops, what it costs.

A rule takes a hand's place for its command, through its own limits if it has any, and believes a
clock that is set. The executor is driven as its node drives it: its time goes on when the clock is
set, and an operator asks for `run` when it has stood for a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Protocol

import numpy as np

from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.apps.splice.methods import LIMITS, RULES, WAYS
from fastwam_ros.apps.splice.metrics import ticks
from fastwam_ros.apps.splice.rules import Rule, Told
from fastwam_ros.apps.splice.scenarios import OPENING, START, Delivery, Scenario, Truth
from fastwam_ros.loop.execution import settings
from fastwam_ros.motion.authority import DISARMED, HOLD, Mode
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, Array, Ns, State
from fastwam_ros.motion.status import SHADOW, Measured
from fastwam_ros.robot.joints import ARM_NAMES

_HAND_OFF = 0.05  # [rad] between a hand and what is wanted: it is never exactly there
_FLICKER = 1e-9  # [rad] of a reading: one that is the same to the bit would be held for frozen
_PATIENCE = 1.0  # [s] that the operator lets the arms stand


@dataclass
class Played:
    """commands [N, D], a tick apart; states: the executor's own, where it has any, else None.

    tick_us, chunk_ms: what each took; verdicts: on every chunk that was not merely watched.
    """

    commands: Array
    states: list[State | None] = field(default_factory=list)
    tick_us: list[float] = field(default_factory=list)
    chunk_ms: list[float] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    stops: int = 0


class Player(Protocol):
    """A method at work. t: seconds since the start; now: the robot's clock [ns]."""

    played: Played

    def hear(self, t: float, now: Ns, hand: Array | None) -> None: ...
    def take(self, t: float, now: Ns, chunk: Chunk) -> None: ...
    def tick(self, t: float, now: Ns) -> Array: ...


class ByRule:
    """A rule, and a switch between it and the hand."""

    def __init__(self, rule: Rule, q: Array) -> None:
        self.played = Played(np.zeros((0, len(q))))
        self._rule, self._q = rule, q
        self._hand: Array | None = None
        rule.begin(0.0, q)

    def hear(self, t: float, now: Ns, hand: Array | None) -> None:
        if self._hand is not None and hand is None:
            self._rule.release(_seconds(now), self._q)
        self._hand = hand

    def take(self, t: float, now: Ns, chunk: Chunk) -> None:
        if self._hand is None:
            told = Told(chunk.seconds(START), chunk.columns(ARM_NAMES))
            self._rule.take(_seconds(now), told)

    def tick(self, t: float, now: Ns) -> Array:
        at, hand = _seconds(now), self._hand
        self._q = self._rule.at(at) if hand is None else self._rule.follow(at, hand)
        return self._q


class ByExecutor:
    """The executor, an arm that is where it is commanded, and an operator."""

    def __init__(self, changes: dict[str, str], q: Array) -> None:
        self.played = Played(np.zeros((0, len(q))))
        made = replace(settings(1.0 / TICK), limits=LIMITS, **changes)  # type: ignore[arg-type]
        self._executor = Executor(made, epoch=1)
        self._measured = Measured(START, q, np.zeros_like(q), np.full(2, OPENING))
        self._ahead: Ns = 0  # of the robot's clock, which was set, to the executor's own time
        self._held = self._requests = 0

    def hear(self, t: float, now: Ns, hand: Array | None) -> None:
        executor, own = self._executor, now - self._ahead
        if step := now - START - round(t * SECOND) - self._ahead:
            self._ahead += step
            own -= step
            executor.on_clock_step(own, step)
        flicker = _FLICKER * (len(self.played.states) % 2)
        executor.on_measured(replace(self._measured, stamp=own, q=self._measured.q + flicker))
        executor.on_teleop_active(own, hand is not None)
        if hand is not None:
            executor.on_teleop_target(own, hand, np.full(2, np.nan))
        self._operate(own)

    def take(self, t: float, now: Ns, chunk: Chunk) -> None:
        executor, own = self._executor, now - self._ahead
        chunk = replace(chunk, epoch=executor.status.epoch, stamp=chunk.stamp - self._ahead)
        verdict = executor.on_chunk(own, chunk).name
        if verdict != SHADOW:
            self.played.verdicts.append(verdict)

    def tick(self, t: float, now: Ns) -> Array:
        stopping = self._executor.status.standing.mode is Mode.STOPPING
        point = self._executor.tick(now - self._ahead)
        self.played.stops += not stopping and (
            self._executor.status.standing.mode is Mode.STOPPING
        )
        state = point.state if point is not None else None
        self.played.states.append(state)
        if state is not None:
            self._measured = replace(self._measured, q=state.q, v=state.v)
        return self._measured.q

    def _operate(self, now: Ns) -> None:
        status = self._executor.status
        verb = {DISARMED: 'engage', HOLD: 'run'}.get(status.standing, '')
        self._held = self._held + 1 if status.standing is HOLD and not status.pending else 0
        at_once = status.standing is DISARMED or self._requests < 2
        if verb and not status.pending and (at_once or self._held * TICK > _PATIENCE):
            self._requests += 1
            self._executor.on_request(now, verb, self._requests, 'operator')


def player(method: str, q: Array) -> Player:
    """The named method, standing at q [D]. Raises KeyError for a name that is none."""
    return ByRule(RULES[method](), q) if method in RULES else ByExecutor(WAYS[method], q)


def play(
    method: str, scenario: Scenario, truth: Truth, coming: Sequence[Delivery], seconds: float
) -> Played:
    """The method on these deliveries, from the truth's first position on."""
    times = ticks(0, round(seconds / TICK), TICK)
    wanted = truth.at(times)
    at_work, waiting = player(method, wanted[0].copy()), _by_tick(coming, times)
    played = at_work.played
    played.commands = np.zeros_like(wanted)
    for k, t in enumerate(times.tolist()):
        now = scenario.ros(t)
        at_work.hear(t, now, wanted[k] + _HAND_OFF if scenario.hand(t) else None)
        for delivery in waiting.get(k, ()):
            begun = perf_counter()
            at_work.take(t, now, delivery.chunk)
            played.chunk_ms.append(1e3 * (perf_counter() - begun))
        begun = perf_counter()
        played.commands[k] = at_work.tick(t, now)
        played.tick_us.append(1e6 * (perf_counter() - begun))
    return played


def _by_tick(coming: Sequence[Delivery], times: Array) -> dict[int, list[Delivery]]:
    found: dict[int, list[Delivery]] = {}
    for delivery in coming:
        found.setdefault(int(np.searchsorted(times, delivery.arrival)), []).append(delivery)
    return found


def _seconds(now: Ns) -> float:
    return (now - START) / SECOND
