"""Chunks and what became of each: the executor's verdicts, its answers to requests.

Read from the published state alone. A state names one verdict; chunks that were judged between two
states are counted, and told apart only as far as the counters go.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from fastwam_ros.apps.report.events import starts
from fastwam_ros.apps.report.run import Heard
from fastwam_ros.bag.streams import SECOND, nanoseconds

ACCEPTED, SHADOW, REFUSED, UNTOLD = 'accepted', 'shadow', 'refused', 'not told'
KINDS = (ACCEPTED, SHADOW, REFUSED, UNTOLD)
NOT_NAMED = 'not named'
_SKEW = SECOND // 50  # [ns] by which the recorder may have received a verdict before its chunk
_COUNTERS = {ACCEPTED: 'accepted', SHADOW: 'shadowed', REFUSED: 'refused'}
# The checks in words; a check that is not here speaks for itself.
WORDS = {
    'schema': 'its shape, step or offset is none that a chunk can have',
    'finite': 'it contains a value that is not a number',
    'robot': 'it was made for another robot',
    'names': 'its joints are not those of this robot',
    'stamp': 'its head stamp lies in the future, or all of its rows in the past',
    'epoch': 'it was inferred under an authority that has ended since',
    'sequence': 'a newer chunk was accepted before',
    'position': 'it leaves the position limits by more than what is clamped',
    'speed': 'its rows are faster than slowing it down would help',
    'acceleration': 'its rows change speed more than slowing it down would help',
    'clock': 'its image was taken before the clock was set',
    'uncertain': 'the policy disagreed with itself for several chunks',
    'clearance': 'it leads into something before it could be stopped',
    'trained': 'it leaves the range of the training data',
    'jump': 'it begins too far from what is commanded at that instant',
    'before_run': 'its image was taken before run was requested',
    'too_short': 'too little of it was left when it arrived',
    'too_fast': 'it would have to be slowed down too much to fit the limits',
    'no_bridge': 'no jerk-limited motion reaches it inside the limits',
    'no_stop': 'it ends in a way that cannot be stopped inside the limits',
}


def kind_of(verdict: str) -> str:
    """accepted, shadow, refused, or not told for no verdict at all."""
    name = check_of(verdict)
    if not name:
        return UNTOLD
    return name if name in (ACCEPTED, SHADOW) else REFUSED


def check_of(verdict: str) -> str:
    """The name before the figures."""
    return verdict.split(':')[0]


class Told(NamedTuple):
    """A verdict, and when the state that tells it was received [ns]."""

    received: int
    epoch: int
    sequence: int
    verdict: str


def verdicts(states: Sequence[Heard]) -> list[Told]:
    """Every verdict that a state names and whose counter grew with that state."""
    found = []
    for (_, before), (received, state) in pairwise(states):
        counter = _COUNTERS.get(kind_of(state.last_verdict), '')
        if counter and getattr(state, counter) != getattr(before, counter):
            identity = int(state.last_epoch), int(state.last_sequence)
            found.append(Told(received, *identity, state.last_verdict))
    return found


def refused(states: Sequence[Heard]) -> list[Told]:
    """The refusals among them."""
    return [told for told in verdicts(states) if kind_of(told.verdict) == REFUSED]


def refusals(states: Sequence[Heard], total: int) -> dict[str, int]:
    """Refused chunks by the name of the failed check, most frequent first.

    total: by how much the counter grew; what no state named is counted as 'not named'.
    """
    found = Counter(check_of(told.verdict) for told in refused(states))
    if total > found.total():
        found[NOT_NAMED] = total - found.total()
    return dict(found.most_common())


@dataclass(frozen=True)
class Judged:
    """A recorded chunk. received, stamp (of its head image), first_tick [ns], 0: no command.

    inference [s]; verdict: as the executor told it, '' where no state names it.
    """

    received: int
    stamp: int
    epoch: int
    sequence: int
    inference: float
    verdict: str
    first_tick: int

    @property
    def kind(self) -> str:
        return kind_of(self.verdict)


def judged(chunks: Sequence[Heard], states: Sequence[Heard]) -> list[Judged]:
    """Every recorded chunk with what became of it, in the order of receipt."""
    told: dict[tuple[int, int], list[Told]] = {}
    for one in verdicts(states):
        told.setdefault((one.epoch, one.sequence), []).append(one)
    begun = {start.chunk_stamp: start.first_tick for start in starts(states)}
    return [_judged(heard, told, begun) for heard in chunks]


def _judged(
    heard: Heard, told: dict[tuple[int, int], list[Told]], begun: dict[int, int]
) -> Judged:
    chunk = heard.message
    identity, stamp = (int(chunk.epoch), int(chunk.sequence)), nanoseconds(chunk.header.stamp)
    after = (t.verdict for t in told.get(identity, ()) if t.received >= heard.received - _SKEW)
    verdict = next(after, '')
    first = begun.get(stamp, 0) if kind_of(verdict) in (ACCEPTED, UNTOLD) else 0
    inference = float(chunk.inference_time)
    return Judged(heard.received, stamp, *identity, inference, verdict, first)


class Asked(NamedTuple):
    """A request: first receipt [ns], how often it was sent, and the answer ('' for none)."""

    received: int
    verb: str
    id: int
    requester: str
    times: int
    answer: str
    answered: int


def requests(heard: Sequence[Heard], states: Sequence[Heard]) -> list[Asked]:
    """Each id once: a repeated one gets its first answer."""
    sent: dict[tuple[str, int], list[Heard]] = {}
    for one in heard:
        sent.setdefault((one.message.requester, int(one.message.id)), []).append(one)
    return [_asked(same, states) for same in sent.values()]


def _asked(same: Sequence[Heard], states: Sequence[Heard]) -> Asked:
    since, message = same[0]
    number = int(message.id)
    for received, state in states:
        if received >= since - _SKEW and int(state.request_id) == number:
            answer = state.request_answer, received
            break
    else:
        answer = '', 0
    return Asked(since, message.verb, number, message.requester, len(same), *answer)
