"""The executor: chunks, a person's hand and requests in; one bounded setpoint per tick out.

It holds the authority over the drive. It reads no clock, does no I/O and starts no thread: the
same calls with the same times give the same setpoints.
"""

from collections.abc import Callable

import numpy as np

from fastwam_ros.motion import authority
from fastwam_ros.motion.alarms import Alarms
from fastwam_ros.motion.answers import Answers
from fastwam_ros.motion.authority import (
    DISARMED,
    ESTOP,
    FAULT,
    HOLD,
    POLICY,
    TELEOP,
    TO_DISARMED,
    Event,
    Mode,
    Standing,
)
from fastwam_ros.motion.board import Board
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.drive import Drive
from fastwam_ros.motion.limits import SECOND, Array, Ns, State
from fastwam_ros.motion.output import Output
from fastwam_ros.motion.reception import Reception
from fastwam_ros.motion.status import Measured, Setpoint, Settings, Status, Verdict
from fastwam_ros.motion.uncertainty import UNCERTAIN
from fastwam_ros.motion.watch import Hand

DEGRADED = 0.5  # rate at which a plan is passed once its chunk has reached its soft age


class Executor:
    """Turns what it is told into setpoints, under the authority table."""

    def __init__(
        self, settings: Settings, epoch: int, unfit: Callable[[Ns], str] = lambda now: ''
    ) -> None:
        """unfit: why the robot should not be engaged at a time, by its own word, or ''."""
        self.settings, self._unfit = settings, unfit
        self.drive = Drive(settings)
        self.alarms = Alarms(settings)
        self._board = Board(epoch)
        self._output = Output(settings, self.drive)
        self._reception = Reception(settings, self._board, self.drive)
        self._hand = Hand(settings)
        self._answers = Answers()
        self._now: Ns = 0
        self._rested = False
        self._ceasing = False

    # What the robot and others say

    def on_measured(self, measured: Measured) -> None:
        """Take the newest reading; it is judged at the next tick."""
        self.alarms.robot.take(measured)

    def on_foreign(self, now: Ns, what: str, q: Array, openings: Array) -> None:
        """A command on the robot's topics that is not ours; NaN where it commands nothing."""
        self._output.foreign(q, openings)
        self.alarms.others.take(now, what)

    def on_clock_step(self, now: Ns, step: Ns) -> None:
        """The clock of the stamps was set by `step` [ns]; `now` goes on without it."""
        self._reception.admission.clock_step(now, step)
        self._board.tell(warning=f'the clock was set by {step / SECOND:+.3f} s')

    # What people say

    def on_request(self, now: Ns, verb: str, request: int, requester: str = '') -> str:
        """Answer a request: 'ok' or why not. A repeated (requester, id) gets its first answer."""
        answer = self._answers.of(requester, request)
        if answer is None:
            answer = self._answers.keep(requester, request, self._answer(now, verb))
        self._board.tell(answered=(request, answer))
        return answer

    def on_estop(self, now: Ns, pressed: bool) -> None:
        """Take the state of an e-stop source; pressed acts at once."""
        self.alarms.estop.take(now, pressed)
        if pressed:
            self._event(Event.ESTOP, self.alarms.estop.pressed(now))

    def on_deadman(self, now: Ns, held: bool) -> None:
        """Take the state of the deadman switch; it is judged at the next tick."""
        self.alarms.deadman.take(now, held)

    def on_speed(self, now: Ns, share: float) -> None:
        """Move with a share (0..1) of the speed limits from now on: an operator's override.

        Raises ValueError for a share that is none.
        """
        if not 0.0 < share <= 1.0:
            raise ValueError(f'speed is {share}, want more than 0 and at most 1 (of the limits)')
        self.drive.limit_speed(share)
        self._board.same_path(f'speed {share:.0%}')

    def on_teleop_active(self, now: Ns, active: bool) -> None:
        """Take the state of the person's switch: a rising edge takes over at once."""
        if self._hand.switch(now, active) and not self.alarms.deadman.lost(now):
            self._event(Event.TAKEOVER, 'a person took over')

    def on_teleop_target(self, now: Ns, positions: Array, openings: Array) -> None:
        """Take a person's joint positions [D] and openings [G]; NaN where nothing is commanded.

        They never take authority by themselves: a leader arm streams always.
        """
        self._hand.target(now)
        self.drive.hand(now, positions, openings)

    def on_chunk(self, now: Ns, chunk: Chunk) -> Verdict:
        """Judge a chunk and, where it may be executed, splice it onto the plan in force."""
        verdict = self._reception.take(now, self._now, chunk)
        if verdict.name == UNCERTAIN:
            self._event(Event.SOFT_FAULT, str(verdict))
        return verdict

    def anchor(self, state: State, openings: Array) -> None:
        """Go on from a motion that is not ours: what was recorded, when chunks are judged by it.

        Only in a dry run, and only by who looks at plans and not at commands, which leap here.
        Raises RuntimeError otherwise, ArithmeticError where no stop leads out of the state.
        """
        if not self.settings.dry_run:
            raise RuntimeError('anchor leaps: it is for dry runs')
        self.drive.moving(state, openings)
        self._board.new_plan()

    # The tick

    def tick(self, now: Ns, late: bool = False) -> Setpoint | None:
        """One period on: the setpoint to publish, or None where nothing may be published."""
        self._held_up(now)
        self._now = now
        if late:
            self._board.count('late_ticks')
        self._watch(now)
        setpoint = None if self.silent else self._command(now)
        if setpoint is None or setpoint.state is None:
            self.alarms.end()
        else:
            self.alarms.command(now, setpoint.state.q)
        return setpoint

    @property
    def status(self) -> Status:
        """Everything that is published about this executor."""
        return self._board.status

    def planned(self, now: Ns) -> State:
        """What is commanded at ROS time now, which is not before the last tick."""
        return self.drive.at(max(now - self._now, 0) + self.drive.now)

    def committed(self, times: Array) -> Array:
        """What will be commanded [N, D] at rising times [N, ns], as far as it is decided now.

        Times before the last tick give its command. A policy may condition on it: what it then
        infers begins with what the arms do meanwhile (real-time chunking).
        """
        ahead = (np.maximum(times - self._now, 0) + self.drive.now - self.drive.plan.start) / 1e9
        return self.drive.plan.sample(ahead).q

    def age(self) -> float:
        """Seconds since the head stamp of the chunk in force; NaN without one."""
        stamp = self.status.in_force.stamp
        return (self._now - stamp) / SECOND if stamp else float('nan')

    @property
    def silent(self) -> bool:
        """Whether nothing is commanded now."""
        standing = self.status.standing
        return standing is DISARMED or (self._ceasing and (self._rested or standing is ESTOP))

    @property
    def source(self) -> str:
        """Who moves the arms: none, policy or teleop."""
        return {POLICY: 'policy', TELEOP: 'teleop'}.get(self.status.standing, 'none')

    def terminate(self) -> None:
        """The process was told to end: the shortest stop, then silence."""
        if self.status.standing in (DISARMED, FAULT, ESTOP):
            self._ceasing = True
            return
        self._board.tell(standing=TO_DISARMED, reason='the process was told to end', pending=False)
        self.drive.stop(on_path=False)
        self._board.new_plan()

    def _command(self, now: Ns) -> Setpoint | None:
        output, standing = self._output, self.status.standing
        if standing is ESTOP:
            return output.again(now, arms=False)
        if self.settings.dry_run and standing is HOLD and not self.alarms.soft(now):
            self._follow(now)  # nobody executes it: until it runs, it begins where the arms are
        if wrong := output.advance(now, stopping=standing is FAULT):
            self._event(Event.HARD_FAULT, f'own command failed its check: {wrong}')
            if output.advance(now, stopping=True):
                return output.again(now, arms=True)  # standing at once is better than a wrong way
        if self.drive.now >= self.drive.plan.start:
            self._board.first_tick(now)
        self._reception.commanded(now, self.drive.state.q)
        return output.last

    def _follow(self, now: Ns) -> None:
        if self.alarms.robot.measured is not None:
            self._output.follow(now, self.alarms.robot.measured)

    def _held_up(self, now: Ns) -> None:
        """After so long without commands the robot has stopped by itself: so does the plan."""
        gap, limit = (now - self._now) / SECOND, self.settings.stream_timeout
        if self._now and gap > limit:
            why = f'no tick for {gap:.2f} s, limit {limit}: the executor was held up'
            self._event(Event.SOFT_FAULT, why)

    def _watch(self, now: Ns) -> None:
        alarms = self.alarms
        if pressed := alarms.estop.pressed(now):
            self._event(Event.ESTOP, pressed)
        alarms.look(now)
        if self._output.last is None:
            return
        self._rested = alarms.rested(now, self.drive.resting())
        if hard := alarms.hard(now):
            self._event(Event.HARD_FAULT, hard)
        if soft := alarms.soft(now):
            self._event(Event.SOFT_FAULT, soft)
        warning = alarms.warning(now) or self._reception.doubt.warning or self.drive.words()
        if warning != self.status.warning:
            self._board.tell(warning=warning)
        if self.status.standing is POLICY:
            self._age()
            self._walk()
        elif self.status.standing is TELEOP and (why := self._hand.released(now)):
            self._event(Event.RELEASE, why)
        elif self.status.standing.mode is Mode.STOPPING:
            self._walk(stopping=True)
        waited = self._reception.admission.waited(now) if self.status.pending else 0.0
        if waited > self.settings.pending_timeout:
            self._board.tell(pending=False, reason='run timed out: no chunk came for it')
        if self.status.standing.mode is Mode.STOPPING and self._rested:
            self._event(Event.AT_REST, self.status.reason)

    def _age(self) -> None:
        """Slow down for a chunk that gets old, and stop for one that is too old."""
        age, force = self.age(), self.status.in_force
        if age > force.hard_age:
            self._event(Event.SOFT_FAULT, f'late: newest chunk is {age:.2f} s old')
        elif age > force.soft_age and force.pace == 1.0 and self.drive.slow(DEGRADED):
            self._board.same_path(f'newest chunk is {age:.2f} s old', DEGRADED)

    def _walk(self, stopping: bool = False) -> None:
        """Look ahead along the plan, slow down near things and stop before them."""
        what, rate = self._reception.caution.walk(stopping)
        if rate < 0.0:
            self._event(Event.SOFT_FAULT, f'no room to stop on the path before {what}')
            self.drive.stop(on_path=False)  # the path leads into it
        elif what:
            self._board.same_path(what, rate or 1.0)

    # Authority

    def _event(self, event: Event, reason: str) -> bool:
        """Follow the table; False where the event is refused or changes nothing."""
        standing = self.status.standing
        after = authority.lead(standing, event)
        if event in (Event.SOFT_FAULT, Event.HARD_FAULT) and after is None and self.status.pending:
            self._board.tell(pending=False, reason=reason)
        if after is None or after == standing:
            return False
        self._ceasing |= after is FAULT and bool(self.alarms.others.driving(self._now))
        self._board.tell(standing=after, reason=reason, pending=False)
        self._move(standing, after)
        return True

    def _move(self, before: Standing, after: Standing) -> None:
        """What a change of standing does to the arms."""
        if after is ESTOP:
            self._ceasing |= before is DISARMED  # nothing was commanded: nothing is kept up
            self.drive.freeze()
        elif after is TELEOP:
            self.drive.chase()
        elif after is FAULT:
            self.drive.stop(on_path=False)
        elif after.mode is Mode.STOPPING and before.mode is not Mode.STOPPING:
            self.drive.stop(on_path=True)
        if after not in (HOLD, DISARMED):
            self._reception.another_source()
            self._board.new_plan()

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
        if why := self._why_not(now, event):
            return f'{event.value} is refused: {why}'
        self._do(now, event)
        return 'ok'

    def _why_not(self, now: Ns, event: Event) -> str:
        """What speaks against a request that the table allows, or ''."""
        alarms = self.alarms
        if event is Event.ENGAGE:
            return alarms.blocking(now) or self._unfit(now)
        if event is Event.RUN:
            return alarms.soft(now) or self._reception.admission.too_late(now)
        if event is Event.RESET:
            moving = not self._rested and self._output.last is not None
            why = alarms.released(now) if self.status.standing is ESTOP else ''
            return why or alarms.hard(now) or ('the arms are not at rest' if moving else '')
        return ''

    def _do(self, now: Ns, event: Event) -> None:
        if event is Event.ENGAGE:
            self._engage(now)
        elif event is Event.RUN:
            self._run(now)
        elif event is Event.DISENGAGE and self.status.standing is FAULT:
            self._ceasing = True
        elif not self._event(event, f'{event.value} was requested'):
            self._board.tell(pending=False, reason=f'{event.value} was requested')

    def _engage(self, now: Ns) -> None:
        if self.alarms.robot.measured is not None:  # engaging is blocked without
            self._output.begin(now, self.alarms.robot.measured)
            self.alarms.begin(now, self.alarms.robot.measured)
        self._ceasing = False
        self._board.tell(standing=HOLD, reason='engaged')
        self._board.new_plan()

    def _run(self, now: Ns) -> None:
        if self.status.pending:
            return  # asked twice: a new epoch would only lose the chunk that is on its way
        self._reception.begin(now)
        epoch = self.status.epoch + 1
        self._board.tell(epoch=epoch, pending=True, reason='run: waiting for a chunk')
