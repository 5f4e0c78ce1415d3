"""A scripted person at the robot: asks, waits, takes over, moves both arms, hands back.

Plays what an operator with a leader arm does, from a list of steps, each of which waits for the
state that it needs. It sees the executor's published state only and reads no clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from fastwam_ros.robot.joints import ARM_NAMES, SIDES

PATIENCE = 60.0  # [s] for a state that a step waits for: a policy may take long to load
RETRY = 0.5  # [s] between requests that were refused
# What a step leads to. `watch S` stays in POLICY for S seconds, `takeover S` drives for S seconds.
WAITS_FOR = {
    'engage': 'HOLD',
    'run': 'POLICY',
    'pause': 'HOLD',
    'disengage': 'DISARMED',
    'reset': 'DISARMED',
    'watch': 'POLICY',
    'takeover': 'TELEOP',
}
_TIMED = ('watch', 'takeover')
# A slow wave of both arms [rad], joints 1, 4 and 6, that begins and ends where it started.
_WAVE = {1: 0.35, 4: -0.3, 6: 0.5}


@dataclass(frozen=True)
class Step:
    """One line of a script."""

    verb: str
    seconds: float = 0.0

    @classmethod
    def parse(cls, line: str) -> 'Step':
        """'watch 6' or 'engage'. Raises ValueError naming the known verbs."""
        verb, *rest = line.split() or ['']
        if verb not in WAITS_FOR or (verb in _TIMED) != (len(rest) == 1):
            known = ', '.join(v + (' SECONDS' if v in _TIMED else '') for v in WAITS_FOR)
            raise ValueError(f'script line {line!r} is none of: {known}')
        return cls(verb, float(rest[0]) if rest else 0.0)


@dataclass(frozen=True)
class Seen:
    """The executor's state as far as a person looks at it."""

    mode: str
    reason: str = ''
    pending: bool = False
    chunks: int = 0  # that the executor has seen
    answered: int = 0
    answer: str = ''


@dataclass(frozen=True)
class Acts:
    """What the person does now: a request (verb, id), the switch, and where the hands are."""

    request: tuple[str, int] | None = None
    active: bool = False
    arms: dict[str, float] = field(default_factory=dict)
    openings: dict[str, float] = field(default_factory=dict)


class Person:
    """Works through a script. `failed` says why it ended early, `done` that it is over."""

    def __init__(self, script: Sequence[str], first_id: int) -> None:
        self._steps = [Step.parse(line) for line in script]
        self._next_id = first_id
        self._asked = 0  # id of the request that waits for an answer
        self._asked_at: float | None = None
        self._began: float | None = None  # of the step
        self._reached: float | None = None  # when the step's state was first seen
        self._at = 0
        self.failed = ''

    @property
    def done(self) -> bool:
        return bool(self.failed) or self._at >= len(self._steps)

    @property
    def doing(self) -> str:
        """The step in words."""
        if self.done:
            return 'done'
        step = self._steps[self._at]
        return f'{step.verb} {step.seconds:g} s' if step.seconds else step.verb

    def tick(self, now: float, seen: Seen | None) -> Acts:
        """What to do at `now` [s], any clock that does not go back; seen: the newest state."""
        if self.done or seen is None:
            return Acts()
        step = self._steps[self._at]
        self._began = now if self._began is None else self._began
        wanted = WAITS_FOR[step.verb]
        if seen.mode == wanted and self._settled(step, seen):
            self._reached = now if self._reached is None else self._reached
        if self._reached is None and now - self._began > PATIENCE:
            self.failed = (
                f'{step.verb}: waited {PATIENCE:g} s for {wanted}, the executor is in '
                f'{seen.mode}: {seen.answer if seen.answer != "ok" else seen.reason}'
            )
            return Acts()
        acts = self._acts(step, now, seen)
        if self._over(step, now, seen):
            self._at, self._asked, self._asked_at = self._at + 1, 0, None
            self._began = self._reached = None
        return acts

    def _settled(self, step: Step, seen: Seen) -> bool:
        return step.verb in _TIMED or (seen.answered == self._asked != 0 and seen.answer == 'ok')

    def _acts(self, step: Step, now: float, seen: Seen) -> Acts:
        if step.verb == 'watch':
            return Acts()
        if step.verb == 'takeover':
            return self._drive(step, now)
        reached = self._reached is not None
        return Acts(request=None if reached else self._ask(step.verb, now, seen))

    def _ask(self, verb: str, now: float, seen: Seen) -> tuple[str, int] | None:
        if verb == 'run' and not seen.chunks:
            return None  # nobody is there yet who could run
        lapsed = verb == 'run' and not seen.pending
        refused = seen.answered == self._asked and (seen.answer != 'ok' or lapsed)
        waited = self._asked_at is not None and now - self._asked_at < RETRY
        if self._asked_at is not None and (waited or not refused):
            return None
        self._asked, self._next_id = self._next_id, self._next_id + 1
        self._asked_at = now
        return verb, self._asked

    def _drive(self, step: Step, now: float) -> Acts:
        part = 0.0 if self._reached is None else (now - self._reached) / step.seconds
        if part >= 1.0:
            return Acts()
        swing = math.sin(math.pi * part) ** 2
        arms = {name: _WAVE.get(int(name[-1]), 0.0) * swing for name in ARM_NAMES}
        return Acts(active=True, arms=arms, openings={f'{s}_gripper': 0.02 for s in SIDES})

    def _over(self, step: Step, now: float, seen: Seen) -> bool:
        if self._reached is None:
            return False
        ended = now - self._reached >= step.seconds
        if step.verb == 'takeover':
            return ended and seen.mode == 'HOLD'
        if step.verb == 'watch' and seen.mode != 'POLICY' and not ended:
            self.failed = f'watch: the executor left POLICY for {seen.mode}: {seen.reason}'
        return ended
