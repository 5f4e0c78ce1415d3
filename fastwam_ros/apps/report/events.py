"""What the executor said about itself: modes, verdicts on chunks, ages, take-overs.

Read from its published state alone; how it decides is not known here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fastwam_ros.apps.report.run import Heard
from fastwam_ros.bag.streams import SECOND, Array, JointStream, nanoseconds

PATIENCE = 3 * SECOND  # [ns] after an edge of the switch in which its effect is looked for
_SKEW = SECOND // 50  # [ns] by which the recorder may have received an effect before its cause


class Span(NamedTuple):
    """The executor was in `mode` (or moved by it) from since to until [ns, its stamps]."""

    mode: str
    since: int
    until: int


def spans(states: Sequence[Heard], name: str = 'mode') -> list[Span]:
    """Modes in their order, without gaps; the last one ends with the last state.

    name: the field of the state that is looked at.
    """
    found: list[Span] = []
    for _, state in states:
        stamp = nanoseconds(state.header.stamp)
        if found:
            found[-1] = found[-1]._replace(until=stamp)
        if not found or found[-1].mode != getattr(state, name):
            found.append(Span(getattr(state, name), stamp, stamp))
    return found


def durations(modes: Sequence[Span]) -> dict[str, float]:
    """Seconds spent in each mode, in the order of first appearance."""
    total: Counter[str] = Counter()
    for span in modes:
        total[span.mode] += span.until - span.since
    return {mode: ns / SECOND for mode, ns in total.items()}


def counted(states: Sequence[Heard], name: str) -> int:
    """By how much a counter of the state grew; a restarted executor counts from 0 again."""
    values = [getattr(state, name) for _, state in states]
    return sum(b - a if b >= a else b for a, b in pairwise(values))


class Start(NamedTuple):
    """A plan from a chunk: head stamp, stamp of its first command [ns], the state that says so."""

    chunk_stamp: int
    first_tick: int
    state: Heard


def starts(states: Sequence[Heard]) -> list[Start]:
    """Every chunk's plan that reached its first tick, once."""
    found: dict[tuple[int, int], Start] = {}
    for heard in states:
        state = heard.message
        stamp, first = nanoseconds(state.chunk_stamp), nanoseconds(state.plan_first_tick)
        if stamp and first:
            found.setdefault((state.plan_id, stamp), Start(stamp, first, heard))
    return list(found.values())


def ages(plans: Sequence[Start], commands: JointStream) -> Array:
    """Seconds from head stamp to first command, of the plans whose first command was recorded."""
    there = set(commands.stamps.tolist())
    found = [p.first_tick - p.chunk_stamp for p in plans if p.first_tick in there]
    return np.array(found, np.float64) / SECOND


@dataclass(frozen=True)
class Slowed:
    """share: of the time under a chunk's plan in which limits slowed it; most: its time scale."""

    share: float
    most: float
    joints: tuple[str, ...]

    @classmethod
    def of(cls, states: Sequence[Heard]) -> 'Slowed':
        total = slow = 0
        most, joints = 1.0, set()
        for (_, state), (_, after) in pairwise(states):
            if state.mode != 'POLICY':
                continue
            lasted = nanoseconds(after.header.stamp) - nanoseconds(state.header.stamp)
            total += lasted
            if state.time_scale > 1.0:
                slow += lasted
                most = max(most, state.time_scale)
                joints.update(state.held_back)
        return cls(slow / total if total else float('nan'), most, tuple(sorted(joints)))


@dataclass(frozen=True)
class Takeover:
    """One rising edge of the switch; seconds by receive times, NaN for what never came.

    at: its receipt [ns]; to_state: until the state says TELEOP; to_command: until the first
    command of that plan; to_hold: from the falling edge until the state says HOLD.
    """

    at: int
    to_state: float
    to_command: float
    to_hold: float


def takeovers(
    active: Sequence[Heard], states: Sequence[Heard], commands: JointStream
) -> list[Takeover]:
    """All of them, whether or not the executor followed."""
    received = dict(zip(commands.stamps.tolist(), commands.received.tolist(), strict=True))
    found = []
    for rise, fall in pressed(active):
        taken = _entered(states, 'TELEOP', rise)
        plan = nanoseconds(taken.message.plan_first_tick) if taken else 0
        held = _entered(states, 'HOLD', fall) if fall is not None else None
        found.append(
            Takeover(
                rise,
                _seconds(taken.received - rise if taken else None),
                _seconds(received[plan] - rise if plan in received else None),
                _seconds(held.received - fall if held and fall is not None else None),
            )
        )
    return found


def pressed(active: Sequence[Heard]) -> list[tuple[int, int | None]]:
    """Receipts [ns] of rising edges, each with that of its falling one."""
    found: list[tuple[int, int | None]] = []
    before = False
    for received, message in active:
        if message.data and not before:
            found.append((received, None))
        elif before and not message.data:
            found[-1] = (found[-1][0], received)
        before = message.data
    return found


def _entered(states: Sequence[Heard], mode: str, since: int) -> Heard | None:
    """The first state that says `mode` and did not before, received soon after `since`."""
    for (_, before), heard in pairwise(states):
        if not since - _SKEW <= heard.received <= since + PATIENCE:
            continue
        if heard.message.mode == mode != before.mode:
            return heard
    return None


def _seconds(ns: int | None) -> float:
    return float('nan') if ns is None else ns / SECOND
