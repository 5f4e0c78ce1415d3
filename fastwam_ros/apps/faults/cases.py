"""What is broken, when, and what has to follow: the table of the trials, as data.

What follows is what docs/executor.md says of the modes. Each trial is drawn from its own seed: the
same seed is the same fault at the same moment, as far as processes keep time.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

POLICY, TELEOP, HOLD, STOPPING, FAULT = 'POLICY', 'TELEOP', 'HOLD', 'STOPPING', 'FAULT'
SILENT = ''  # the executor says nothing: it is gone
# From when to when after a mode was reached a fault strikes [s].
_MOMENTS = {POLICY: (0.3, 1.6), TELEOP: (0.3, 1.6), HOLD: (0.0, 0.5), STOPPING: (0.0, 0.3)}
# Modes in which a fault may strike so that the trial counts: a stop is short.
STRIKES = {mode: (mode,) for mode in _MOMENTS} | {STOPPING: (STOPPING, HOLD)}


@dataclass(frozen=True)
class Kill:
    """A process is gone from one moment to the next (SIGKILL)."""

    process: str
    seconds: float = 0.0

    def __str__(self) -> str:
        return f'{self.process} killed'


@dataclass(frozen=True)
class Stall:
    """A process stands still for so long (SIGSTOP, SIGCONT)."""

    process: str
    seconds: float

    def __str__(self) -> str:
        return f'{self.process} stalled {self.seconds:g} s'


@dataclass(frozen=True)
class Break:
    """What is said is broken on its way (sim/wire.py): a wire of the faults node."""

    wire: str
    kind: str
    seconds: float
    amount: float

    def __str__(self) -> str:
        what = {
            'lose': 'lost' if self.amount == 1.0 else f'lost, {self.amount:.0%},',
            'double': 'doubled',
            'delay': f'{self.amount:g} s late',
            'swap': 'swapped',
            'spoil': 'not a number',
        }[self.kind]
        return f'{_WIRES[self.wire]} {what} for {self.seconds:g} s'


_WIRES = {'chunk': 'chunks', 'feedback': "left arm's feedback", 'command': "left arm's commands"}
Fault = Kill | Stall | Break


@dataclass(frozen=True)
class Expected:
    """What has to follow.

    ends: the modes in which the executor may be afterwards, each with a word that its reason has;
    rests: within how many seconds the arms must be at rest, None where they need not be.
    """

    ends: Mapping[str, str]
    rests: float | None = None


@dataclass(frozen=True)
class Case:
    """A fault in a mode."""

    fault: Fault
    mode: str
    expected: Expected

    def __str__(self) -> str:
        return f'{self.fault}, in {self.mode}'


@dataclass(frozen=True)
class Plan:
    """One trial: the case, and how long after its mode was reached [s]."""

    seed: int
    case: Case
    after: float

    @classmethod
    def drawn(cls, seed: int, cases: Sequence[Case]) -> 'Plan':
        """The seed's trial: cases take turns, moments are random. Raises ValueError below 0."""
        if seed < 0:
            raise ValueError(f'seed {seed}: 0 or more')
        case = cases[seed % len(cases)]
        return cls(seed, case, random.Random(seed).uniform(*_MOMENTS[case.mode]))


def _on(mode: str) -> Expected:
    """Nothing happens."""
    return Expected({mode: ''})


def _held(word: str, rests: float) -> Expected:
    """The arms come to rest, and hold."""
    return Expected({HOLD: word}, rests)


# Seconds until rest. A stop takes up to 0.6 s, the arm another 0.5 s until it is where it was
# commanded; before that a chunk of the bundle is executed for 1.5 s after its image, feedback may
# be silent for 0.25 s, a person for 0.3 s, and commands for 0.2 s.
_LATE = _held('late', 3.0)
_SILENCE = _held('feedback', 2.0)
_LET_GO = _held('person', 1.5)
_REST = _held('', 1.5)
_GONE = Expected({SILENT: ''}, 1.5)
_LATCHED = Expected({FAULT: 'finite'}, 1.5)
_LATE_OR_NOT = Expected({POLICY: '', HOLD: 'late'})
# A stall of just as long as the robot waits may be one period longer or not.
_HELD_UP_OR_NOT = Expected({POLICY: '', STOPPING: 'held up', HOLD: 'held up'})

