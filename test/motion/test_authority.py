"""Every cell of the authority table, written out: what a reader of the table would expect."""

import pytest

from fastwam_ros.motion import authority
from fastwam_ros.motion.authority import Event, Mode, Standing

REQUESTS = ('engage', 'run', 'pause', 'disengage', 'reset')
OBSERVED = ('takeover', 'release', 'soft_fault', 'hard_fault', 'at_rest', 'estop')
COLUMNS = (*REQUESTS, *OBSERVED)
# '-': refused or without effect; '=': accepted, the state stays; >X: STOPPING>X.
CELLS = """
DISARMED          HOLD -  -     -         -        -      -     -     -     -        ESTOP
HOLD              -    =  =     >DISARMED -        TELEOP -     -     FAULT -        ESTOP
POLICY            -    -  >HOLD >DISARMED -        TELEOP -     >HOLD FAULT -        ESTOP
TELEOP            -    -  -     >DISARMED -        -      >HOLD >HOLD FAULT -        ESTOP
STOPPING>HOLD     -    -  -     >DISARMED -        TELEOP -     -     FAULT HOLD     ESTOP
STOPPING>DISARMED -    -  -     =         -        -      -     -     FAULT DISARMED ESTOP
FAULT             -    -  -     =         DISARMED -      -     -     -     -        ESTOP
ESTOP             -    -  -     -         DISARMED -      -     -     -     -        -
"""


def standing(name: str) -> Standing:
    mode, _, then = name.partition('>')
    return Standing(Mode(mode or 'STOPPING'), Mode(then or mode))


def cells():
    for line in CELLS.strip().splitlines():
        state, *row = line.split()
        assert len(row) == len(COLUMNS)
        for event, after in zip(COLUMNS, row, strict=True):
            yield state, event, after


@pytest.mark.parametrize(('state', 'event', 'after'), list(cells()))
def test_cell(state, event, after):
    found = authority.lead(standing(state), Event(event))
    wanted = {'-': None, '=': standing(state)}.get(after, None if after == '-' else after)
    if isinstance(wanted, str):
        wanted = standing(wanted)
    assert found == wanted


def test_the_table_has_no_state_beside_these():
    assert {str(s) for s in authority.TABLE} == {c[0] for c in cells()}


def test_a_refusal_names_the_state_and_what_it_takes():
    said = authority.refusal(authority.DISARMED, Event.RUN)
    assert said == 'run is refused in DISARMED: it takes engage, estop'
    stopping = authority.refusal(authority.TO_HOLD, Event.ENGAGE)
    assert 'STOPPING>HOLD' in stopping
    assert 'disengage' in stopping
