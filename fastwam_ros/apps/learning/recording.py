"""A recording of an R1 Lite as arrays on the robot's clock: pictures' stamps, joints, commands.

Pictures stay in the file. A message's time is its header stamp; without one, its receipt. Reads
the robot's own recordings as well as ours.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastwam_ros.bag.markers import outcome
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.run import FACTS, Facts
from fastwam_ros.bag.streams import SECOND, Array, Stamps, Times, nanoseconds, stamp_of
from fastwam_ros.robot.carriers import CARRIERS
from fastwam_ros.robot.joints import ARM_SIZE, ROBOT, SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, CAMERAS, IMAGE_TOPICS, IMAGES, MARKER

SPEEDS = '.velocities'
_MEASURED = {
    f'{kind}_measured_{side}': (f'{side}_{kind}', width)
    for side in SIDES
    for kind, width in (('arm', ARM_SIZE), ('gripper', 1))
}
_COMMANDED = {role.replace('measured', 'command'): part for role, part in _MEASURED.items()}
# Topics without a role in recordings of our own: the rest of the robot.
_CARRIED = {'hdas/feedback_torso': ('torso', 4), 'hdas/feedback_chassis': ('chassis', 3)}
_TWISTS = {carrier.target: f'{carrier.name}{SPEEDS}' for carrier in CARRIERS}
_WITH_SPEEDS = ('left_arm', 'right_arm', 'torso', 'chassis')


@dataclass(frozen=True)
class Values:
    """One stream in order of its stamps [N] ns, each once: values [N, D] in wire units."""

    stamps: Times
    values: Array


class _Rows:
    """A stream as it is read, in any order: flat, because an hour of the robot has millions."""

    def __init__(self) -> None:
        self._stamps, self._values = array('q'), array('d')

    def add(self, at: int, given: Any, width: int) -> None:
        """An older firmware's arm has its gripper behind its joints; what is no row is a gap."""
        values = np.asarray(given, np.float64)[:width]
        if len(values) == width and np.isfinite(values).all():
            self._stamps.append(at)
            self._values.extend(values.tolist())

    def __len__(self) -> int:
        return len(self._stamps)

    def sorted(self) -> Values:
        """By stamps, each once: the first to come."""
        stamps, first = np.unique(np.array(self._stamps, np.int64), return_index=True)
        values = np.array(self._values, np.float64).reshape(len(self), -1)
        return Values(stamps, values[first])


@dataclass(frozen=True)
class Recording:
    """What a recording has of a robot.

    pictures: camera to stamps and receipts; topics: camera to the topic they came on. measured,
    commanded: part, such as 'left_arm', to its stream; of measured ones also their speeds. modes:
    (stamp [ns], executor's mode); tasks: (receipt [ns], instruction). outcome: success, failure,
    discard or ''.
    """

    bag: Bag
    pictures: Mapping[str, Stamps]
    topics: Mapping[str, str]
    measured: Mapping[str, Values]
    commanded: Mapping[str, Values]
    modes: list[tuple[int, str]]
    tasks: list[tuple[int, str]]
    outcome: str

    @classmethod
    def read(cls, bag: Bag, namespace: str = '') -> 'Recording':
        """namespace: see `Roles.of`. Raises BagError for one that lacks a camera or an arm."""
        roles = Roles.of(bag, namespace)
        if roles.robot != ROBOT:
            raise BagError(f'{bag.path} is of robot {roles.robot!r}: data are of {ROBOT!r}')
        pile = _Pile(bag, roles.topics)
        topics = {camera: pile.seen(camera) for camera in CAMERAS}
        start = Facts.read(bag).others.get('instruction', '') if FACTS in bag.metadata else ''
        return cls(
            bag,
            {camera: pile.stamps(camera, topic) for camera, topic in topics.items()},
            topics,
            {part: rows.sorted() for part, rows in pile.measured.items() if len(rows)},
            {part: rows.sorted() for part, rows in pile.commanded.items() if len(rows)},
            sorted(pile.modes, key=lambda mode: mode[0]),
            [(0, start)] * bool(start) + (pile.tasks or pile.answered),
            outcome(pile.markers),
        )


