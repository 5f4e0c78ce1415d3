"""Markers of an episode: a closed list of words, said by a person or seen in the executor's modes.

What people say is a topic of the recording. Takeovers and interventions are read off the recorded
modes and not written as messages: so they are in every recording, without a message that nobody
sent, and a recording of before has them too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

TAKEOVER, INTERVENTION = 'takeover', 'intervention'
SUCCESS, FAILURE, DISCARD = 'success', 'failure', 'discard'
OUTCOMES = (SUCCESS, FAILURE, DISCARD)
NOTE = 'note:'  # a text follows
_KNOWN = (TAKEOVER, INTERVENTION, *OUTCOMES)
PERSON, EXECUTOR = 'a person', "the executor's mode"
_POLICY, _TELEOP = 'POLICY', 'TELEOP'


@dataclass(frozen=True)
class Marker:
    """A word, or a note, and who says so; at: its receipt [ns]."""

    at: int
    text: str
    by: str = PERSON


def checked(text: str) -> str:
    """A marker's text. Raises ValueError for one that is unknown, which lists the known ones."""
    if text in _KNOWN or (text.removeprefix(NOTE).strip() and text.startswith(NOTE)):
        return text
    known = ', '.join((*_KNOWN, f'{NOTE}<text>'))
    raise ValueError(f'marker {text!r} is unknown: it is one of {known}')


def seen(modes: Iterable[tuple[int, str]]) -> list[Marker]:
    """Of the executor's modes, each with the receipt [ns] of its state.

    Entering TELEOP is a takeover; from POLICY, which was driving, it is an intervention.
    """
    return [
        Marker(at, INTERVENTION if before == _POLICY else TAKEOVER, EXECUTOR)
        for (_, before), (at, mode) in pairwise(modes)
        if mode == _TELEOP != before
    ]


def outcome(texts: Sequence[str]) -> str:
    """The last word on how it ended: success, failure or discard; '' where nobody said so."""
    return next((text for text in reversed(texts) if text in OUTCOMES), '')
