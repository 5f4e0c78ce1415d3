"""Moves that a robot's tracker is measured by: small steps of one joint after another, by hand.

It acts as a person's hand does: it takes over, leads, and lets go; the executor decides how the
arms follow. Every other state than TELEOP ends it at once. Then, where that is asked for, it looks
at what the robot does without commands: after a disengage at rest, and after an e-stop in motion.
Time is an argument [s], of one clock that does not go back; reads no clock and knows no topic.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import numpy as np

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.limits import Array

LARGEST = 0.25  # [rad] of reach: a step is twice that
MARGIN = 0.03  # [rad] that steps keep from a position limit
GRANT = 2.0  # [s] for the executor to do as it is told
SILENT = 1.0  # [s] without its state: nobody is there
STILL = 0.003  # [rad] that an arm at rest moves in RESTS: noise, or a slow creep
RESTS = 0.5  # [s] that it must be so
LEAST, MOST = 0.8, 8.0  # [s] that a step lasts, at rest and at the most
LISTENS = 2.0  # [s] to what happens without commands
CUT = 0.4  # [s] into a step at which the stream is ended: commands are ahead of the arm then


@dataclass(frozen=True)
class Acts:
    """What to say now: the switch, positions [D, rad], a request's verb, the e-stop."""

    active: bool | None = None
    targets: Array | None = None
    request: str = ''
    estop: bool | None = None


@dataclass(frozen=True)
class Seen:
    """What is known now: the executor's mode and reason, when it was told, and the arms [D]."""

    now: float
    mode: str
    reason: str
    told: float
    arms: Array


@dataclass
class Log:
    """When things happened [s]: moves of a joint from..to, rests of both arms, silences."""

    moves: list[tuple[int, float, float]] = field(default_factory=list)
    rests: list[tuple[float, float]] = field(default_factory=list)
    silence: tuple[float, float] | None = None
    cut: tuple[int, float, float] | None = None


class EndedError(Exception):
    """It did not come to its end: why."""


Script = Generator[Acts, Seen, Seen]