CASES: tuple[Case, ...] = (
    Case(Kill('executor'), POLICY, _GONE),
    Case(Break('feedback', 'spoil', 0.05, 1.0), POLICY, _LATCHED),
    Case(Kill('policy'), POLICY, _LATE),
    Case(Stall('executor', 0.05), POLICY, _on(POLICY)),
    Case(Kill('person'), TELEOP, _LET_GO),
    Case(Break('chunk', 'lose', 3.0, 0.5), POLICY, _LATE_OR_NOT),
    Case(Break('feedback', 'lose', 0.1, 1.0), POLICY, _on(POLICY)),
    Case(Kill('sim'), POLICY, _SILENCE),
    Case(Stall('policy', 0.5), POLICY, _on(POLICY)),
    Case(Break('command', 'lose', 0.1, 1.0), POLICY, _on(POLICY)),
    Case(Kill('policy'), TELEOP, _on(TELEOP)),
    Case(Break('chunk', 'double', 2.0, 1.0), POLICY, _on(POLICY)),
    Case(Stall('sim', 1.0), POLICY, _held('feedback', 3.0)),
    Case(Kill('executor'), TELEOP, _GONE),
    Case(Stall('person', 0.6), TELEOP, _LET_GO),
    Case(Kill('sim'), TELEOP, _SILENCE),
    Case(Break('chunk', 'delay', 2.0, 0.3), POLICY, _on(POLICY)),
    Case(Stall('executor', 1.0), POLICY, _held('held up', 3.0)),
    Case(Kill('recorder'), POLICY, _on(POLICY)),
    Case(Break('feedback', 'lose', 0.6, 1.0), POLICY, _SILENCE),
    Case(Kill('policy'), HOLD, _REST),
    Case(Break('command', 'lose', 0.6, 1.0), POLICY, Expected({POLICY: '', HOLD: '', FAULT: ''})),
    Case(Stall('policy', 3.0), POLICY, _held('late', 3.5)),
    Case(Kill('executor'), HOLD, _GONE),
    Case(Break('chunk', 'lose', 3.0, 1.0), POLICY, _held('late', 3.5)),
    Case(Stall('sim', 0.1), POLICY, _on(POLICY)),
    Case(Kill('sim'), HOLD, _REST),
    Case(Break('feedback', 'double', 1.0, 1.0), POLICY, _on(POLICY)),
    Case(Stall('recorder', 1.0), POLICY, _on(POLICY)),
    Case(Kill('policy'), STOPPING, _REST),
    Case(Break('chunk', 'swap', 2.0, 0.5), POLICY, _LATE_OR_NOT),
    Case(Stall('executor', 0.2), POLICY, _HELD_UP_OR_NOT),
    Case(Kill('executor'), STOPPING, _GONE),
    Case(Break('feedback', 'spoil', 0.05, 1.0), TELEOP, _LATCHED),
    Case(Stall('sim', 1.0), TELEOP, _held('feedback', 3.0)),
    Case(Kill('sim'), STOPPING, _REST),
    Case(Break('feedback', 'swap', 1.0, 0.5), POLICY, _on(POLICY)),
    Case(Stall('person', 0.2), TELEOP, _on(TELEOP)),
    Case(Kill('recorder'), TELEOP, _on(TELEOP)),
    Case(Break('command', 'double', 1.0, 1.0), POLICY, _on(POLICY)),
    Case(Stall('executor', 1.0), TELEOP, _held('held up', 3.0)),
    Case(Break('feedback', 'spoil', 0.05, 1.0), HOLD, _LATCHED),
    Case(Kill('person'), TELEOP, _LET_GO),
    Case(Break('chunk', 'delay', 3.0, 2.5), POLICY, _held('late', 3.5)),
    Case(Stall('sim', 1.0), HOLD, _REST),
    Case(Break('feedback', 'delay', 1.0, 0.1), POLICY, _on(POLICY)),
    Case(Stall('policy', 1.0), TELEOP, _on(TELEOP)),
    Case(Break('command', 'swap', 1.0, 0.3), POLICY, _on(POLICY)),
    Case(
        Stall('executor', 0.2),
        TELEOP,
        Expected({TELEOP: '', STOPPING: 'held up', HOLD: 'held up'}),
    ),
    Case(Break('feedback', 'lose', 0.6, 1.0), TELEOP, _SILENCE),
)
