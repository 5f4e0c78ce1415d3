"""A recording in the order and at the pace in which it is told again.

Told are what came from outside of our programs: the robot's cameras and feedback, and what people
said. What programs decided then (commands, chunks, states) is theirs to decide anew. Time is an
argument; refuses to know who listens.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.run import Facts
from fastwam_ros.bag.streams import SECOND
from fastwam_ros.robot.joints import ROBOT

STEP = 5_000_000  # [ns] between two tellings of the time: a tick of the executor
_SENSORS = ('image_', 'arm_measured_', 'gripper_measured_')
_PEOPLE = ('request', 'task', 'teleop_')
_HELD_UP = 20_000_000  # [ns] that a late step may be caught up by: more, and the recording waits


def is_sensor(role: str) -> bool:
    """Whether a role of a recording is the robot's own word."""
    return role.startswith(_SENSORS)


def is_told(role: str) -> bool:
    """Whether a role of a recording is told again: the robot's word, or a person's."""
    return role.startswith((*_SENSORS, *_PEOPLE))


@dataclass(frozen=True)
class Step:
    """What is told at once: the time [ns], then messages of the STEP up to it: (role, CDR)."""

    now: int
    messages: tuple[tuple[str, bytes], ...]


class Playback:
    """A recorded run, or a part of it. begin: receive time [ns] of what comes first."""

    def __init__(self, bag: Bag, start: float = 0.0, duration: float = float('inf')) -> None:
        """start, duration [s] of the part, by receive times.

        Raises BagError for what is no recorded run of this robot, and for an empty part.
        """
        facts = Facts.read(bag)
        if facts.robot != ROBOT:
            raise BagError(f'{bag.path} is of robot {facts.robot!r}: the nodes are for {ROBOT!r}')
        self._bag, self._chunks = bag, facts.topics.get('chunk', '')
        there = {topic: role for role, topic in facts.topics.items() if topic in bag.topics}
        self._roles = {topic: role for topic, role in there.items() if is_told(role)}
        sensors = [topic for topic, role in self._roles.items() if is_sensor(role)]
        first = next(bag.records(sensors), None)
        if first is None:
            raise BagError(f'{bag.path} has neither pictures nor feedback in it')
        self.begin = first.received + round(start * SECOND)
        self.end = None if duration == float('inf') else self.begin + round(duration * SECOND)
        if next(bag.records(sensors, self.begin, self.end), None) is None:
            last = max(record.received for record in bag.records(sensors))
            lasts = (last - first.received) / SECOND
            raise BagError(f'{bag.path} has nothing from {start:g} s on: it lasts {lasts:.1f} s')

    @property
    def roles(self) -> set[str]:
        """What there is to tell."""
        return set(self._roles.values())

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