class Drill:
    """One run over some joints (indices of the executor's); reach [rad]: half of a step.

    silence: disengage afterwards, and listen; cut: at the very end, an e-stop in the middle of a
    step. Raises ValueError for a reach that is none or a joint that has no room for it.
    """

    def __init__(
        self, joints: Sequence[int], reach: float, silence: bool = False, cut: bool = False
    ) -> None:
        if not 0.01 <= reach <= LARGEST:
            raise ValueError(f'reach is {reach} rad: 0.01 to {LARGEST}')
        self.log, self.doing, self.failed, self.done = Log(), 'waiting', '', False
        self._joints, self._reach = tuple(joints), reach
        self._still: list[tuple[float, Array]] = []
        self._script = self._run(silence, cut)
        next(self._script)

    def tick(self, seen: Seen) -> Acts:
        """What to say at an instant."""
        if self.done:
            return Acts(active=False)
        self._still = [each for each in self._still if seen.now - each[0] <= RESTS]
        self._still.append((seen.now, seen.arms))
        try:
            if seen.now - seen.told > SILENT:
                raise EndedError(f'no executor state for {seen.now - seen.told:.1f} s')
            return self._script.send(seen)
        except StopIteration:
            self.done = True
        except EndedError as why:
            self.done, self.failed = True, str(why)
        return Acts(active=False)

    def stop(self, why: str) -> None:
        """End it now; the next tick lets go."""
        self.done, self.failed = True, self.failed or why

    def _run(self, silence: bool, cut: bool) -> Generator[Acts, Seen, None]:
        seen = yield Acts()
        base = _middle(seen.arms, self._joints, self._reach)
        seen = yield from self._take_over(seen)
        for joint in self._joints:
            seen = yield from self._move(seen, joint, base)
        seen = yield from self._ask(seen, Acts(active=False), Mode.HOLD, 'letting go')
        if silence or cut:
            seen = yield from self._ask(seen, Acts(request='disengage'), Mode.DISARMED, 'silence')
            begun = seen.now
            seen = yield from self._listen(seen, Acts())
            self.log.silence = (begun, seen.now)
        if cut:
            seen = yield from self._ask(seen, Acts(request='engage'), Mode.HOLD, 'engaging')
            seen = yield from self._take_over(seen)
            slowest = max(self.log.moves, key=lambda move: move[2] - move[1])[0]
            yield from self._cut(seen, slowest, base)

    def _take_over(self, seen: Seen) -> Script:
        if seen.mode != Mode.HOLD.value:
            raise EndedError(f'the executor is in {seen.mode}, want HOLD: engage it first')
        return (
            yield from self._ask(seen, Acts(active=True, targets=seen.arms), Mode.TELEOP, 'taking')
        )

    def _ask(self, seen: Seen, acts: Acts, wanted: Mode, doing: str) -> Script:
        """Say it until the executor is in a mode."""
        self.doing, begun = doing, seen.now
        while seen.mode != wanted.value:
            if seen.now - begun > GRANT:
                raise EndedError(f'{doing}: the executor is in {seen.mode}: {seen.reason}')
            seen = yield acts
            acts = Acts(acts.active, acts.targets)  # a request is made once
        return seen

    def _move(self, seen: Seen, joint: int, base: Array) -> Script:
        """One joint to both sides and back."""
        self.doing = LIMITS.names[joint]
        seen = yield from self._lead(seen, base)
        begun = seen.now - RESTS
        for off in (self._reach, -self._reach, 0.0):
            goal = base.copy()
            goal[joint] += off
            seen = yield from self._lead(seen, goal)
            at_rest = seen.now
            while seen.now - at_rest < RESTS:
                seen = yield self._held(seen, Acts(active=True, targets=goal))
            self.log.rests.append((at_rest, seen.now))
        self.log.moves.append((joint, begun, seen.now))
        return seen

    def _lead(self, seen: Seen, goal: Array) -> Script:
        """Lead the arms there and wait until they rest."""
        begun = seen.now
        while seen.now - begun < LEAST or not self._rests():
            if seen.now - begun > MOST:
                raise EndedError(f'{self.doing} does not come to rest within {MOST:g} s')
            seen = yield self._held(seen, Acts(active=True, targets=goal))
        return seen

    def _held(self, seen: Seen, acts: Acts) -> Acts:
        """The same, as long as the arms are ours."""
        if seen.mode != Mode.TELEOP.value:
            raise EndedError(f'{self.doing}: the executor went to {seen.mode}: {seen.reason}')
        return acts

    def _rests(self) -> bool:
        arms = np.array([arms for _, arms in self._still])
        whole = self._still[-1][0] - self._still[0][0] >= 0.9 * RESTS
        return whole and bool(np.ptp(arms, axis=0).max() < STILL)

    def _listen(self, seen: Seen, acts: Acts) -> Script:
        begun = seen.now
        while seen.now - begun < LISTENS:
            seen = yield acts
        return seen

    def _cut(self, seen: Seen, joint: int, base: Array) -> Generator[Acts, Seen, None]:
        """A step, an e-stop in the middle of it, and what the arm does then."""
        goal = base.copy()
        goal[joint] += self._reach
        self.doing = 'e-stop in motion'
        seen = yield from self._lead(seen, goal)
        goal, begun = goal.copy(), seen.now
        goal[joint] -= 2.0 * self._reach
        while seen.now - begun < CUT:
            seen = yield self._held(seen, Acts(active=True, targets=goal))
        seen = yield from self._listen(seen, Acts(active=False, estop=True))
        self.log.cut = (joint, begun - RESTS, seen.now)


def _middle(arms: Array, joints: Sequence[int], reach: float) -> Array:
    """The arms [D], where need be moved away from limits that steps would leave."""
    room = reach + MARGIN
    base = LIMITS.clamp(arms)
    for joint in joints:
        low, high = LIMITS.lower[joint] + room, LIMITS.upper[joint] - room
        base[joint] = min(max(base[joint], low), high)
    return base
