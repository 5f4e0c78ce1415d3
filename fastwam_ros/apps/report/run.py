"""A run's recording as arrays: commands, readings, states, chunks, plans, switch, picture stamps.

One pass over the file; pictures stay in it. Knows roles of topics, not what the figures mean.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fastwam_ros.apps.report.ticks import Ticks
from fastwam_ros.bag.episode import ROLES, told
from fastwam_ros.bag.markers import Marker, seen
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.bag.run import Facts
from fastwam_ros.bag.streams import SECOND, JointRows, JointStream, Stamps, nanoseconds, stamp_of
from fastwam_ros.robot.joints import ARM_SIZE, ROBOT, SIDES
from fastwam_ros.robot.topics import CAMERAS, IMAGE_TOPICS

Progress = Callable[[float], None]
WIDEST = ARM_SIZE + 1  # positions of an arm, where its gripper is told with it
_PLANS = 'trajectory'
# What a replay has of the run that it replays, by part: ground truth, commands and readings.
HUMAN = {
    'arm': ('truth_arm', 'recorded_arm_command', 'recorded_arm_measured'),
    'gripper': ('truth_gripper', 'recorded_gripper_command', 'recorded_gripper_measured'),
}


class Heard(NamedTuple):
    """A decoded message and when it was received [ns]."""

    received: int
    message: Any


@dataclass(frozen=True)
class Run:
    """What a recording contains, by side and camera; positions in wire units.

    human: by role, what a replay has of the run that it replays; active: the teleop switch;
    outcomes: what a simulated task said about itself; markers: what people said of the episode
    and what the modes say, by time; episode: instruction, bundle and outcome as they were heard;
    image_roles: as which a camera's pictures were recorded; since, until: first and last receive
    time [ns].
    """

    bag: Bag
    facts: Facts
    arms: Mapping[str, JointStream]
    grippers: Mapping[str, JointStream]
    measured: Mapping[str, JointStream]
    measured_grippers: Mapping[str, JointStream]
    human: Mapping[str, JointStream]
    states: list[Heard]
    chunks: list[Heard]
    active: list[Heard]
    requests: list[Heard]
    outcomes: list[Heard]
    markers: list[Marker]
    episode: Mapping[str, str]
    images: Mapping[str, Stamps]
    image_roles: Mapping[str, str]
    messages: int
    since: int
    until: int

    @classmethod
    def read(cls, bag: Bag, progress: Progress | None = None) -> 'Run':
        """Raises BagError for a recording that is not one of a run."""
        facts = Facts.read(bag)
        if facts.robot != ROBOT:
            raise BagError(f'{bag.path} is of robot {facts.robot!r}: the report knows {ROBOT!r}')
        pile = _Pile(bag, facts, progress)
        roles = {camera: pile.seen(camera) for camera in CAMERAS}
        return cls(
            bag,
            facts,
            arms=pile.joints('arm_command'),
            grippers=pile.joints('gripper_command'),
            measured=pile.joints('arm_measured'),
            measured_grippers=pile.joints('gripper_measured'),
            human={role: pile.rows[role].stream() for role in _human_roles()},
            states=pile.heard('state'),
            chunks=pile.heard('chunk'),
            active=pile.heard('teleop_active'),
            requests=pile.heard('request'),
            outcomes=pile.heard('outcome'),
            markers=pile.markers(),
            episode=pile.episode(),
            images={camera: Stamps.of(pile.pictures[role]) for camera, role in roles.items()},
            image_roles=roles,
            messages=pile.count,
            since=pile.since,
            until=pile.until,
        )

    def plans(self) -> Iterator[Any]:
        """The executor's, decoded one by one: all of them at once would be most of a recording."""
        if topic := self.facts.topics.get(_PLANS):
            yield from map(self.bag.decode, self.bag.records([topic]))

    @property
    def ticks(self) -> Ticks:
        """The stamps whose tick is known, from the executor's states."""
        messages = [state.message for state in self.states]
        return Ticks.of((nanoseconds(m.header.stamp), int(m.tick)) for m in messages)

    def seconds(self, ns: int) -> float:
        """Since the recording began [s]."""
        return (ns - self.since) / SECOND


class _Pile:
    """The messages of the roles that are looked at, from one pass over the file."""

    def __init__(self, bag: Bag, facts: Facts, progress: Progress | None) -> None:
        self._bag = bag
        self._kept: dict[str, list[Record]] = defaultdict(list)
        self.rows = {role: JointRows(*_width(role)) for role in _joint_roles()}
        self.pictures: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.count, self.since, self.until = 0, 0, 0
        roles = {topic: role for role, topic in facts.topics.items()}
        for record in bag.records(progress=progress):
            self._take(roles.get(record.topic, ''), record)

    def _take(self, role: str, record: Record) -> None:
        self.since = min(self.since or record.received, record.received)
        self.until = max(self.until, record.received)
        self.count += 1
        if role.startswith('image_'):
            self.pictures[role].append((record.received, stamp_of(record.data)))
        elif role in self.rows:
            self.rows[role].add(record.received, self._bag.decode(record))
        elif role and role != _PLANS:
            self._kept[role].append(record)

    def joints(self, name: str) -> dict[str, JointStream]:
        return {side: self.rows[f'{name}_{side}'].stream() for side in SIDES}

    def seen(self, camera: str) -> str:
        """The role of most of a camera's pictures."""
        roles = [topic.role for topic in IMAGE_TOPICS if topic.camera == camera]
        return max(roles, key=lambda role: len(self.pictures[role]))

    def markers(self) -> list[Marker]:
        said = [Marker(received, message.data) for received, message in self.heard('marker')]
        modes = [(received, message.mode) for received, message in self.heard('state')]
        return sorted([*said, *seen(modes)], key=lambda marker: marker.at)

    def episode(self) -> dict[str, str]:
        return told(self._bag, ((role, r) for role in ROLES for r in self._kept[role]))

    def heard(self, role: str) -> list[Heard]:
        return [Heard(r.received, self._bag.decode(r)) for r in self._kept[role]]


def _human_roles() -> Iterator[str]:
    return (f'{role}_{side}' for roles in HUMAN.values() for role in roles for side in SIDES)


def _joint_roles() -> Iterator[str]:
    own = ('arm_command', 'arm_measured', 'gripper_command', 'gripper_measured')
    yield from (f'{role}_{side}' for role in own for side in SIDES)
    yield from _human_roles()


def _width(role: str) -> tuple[int, int]:
    """Positions of a message, and how many there may be."""
    if 'gripper' in role:
        return 1, 1
    return ARM_SIZE, ARM_SIZE if role.startswith('arm_command') else WIDEST


def quantile(values: Any, part: float) -> float:
    """A quantile, NaN of nothing."""
    return float(np.quantile(values, part)) if len(values) else float('nan')