def _base(bag: Bag, topics: Mapping[str, str]) -> str:
    """What the robot's names are under, such as '/' or '/robot1/'."""
    role = f'arm_measured_{SIDES[0]}'
    if role not in topics:
        there = ', '.join(sorted(bag.topics)) or 'nothing'
        raise BagError(f'{bag.path} has no {ARM_FEEDBACK[SIDES[0]]}: it has {there}')
    return topics[role].removesuffix(ARM_FEEDBACK[SIDES[0]])


class _Pile:
    """The messages that matter, from one pass over the file."""

    def __init__(self, bag: Bag, topics: Mapping[str, str]) -> None:
        """topics: role to full name."""
        self._bag, self._topics = bag, topics
        self._pictures: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.measured: dict[str, _Rows] = defaultdict(_Rows)
        self.commanded: dict[str, _Rows] = defaultdict(_Rows)
        self.modes: list[tuple[int, str]] = []
        self.tasks: list[tuple[int, str]] = []
        self.answered: list[tuple[int, str]] = []  # instructions that chunks are answers to
        self.markers: list[str] = []
        base = _base(bag, topics)
        images = {topics[image.role] for image in IMAGE_TOPICS if image.role in topics}
        roles = (*_MEASURED, *_COMMANDED, 'task', 'chunk', 'state')
        known = {topics[role]: role for role in roles if role in topics}
        known |= {f'{base}{name}': name for name in (*_CARRIED, *_TWISTS, MARKER)}
        for record in bag.records({*images, *known}):
            if record.topic in images:
                stamp = stamp_of(record.data) or record.received
                self._pictures[record.topic].append((record.received, stamp))
            else:
                self._take(known[record.topic], record)

    def _take(self, what: str, record: Record) -> None:
        """what: a role, or a name without one."""
        message = self._bag.decode(record)
        at = _time(message, record)
        if what in _MEASURED or what in _CARRIED:
            self._measure(*(_MEASURED.get(what) or _CARRIED[what]), at, message)
        elif what in _COMMANDED:
            part, width = _COMMANDED[what]
            self.commanded[part].add(at, message.position, width)
        elif what in _TWISTS:
            self.commanded[_TWISTS[what]].add(at, _twist(message), 6)
        elif what == 'state':
            self.modes.append((at, str(message.mode)))
        elif what == 'task':
            self.tasks.append((record.received, str(message.data)))
        elif what == 'chunk':
            self.answered.append((record.received, str(message.task)))
        else:
            self.markers.append(str(message.data))

    def _measure(self, part: str, width: int, at: int, message: Any) -> None:
        self.measured[part].add(at, message.position, width)
        if part in _WITH_SPEEDS:
            self.measured[f'{part}{SPEEDS}'].add(at, message.velocity, width)

    def seen(self, camera: str) -> str:
        """The topic of most of a camera's pictures."""
        own = (image.role for image in IMAGE_TOPICS if image.camera == camera)
        topics = [self._topics[role] for role in own if role in self._topics]
        most = max(topics, key=lambda topic: len(self._pictures[topic]), default='')
        if not self._pictures[most]:
            raise BagError(
                f'{self._bag.path} has no pictures of the {camera} camera, such as on '
                f'{IMAGES[camera]}: data need all three'
            )
        return most

    def stamps(self, camera: str, topic: str) -> Stamps:
        """Those of pictures that are later than all before them."""
        kept: list[tuple[int, int]] = []
        for pair in self._pictures[topic]:
            if kept and kept[-1][1] - pair[1] > SECOND:
                raise BagError(
                    f'{self._bag.path}: the clock of the {camera} camera was set back by '
                    f'{(kept[-1][1] - pair[1]) / SECOND:.1f} s within the recording: cut it there'
                )
            if not kept or pair[1] > kept[-1][1]:
                kept.append(pair)
        return Stamps.of(kept)


def _time(message: Any, record: Record) -> int:
    header = getattr(message, 'header', None)
    return (nanoseconds(header.stamp) if header is not None else 0) or record.received


def _twist(message: Any) -> tuple[float, ...]:
    """Six numbers of a TwistStamped or a Twist."""
    twist = getattr(message, 'twist', message)
    return tuple(getattr(part, axis) for part in (twist.linear, twist.angular) for axis in 'xyz')
