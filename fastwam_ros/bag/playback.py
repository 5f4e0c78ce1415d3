"""A recording in the order and at the pace in which it is told again.

Told are what came from outside of our programs: the robot's cameras and feedback, and what people
said. What programs decided then (commands, chunks, states) is theirs to decide anew: it is shown
beside, under names that nobody obeys. Time is an argument; refuses to know who listens.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.streams import SECOND
from fastwam_ros.robot.joints import ROBOT
from fastwam_ros.robot.roles import is_person, is_sensor

STEP = 5_000_000  # [ns] between two tellings of the time: a tick of the executor
_HELD_UP = 20_000_000  # [ns] that a late step may be caught up by: more, and the recording waits


def is_told(role: str) -> bool:
    """Whether a role of a recording is told again: the robot's word, or a person's."""
    return is_sensor(role) or is_person(role)


@dataclass(frozen=True)
class Step:
    """What is told at once: the time [ns], then messages of the STEP up to it: (role, CDR)."""

    now: int
    messages: tuple[tuple[str, bytes], ...]


class Playback:
    """A recording, or a part of it. begin: receive time [ns] of what comes first.

    odd: what is not told because its type is another one, in words.
    """

    def __init__(
        self,
        bag: Bag,
        start: float = 0.0,
        duration: float = float('inf'),
        namespace: str = '',
    ) -> None:
        """start, duration [s] of the part, by receive times; namespace: see Roles.

        Raises BagError for a recording of another robot, and for an empty part.
        """
        roles = Roles.of(bag, namespace)
        if roles.robot != ROBOT:
            raise BagError(f'{bag.path} is of robot {roles.robot!r}: the nodes are for {ROBOT!r}')
        self._bag, self._chunks, self.odd = bag, roles.topics.get('chunk', ''), roles.odd
        self._roles = {topic: role for role, topic in roles.topics.items()}
        sensors = [topic for topic, role in self._roles.items() if is_sensor(role)]
        # A receive time of zero is none: nothing could be told at its time.
        first = next(bag.records(sensors, since=1), None)
        if first is None:
            raise BagError(
                f'{bag.path} has neither pictures nor feedback in it, by the names of {ROBOT}'
            )
        self.begin = first.received + round(start * SECOND)
        self.end = None if duration == float('inf') else self.begin + round(duration * SECOND)
        if next(bag.records(sensors, self.begin, self.end), None) is None:
            last = max(record.received for record in bag.records(sensors))
            lasts = (last - first.received) / SECOND
            raise BagError(f'{bag.path} has nothing from {start:g} s on: it lasts {lasts:.1f} s')

    @property
    def roles(self) -> set[str]:
        """What there is to tell."""
        return set(filter(is_told, self._roles.values()))

    @property
    def shown(self) -> set[str]:
        """What there is to show beside it."""
        return set(self._roles.values()) - self.roles

    def task(self) -> str:
        """The instruction of the recorded chunks when it begins; '' without chunks."""
        before = None
        for record in self._bag.records([self._chunks]):
            if before is not None and record.received > self.begin:
                break
            before = record
        return '' if before is None else str(self._bag.decode(before).task)

    def steps(self) -> Iterator[Step]:
        """Every STEP of the recording, each once; the last one holds its last message."""
        now = self.begin
        due: list[tuple[str, bytes]] = []
        for record in self._bag.records(self._roles, self.begin, self.end):
            while record.received > now:
                yield Step(now, tuple(due))
                now, due = now + STEP, []
            due.append((self._roles[record.topic], record.data))
        yield Step(now, tuple(due))


class Pace:
    """When steps are due on a monotonic clock [ns]. The first one that is asked for is due now."""

    def __init__(self, rate: float, begin: int) -> None:
        """rate: seconds of the recording per second; begin: time of its first step [ns].

        Raises ValueError for a rate that is not above zero.
        """
        if not 0.0 < rate < float('inf'):
            raise ValueError(f'rate is {rate}: 1.0 is as recorded, 0.5 half as fast')
        self._rate, self._bag = rate, begin
        self._monotonic: int | None = None

    def left(self, monotonic: int, bag: int) -> int:
        """Nanoseconds until a time of the recording is due; 0: now.

        Held up for longer, it goes on from there as slowly as before: a burst would be lost.
        """
        if self._monotonic is None:
            self._monotonic = monotonic
        due = self._monotonic + round((bag - self._bag) / self._rate)
        if monotonic - due > _HELD_UP:
            self._monotonic, self._bag = monotonic, bag
        return max(due - monotonic, 0)
