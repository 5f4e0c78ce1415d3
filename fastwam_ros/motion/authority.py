"""Who may move the arms: one table of states and events, as data.

A cell says where an event leads. What an event is (an edge, a level, for how long) and what the
arms do meanwhile is the executor's part; this module knows only who may do what when.
"""

from dataclasses import dataclass
from enum import Enum


class Mode(str, Enum):
    """States of authority. DISARMED publishes nothing; FAULT and ESTOP are latched."""

    DISARMED = 'DISARMED'
    HOLD = 'HOLD'
    POLICY = 'POLICY'
    TELEOP = 'TELEOP'
    STOPPING = 'STOPPING'
    FAULT = 'FAULT'
    ESTOP = 'ESTOP'


class Event(str, Enum):
    """What can happen to authority: requests of an operator, and observations."""

    ENGAGE = 'engage'
    RUN = 'run'
    PAUSE = 'pause'
    DISENGAGE = 'disengage'
    RESET = 'reset'
    TAKEOVER = 'takeover'
    RELEASE = 'release'
    SOFT_FAULT = 'soft_fault'
    HARD_FAULT = 'hard_fault'
    AT_REST = 'at_rest'
    ESTOP = 'estop'


VERBS = (Event.ENGAGE, Event.RUN, Event.PAUSE, Event.DISENGAGE, Event.RESET, Event.ESTOP)


@dataclass(frozen=True)
class Standing:
    """A state of authority: `then` is where STOPPING leads, and otherwise the mode itself."""

    mode: Mode
    then: Mode

    @classmethod
    def of(cls, mode: Mode) -> 'Standing':
        return cls(mode, mode)

    @classmethod
    def stopping(cls, then: Mode) -> 'Standing':
        return cls(Mode.STOPPING, then)

    def __str__(self) -> str:
        moving_on = self.mode is Mode.STOPPING
        return f'{self.mode.value}>{self.then.value}' if moving_on else self.mode.value


DISARMED, HOLD, POLICY, TELEOP, FAULT, ESTOP = map(
    Standing.of, (Mode.DISARMED, Mode.HOLD, Mode.POLICY, Mode.TELEOP, Mode.FAULT, Mode.ESTOP)
)
TO_HOLD, TO_DISARMED = Standing.stopping(Mode.HOLD), Standing.stopping(Mode.DISARMED)

# Absent: refused, with an answer that names the state. The same state: accepted, nothing changes
# here. `run` leaves HOLD only with the first chunk of its epoch, which the executor brings.
TABLE: dict[Standing, dict[Event, Standing]] = {
    DISARMED: {Event.ENGAGE: HOLD, Event.ESTOP: ESTOP},
    HOLD: {
        Event.RUN: HOLD,
        Event.PAUSE: HOLD,
        Event.DISENGAGE: TO_DISARMED,
        Event.TAKEOVER: TELEOP,
        Event.HARD_FAULT: FAULT,
        Event.ESTOP: ESTOP,
    },
    POLICY: {
        Event.PAUSE: TO_HOLD,
        Event.DISENGAGE: TO_DISARMED,
        Event.TAKEOVER: TELEOP,
        Event.SOFT_FAULT: TO_HOLD,
        Event.HARD_FAULT: FAULT,
        Event.ESTOP: ESTOP,
    },
    TELEOP: {
        Event.DISENGAGE: TO_DISARMED,
        Event.RELEASE: TO_HOLD,
        Event.SOFT_FAULT: TO_HOLD,
        Event.HARD_FAULT: FAULT,
        Event.ESTOP: ESTOP,
    },
    TO_HOLD: {
        Event.DISENGAGE: TO_DISARMED,
        Event.TAKEOVER: TELEOP,
        Event.HARD_FAULT: FAULT,
        Event.ESTOP: ESTOP,
        Event.AT_REST: HOLD,
    },
    TO_DISARMED: {
        Event.DISENGAGE: TO_DISARMED,
        Event.HARD_FAULT: FAULT,
        Event.ESTOP: ESTOP,
        Event.AT_REST: DISARMED,
    },
    FAULT: {
        Event.RESET: DISARMED,
        Event.DISENGAGE: FAULT,  # silent once at rest
        Event.ESTOP: ESTOP,
    },
    ESTOP: {Event.RESET: DISARMED},
}


def lead(standing: Standing, event: Event) -> Standing | None:
    """Where an event leads from a state; None where it is refused."""
    return TABLE[standing].get(event)


def refusal(standing: Standing, event: Event) -> str:
    """The answer to a request that the table refuses."""
    allowed = [verb.value for verb in VERBS if lead(standing, verb) is not None]
    return f'{event.value} is refused in {standing}: it takes {", ".join(allowed) or "nothing"}'
