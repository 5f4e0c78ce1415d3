"""The executor: chunks, a person's hand and requests in; one bounded setpoint per tick out.

It holds the authority over the drive. It reads no clock, does no I/O and starts no thread: the
same calls with the same times give the same setpoints.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from fastwam_ros.motion import authority
from fastwam_ros.motion.admission import OF_BEFORE, Admission, hard_age
from fastwam_ros.motion.authority import (
    DISARMED,
    FAULT,
    HOLD,
    POLICY,
    TELEOP,
    TO_DISARMED,
    Event,
    Mode,
)
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.drive import Drive
from fastwam_ros.motion.limits import SECOND, Array, Ns, State
from fastwam_ros.motion.splice import Refusal, Splice
from fastwam_ros.motion.status import (
    ACCEPTED,
    SHADOW,
    InForce,
    Measured,
    Setpoint,
    Settings,
    Status,
    Verdict,
)
from fastwam_ros.motion.watch import Hand, Robot

REARM = 0.05  # [rad] between the last command and the arm within which the command is resumed
_REMEMBERED = 64  # answers to requests


class Executor:
    """Turns what it is told into setpoints, under the authority table."""

    def __init__(self, settings: Settings, epoch: int) -> None:
        self.settings = settings
        self.status = Status(epoch=epoch)
        self.drive = Drive(settings)
        self.robot = Robot(settings)
        self._hand = Hand(settings)
        self._admission = Admission(settings)
        self._now: Ns = 0
        self._last: Setpoint | None = None
        self._rested = False
        self._ceasing = False
        self._answers: dict[tuple[str, int], str] = {}

    # What others say

    def on_measured(self, measured: Measured) -> None:
        """Take the newest reading; it is judged at the next tick."""
        self.robot.take(measured)

    def on_request(self, now: Ns, verb: str, request: int, requester: str = '') -> str:
        """Answer a request: 'ok' or why not. A repeated (requester, id) gets its first answer."""
        key = (requester, request)
        if key not in self._answers:
            if len(self._answers) >= _REMEMBERED:
                self._answers.pop(next(iter(self._answers)))
            self._answers[key] = self._answer(now, verb)
        self._tell(answered=(request, self._answers[key]))
        return self._answers[key]

    def on_teleop_active(self, now: Ns, active: bool) -> None:
        """Take the state of the person's switch: a rising edge takes over at once."""
        if self._hand.switch(now, active):
            self._event(Event.TAKEOVER, 'a person took over')

    def on_teleop_target(self, now: Ns, positions: Array, openings: Array) -> None:
        """Take a person's joint positions [D] and openings [G]; NaN where nothing is commanded.

        They never take authority by themselves: a leader arm streams always.
        """
        self._hand.target(now)
        self.drive.hand(positions, openings)

    def on_chunk(self, now: Ns, chunk: Chunk) -> Verdict:
        """Judge a chunk and, where it may be executed, splice it onto the plan in force."""
        verdict = self._judge(now, chunk)
        count = {ACCEPTED: 'accepted', SHADOW: 'shadowed'}.get(verdict.name, 'refused')
        judged = {'judged': (chunk.epoch, chunk.sequence), 'verdict': str(verdict)}
        self._tell(**judged, **{count: getattr(self.status, count) + 1})
        return verdict

    # The tick

    def tick(self, now: Ns, late: bool = False) -> Setpoint | None:
        """One period on: the setpoint to publish, or None where nothing may be published."""
        self._now = now
        if late:
            self._tell(late_ticks=self.status.late_ticks + 1)
        if self._last is not None:
            self._watch(now)
        setpoint = self._command(now)
        if setpoint is not None:
            self._last = setpoint
            self._mark_first_tick(now)
        return setpoint

    def planned(self, now: Ns) -> State:
        """What is commanded at ROS time now, which is not before the last tick."""
        return self.drive.at(max(now - self._now, 0) + self.drive.now)

    def age(self) -> float:
        """Seconds since the head stamp of the chunk in force; NaN without one."""
        stamp = self.status.in_force.stamp
        return (self._now - stamp) / SECOND if stamp else float('nan')

    @property
    def silent(self) -> bool:
        """Whether nothing is commanded now."""
        return self.status.standing is DISARMED or (self._ceasing and self._rested)

    @property
    def source(self) -> str:
        """Who moves the arms: none, policy or teleop."""
        return {POLICY: 'policy', TELEOP: 'teleop'}.get(self.status.standing, 'none')

    def terminate(self) -> None:
        """The process was told to end: the shortest stop, then silence."""
        if self.status.standing in (DISARMED, FAULT):
            self._ceasing = True
            return
        self._tell(standing=TO_DISARMED, reason='the process was told to end', pending=False)
        self.drive.stop(on_path=False)
        self._new_plan()

    def _command(self, now: Ns) -> Setpoint | None:
        if self.silent:
            return None
        last = self.drive.state
        try:
            state, openings = self.drive.advance()
            wrong = self.drive.wrong(state, openings, last)
        except ArithmeticError as error:
            wrong = str(error)
        if wrong:
            self.drive.state = last
            self._event(Event.HARD_FAULT, f'own command failed its check: {wrong}')
            state, openings = self.drive.advance()
        return Setpoint(now, state, openings)

    def _watch(self, now: Ns) -> None:
        self._rested = self.robot.rested(now, self.drive.resting())
        broken, silent = self.robot.broken(), self.robot.silent(now)
        if broken:
            self._event(Event.HARD_FAULT, broken)
        if silent:
            self._event(Event.SOFT_FAULT, silent)
        if self.status.standing is POLICY and self.age() > self.status.in_force.hard_age:
            self._event(Event.SOFT_FAULT, f'late: newest chunk is {self.age():.2f} s old')
        if self.status.standing is TELEOP and (why := self._hand.released(now)):
            self._event(Event.RELEASE, why)
        if self.status.pending and self._admission.waited(now) > self.settings.pending_timeout:
            self._tell(pending=False, reason='run timed out: no chunk came for it')
        if self.status.standing.mode is Mode.STOPPING and self._rested:
            self._event(Event.AT_REST, self.status.reason)

    # Authority

    def _event(self, event: Event, reason: str) -> bool:
        """Follow the table; False where the event is refused or changes nothing."""
        standing = self.status.standing
        after = authority.lead(standing, event)
        if after is None or after == standing:
            return False
        self._tell(standing=after, reason=reason, pending=False)
        if after is TELEOP:
            self.drive.chase()
        elif after is FAULT:
            self.drive.stop(on_path=False)
        elif after.mode is Mode.STOPPING and standing.mode is not Mode.STOPPING:
            self.drive.stop(on_path=True)
        if after is not HOLD and after is not DISARMED:
            self._new_plan()
        return True

    def _answer(self, now: Ns, verb: str) -> str:
        try:
            event = Event(verb)
        except ValueError:
            event = None
        if event not in authority.VERBS:
            known = ', '.join(v.value for v in authority.VERBS)
            return f'unknown verb {verb!r}: known are {known}'
        if authority.lead(self.status.standing, event) is None:
            return authority.refusal(self.status.standing, event)
        checks = {
            Event.ENGAGE: self._engage,
            Event.RUN: self._run,
            Event.RESET: self._reset,
            Event.PAUSE: self._pause,
            Event.DISENGAGE: self._disengage,
        }
        return checks[event](now)

    def _engage(self, now: Ns) -> str:
        measured = self.robot.measured
        why = self.robot.silent(now) or self.robot.broken() or self.robot.moving()
        if why or measured is None:
            return f'engage is refused: {why}'
        q, openings = self.settings.limits.clamp(measured.q), measured.openings
        if self._last is not None and np.abs(self._last.state.q - measured.q).max() <= REARM:
            q = self._last.state.q
        if self._last is not None:
            openings = self._last.openings  # a squeezing command is not replaced by the width
        self.drive.begin(q, np.clip(openings, 0.0, self.settings.grippers.widest))
        self._last = Setpoint(now, self.drive.state, self.drive.openings)
        self._ceasing = False
        self._tell(standing=HOLD, reason='engaged')
        self._new_plan()
        return 'ok'

    def _run(self, now: Ns) -> str:
        if self.status.pending:
            return 'ok'  # asked twice: a new epoch would only lose the chunk that is on its way
        why = self.robot.silent(now) or self._admission.too_late()
        if why:
            return f'run is refused: {why}'
        self._admission.begin(now)
        self._tell(epoch=self.status.epoch + 1, pending=True, reason='run: waiting for a chunk')
        return 'ok'

    def _pause(self, now: Ns) -> str:
        if not self._event(Event.PAUSE, 'paused'):
            self._tell(pending=False, reason='paused')
        return 'ok'

    def _disengage(self, now: Ns) -> str:
        if self.status.standing is FAULT:
            self._ceasing = True
        self._event(Event.DISENGAGE, 'disengaged')
        return 'ok'

    def _reset(self, now: Ns) -> str:
        why = self.robot.broken() or ('' if self._rested else 'the arms are not at rest')
        if why:
            return f'reset is refused: {why}'
        self._event(Event.RESET, 'reset')
        return 'ok'

    # Chunks

    def _judge(self, now: Ns, chunk: Chunk) -> Verdict:
        self._admission.note(now, chunk)
        pending, epoch = self.status.pending, self.status.epoch
        if self.status.standing is not POLICY and not pending:
            return Verdict(SHADOW)
        refusal = self._admission.refuse(now, chunk, epoch, pending, self.planned)
        if refusal is not None and pending and refusal.verdict in OF_BEFORE:
            return Verdict(SHADOW, refusal.detail)  # was on its way when run was requested
        found = refusal or self.drive.splice(chunk, self._now + self.settings.period)
        if isinstance(found, Refusal):
            return Verdict(found.verdict, found.detail)
        self._execute(chunk, found)
        return Verdict(ACCEPTED)

    def _execute(self, chunk: Chunk, splice: Splice) -> None:
        self._admission.accepted(chunk)
        self._new_plan(
            epoch=chunk.epoch,
            sequence=chunk.sequence,
            stamp=chunk.stamp,
            slow=splice.slow,
            slowed_by=splice.slowed_by,
            hard_age=hard_age(chunk, self.settings),
        )
        if self.status.pending:
            self._tell(standing=POLICY, pending=False, reason='first chunk after run')

    def _new_plan(self, **chunk: Any) -> None:
        self._tell(in_force=InForce(plan_id=self.status.in_force.plan_id + 1, **chunk))

    def _mark_first_tick(self, now: Ns) -> None:
        force = self.status.in_force
        if not force.first_tick and self.drive.now >= self.drive.plan.start:
            self._tell(in_force=replace(force, first_tick=now))

    def _tell(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)
