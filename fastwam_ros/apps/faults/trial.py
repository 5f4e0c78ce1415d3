"""One trial: reach the mode, wait for the moment, break, watch, mend, and let an operator go on.

Notes when it did what; what the arms did meanwhile is read from the recording afterwards. Every
trial begins and ends with a policy that drives, so that the end of one proves that its fault is
over. Reads the clock.
"""

import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

from fastwam_ros.apps.faults.cases import (
    FAULT,
    HOLD,
    POLICY,
    SILENT,
    STOPPING,
    STRIKES,
    TELEOP,
    Break,
    Fault,
    Kill,
    Plan,
    Stall,
)
from fastwam_ros.apps.faults.operator import Operator
from fastwam_ros.apps.faults.stage import Stage, StageError

_START = 60.0  # [s] for a process to start: torch on a busy machine
_BEGIN = 180.0  # [s] until chunks come fast enough: of a busy machine the first ones do not
_REACH = 30.0  # [s] for a mode to be reached
_AFTER = 1.0  # [s] that is watched after everything is over
_SPARE = 2.0  # [s] beyond what is expected, until the watch ends
_TRIES = 3  # to be in a mode when the fault strikes
_WAVE = 5.0  # [s] that a hand moves after it took over
_RECOVER = 60.0  # [s] for an operator to get the policy to drive again
_SILENCE = 1.5  # [s] that are watched after the executor is gone


@dataclass(frozen=True)
class Marks:
    """When what was done [ns since 1970, the machine's clock]; 0: it was not.

    begun: the mode's turn; fault, over: first and last moment of the fault; watched: the end of
    the watch; asked: when somebody intervened for the first time; again: the policy drives again.
    hit: messages that a broken wire met, -1 where none was; trouble: what went wrong meanwhile.
    """

    begun: int = 0
    fault: int = 0
    over: int = 0
    watched: int = 0
    asked: int = 0
    again: int = 0
    hit: int = -1
    trouble: str = ''


class Trials:
    """Runs one trial after the other on processes that live on from one to the next."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage, self._folder = stage, folder
        self._operator: Operator | None = None
        self._victims = 0
        self.recording = folder / 'run.mcap'

    @property
    def operator(self) -> Operator:
        """Raises StageError before `begin`."""
        if self._operator is None:
            raise StageError('the trials have not begun')
        return self._operator

    def begin(self) -> None:
        """Start everything and let the policy drive. Raises StageError where that fails."""
        self._operator = Operator(self._stage.start('faults'))
        self._stage.start('witness', '-p', f'output:={self.recording}')
        for name in ('sim', 'executor', 'policy'):
            self._stage.start(name)
        ended: dict[str, int] = {}

        def over() -> bool:
            ended.update(self._stage.ended())
            return bool(ended) or self.operator.mode != ''

        self.operator.until(over, _START)
        if ended or not self.operator.runs(_BEGIN):
            ended.update(self._stage.ended())
            gone = ''.join(f'{name} ended with status {ended[name]}; ' for name in ended)
            words = f'{gone}{self.operator.words}; see the logs in {self._folder}'
            raise StageError(f'the policy does not drive: {words}')

    def run(self, plan: Plan) -> Marks:
        """One trial; what goes otherwise than it should is in the marks."""
        marks = Marks(begun=time.time_ns())
        try:
            if why := self._reach(plan):
                marks = replace(marks, trouble=f'{plan.case.mode} was not reached: {why}')
            else:
                marks = self._watch(plan, self._break(plan, replace(marks, fault=time.time_ns())))
            return self._go_on(plan, marks)
        finally:
            self._stage.kill('person')
            self._stage.kill('recorder')

    def _reach(self, plan: Plan) -> str:
        """Get to the moment of the fault; why that failed, or ''.

        A slow machine may stop the policy meanwhile: then once more.
        """
        self._victim(plan.case.fault)
        for _ in range(_TRIES):
            if self._enter(plan.case.mode, plan.case.fault):
                self.operator.wait(plan.after)
                if self.operator.mode in STRIKES[plan.case.mode]:
                    return ''
            self._let_go()
        return f'the executor is in {self.operator.words}'

    def _victim(self, fault: Fault) -> None:
        """A recorder that may be killed: it runs in such a trial only."""
        if isinstance(fault, Break) or fault.process != 'recorder':
            return
        self._victims += 1
        path = self._folder / f'victim_{self._victims}.mcap'
        self._stage.start('recorder', '-p', f'output:={path}')
        self._stage.wait_for(path, _START)

    def _enter(self, mode: str, fault: Fault) -> bool:
        """Whether the mode was reached, from a policy that drives."""
        if not self.operator.runs(_REACH):
            return False
        if mode in (HOLD, STOPPING):
            self.operator.ask('pause')
        if mode == TELEOP and not isinstance(fault, Break) and fault.process == 'person':
            self._stage.start('person')
        elif mode == TELEOP:
            self.operator.takes_over(_WAVE)
        return mode in (POLICY, STOPPING) or self.operator.reaches(mode, _REACH)

    def _let_go(self) -> None:
        self.operator.lets_go()
        self._stage.kill('person', signal.SIGINT)

    def _break(self, plan: Plan, marks: Marks) -> Marks:
        fault = plan.case.fault
        if isinstance(fault, Kill):
            self._stage.kill(fault.process)
        elif isinstance(fault, Stall):
            with self._stage.stopped(fault.process):
                self.operator.wait(fault.seconds)
        else:
            self.operator.breaks(fault, plan.seed)
            self.operator.wait(fault.seconds)
            marks = replace(marks, hit=self.operator.hit[fault.wire])
        return replace(marks, over=time.time_ns())

    def _watch(self, plan: Plan, marks: Marks) -> Marks:
        """Until what is expected has come, and a while longer."""
        expected = plan.case.expected
        if SILENT in expected.ends:
            self.operator.wait(_SILENCE)
        elif expected.rests is not None:
            passed = (time.time_ns() - marks.fault) / 1e9
            left = max(expected.rests - passed, 0.0) + _SPARE
            self.operator.reaches(tuple(expected.ends), left)
            if self.operator.mode == FAULT:  # which is told when a stop begins, HOLD when it ends
                self.operator.wait(expected.rests)
        self.operator.wait(_AFTER)
        return replace(marks, watched=time.time_ns())

    def _go_on(self, plan: Plan, marks: Marks) -> Marks:
        """Start again what is gone, and do as an operator would."""
        operator = self.operator
        operator.acted = 0
        gone = [name for name in ('sim', 'executor', 'policy') if not self._stage.runs(name)]
        if 'sim' in gone:  # an arm that comes back elsewhere must not be pulled to the old pose
            operator.ask('disengage')
            operator.reaches('DISARMED', _REACH)
        for name in gone:
            self._stage.start(name)
        back = 'executor' not in gone or operator.hears_anew(_START)
        if operator.mode == TELEOP:
            operator.act()
        self._let_go()
        runs = back and operator.runs(_RECOVER)
        marks = replace(marks, asked=operator.acted, again=time.time_ns() if runs else 0)
        why = '' if runs else f'the policy does not drive again: {operator.words}'
        return replace(marks, trouble=marks.trouble or why)
