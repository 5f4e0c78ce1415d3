"""A scripted person at the robot: asks, waits, takes over, moves both arms, hands back.

Plays what an operator with a leader arm does, from a list of steps, each of which waits for the
state that it needs. It sees the executor's published state and, while it works with its hands,
the joints' readings and things; it reads no clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from fastwam_ros.robot.joints import ARM_NAMES, SIDES, arm_joints
from fastwam_ros.sim.expert import Expert, Sight, Wish
from fastwam_ros.sim.tasks import TASKS, task_named

PATIENCE = 60.0  # [s] for a state that a step waits for: a policy may take long to load
LONGEST = 86400.0  # [s] of one step
RETRY = 0.5  # [s] between requests that were refused
AGAIN = 2  # times that a policy which was stopped is asked to run again
# What a step leads to. `watch S` stays in POLICY for S seconds, `takeover S` waves for S seconds,
# `do fold` takes over, folds the towel and hands back.
WAITS_FOR = {
    'engage': 'HOLD',
    'run': 'POLICY',
    'pause': 'HOLD',
    'disengage': 'DISARMED',
    'reset': 'DISARMED',
    'watch': 'POLICY',
    'takeover': 'TELEOP',
    'do': 'TELEOP',
}
_TIMED = ('watch', 'takeover')
_HANDS = ('takeover', 'do')
_AFTER = {**dict.fromkeys(_TIMED, 'SECONDS'), 'do': f'({", ".join(TASKS)})'}
# A slow wave of both arms [rad], joints 1, 4 and 6, that begins and ends where it started.
_WAVE = {1: 0.35, 4: -0.3, 6: 0.5}


@dataclass(frozen=True)
class Step:
    """One line of a script."""

    verb: str
    seconds: float = 0.0
    task: str = ''

    @classmethod
    def parse(cls, line: str) -> 'Step':
        """'watch 6', 'engage' or 'do fold'. Raises ValueError naming the known verbs or tasks."""
        verb, _, rest = line.partition(' ')
        if verb == 'do':
            task_named(rest)
            return cls(verb, task=rest)
        if verb not in WAITS_FOR or (verb in _TIMED) != (len(rest.split()) == 1):
            known = ', '.join(f'{v} {_AFTER.get(v, "")}'.strip() for v in WAITS_FOR)
            raise ValueError(f'script line {line!r} is none of: {known}')
        return cls(verb, _seconds(line, rest) if rest else 0.0)

    def __str__(self) -> str:
        if self.verb in _TIMED:
            return f'{self.verb} {self.seconds:g} s'
        return f'{self.verb} {self.task}'.strip()


def _seconds(line: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds <= LONGEST:
        raise ValueError(f'script line {line!r}: want seconds above 0, up to {LONGEST:g}')
    return seconds


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
    """Works through a script. `failed` says why it ended early, `done` that it is over.

    `remark` is what went otherwise than the script has it, and what the person does about it.
    """

    def __init__(self, script: Sequence[str], first_id: int) -> None:
        self._steps = [Step.parse(line) for line in script]
        self._next_id = first_id
        self._asked = 0  # id of the request that waits for an answer
        self._asked_at: float | None = None
        self._began: float | None = None  # of the step
        self._reached: float | None = None  # when the step's state was first seen
        self._at = 0
        self._expert: Expert | None = None
        self._again = 0
        self.failed = self.remark = ''

    @property
    def done(self) -> bool:
        return bool(self.failed) or self._at >= len(self._steps)

    @property
    def works(self) -> bool:
        """Whether some step is work for both hands, so that a sight is needed."""
        return any(step.verb == 'do' for step in self._steps)

    @property
    def doing(self) -> str:
        """The step in words."""
        if self.done:
            return 'done'
        return str(self._steps[self._at])

    def tick(self, now: float, seen: Seen | None, sight: Sight | None = None) -> Acts:
        """What to do at `now` [s], any clock that does not go back; seen: the newest state.

        sight: joints and things, for a person who works; None: not to be seen yet.
        """
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
        acts = self._acts(step, now, seen, sight)
        if self._over(step, now, seen):
            self._go_on(1)
        return acts

    def _go_on(self, steps: int) -> None:
        self._at, self._asked, self._asked_at = self._at + steps, 0, None
        self._began = self._reached = self._expert = None

    def _settled(self, step: Step, seen: Seen) -> bool:
        by_itself = step.verb in (*_TIMED, *_HANDS)
        return by_itself or (seen.answered == self._asked != 0 and seen.answer == 'ok')

    def _acts(self, step: Step, now: float, seen: Seen, sight: Sight | None) -> Acts:
        if step.verb == 'watch':
            return Acts()
        if step.verb == 'do':
            return self._work(step, now, seen, sight)
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

    def _work(self, step: Step, now: float, seen: Seen, sight: Sight | None) -> Acts:
        """Hold the switch from when the hands can be seen until the work is done."""
        if sight is None or (self._expert is not None and self._expert.done):
            return Acts()
        if self._reached is None:
            return Acts(active=True, openings=_openings(sight.openings))
        if self._expert is None:
            self._expert = Expert(task_named(step.task))
        wish = self._expert.tick(now, sight)
        if seen.mode != 'TELEOP':
            self.failed = f'{step}: the executor left TELEOP for {seen.mode}: {seen.reason}'
        elif self._expert.failed:
            self.failed = f'{step}: {self._expert.failed}'
        return Acts() if self.failed else _led(wish)

    def _over(self, step: Step, now: float, seen: Seen) -> bool:
        if self._reached is None:
            return False
        ended = now - self._reached >= step.seconds
        if step.verb == 'do':
            ended = self._expert is not None and self._expert.done
        if step.verb in _HANDS:
            return ended and seen.mode == 'HOLD'
        if step.verb == 'watch' and seen.mode != 'POLICY' and not ended:
            self._interrupted(f'watch: the executor left POLICY for {seen.mode}: {seen.reason}')
        return ended

    def _interrupted(self, why: str) -> None:
        """A machine that is short of breath stops the policy: ask for it again, a few times."""
        after_run = self._at > 0 and self._steps[self._at - 1].verb == 'run'
        if not after_run or self._again >= AGAIN:
            self.failed = why
            return
        self._again += 1
        self.remark = f'{why}; asks for run again'
        self._go_on(-1)


def _led(wish: Wish) -> Acts:
    """The switch held, joints and openings by name."""
    arms = {
        joint.name: float(position)
        for side, positions in wish.joints.items()
        for joint, position in zip(arm_joints(side), positions, strict=True)
    }
    return Acts(active=True, arms=arms, openings=_openings(wish.openings))


def _openings(sides: dict[str, float]) -> dict[str, float]:
    return {f'{side}_gripper': opening for side, opening in sides.items()}
