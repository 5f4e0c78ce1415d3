"""A part of a recording, or one with other names of topics, as a new mcap file.

Messages, definitions, offered qualities and metadata go over as they are. The recording is only
read, and nothing is ever overwritten.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from fastwam_ros.apps.files import writing
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.bag.run import TOPICS
from fastwam_ros.bag.storage import Progress
from fastwam_ros.bag.streams import SECOND
from fastwam_ros.bag.writer import BagWriter
from fastwam_ros.robot.roles import ROLES
from fastwam_ros.robot.topics import IMAGE_TOPICS

_LATCHED = ('1', 'transient_local')  # as rosbag2 writes it, by number and by name
# Offered latched by our programs, for recordings that do not say it.
_KEPT = tuple(played.name for played in ROLES.values() if played.offered.latched)
_ROSBAG2 = 'rosbag2'  # a record of other tools on the file that it was in: not true of this one


@dataclass(frozen=True)
class Part:
    """Receive times [ns] of the part's ends, both within."""

    since: int = 0
    until: int = 2**63 - 1

    @classmethod
    def of(cls, bag: Bag, start: float, duration: float) -> 'Part':
        """start, duration [s] from the first message. Raises BagError for an empty recording."""
        first = next(bag.records(since=1), None)
        if first is None:
            raise BagError(f'{bag.path} holds no messages')
        since = first.received + round(start * SECOND)
        endless = duration == float('inf')
        return cls(since, cls.until if endless else since + round(duration * SECOND))


@dataclass(frozen=True)
class Renaming:
    """names: old full topic to new one. Raises BagError by `checked` for what makes no sense."""

    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def checked(cls, bag: Bag, pairs: Mapping[str, str]) -> 'Renaming':
        """Raises BagError for a topic that is not there, and for two that would become one."""
        for old, new in pairs.items():
            bag.require(old)
            if not new.startswith('/') or new.endswith('/') or '//' in new:
                raise BagError(f'{new!r} is no full topic name: /like/this')
        after = [pairs.get(topic, topic) for topic in bag.topics]
        if twice := sorted({topic for topic in after if after.count(topic) > 1}):
            raise BagError(f'two topics would become {twice[0]}: rename the other one as well')
        return cls(pairs)

    @classmethod
    def of_former_wrists(cls, bag: Bag) -> dict[str, str]:
        """The wrist cameras' topics of before ATC 2.1.5 to those of today."""
        today = {(t.camera, t.transport): t.name for t in IMAGE_TOPICS if not t.former}
        former = {t.name: today[t.camera, t.transport] for t in IMAGE_TOPICS if t.former}
        found = {
            topic: topic.removesuffix(name) + former[name]
            for topic in bag.topics
            for name in former
            if topic.endswith(f'/{name}')
        }
        if not found:
            raise BagError(f"{bag.path} has none of the wrist cameras' former names")
        return found

    def __call__(self, topic: str) -> str:
        return self.names.get(topic, topic)


def rewritten(
    bag: Bag,
    output: Path,
    part: Part | None = None,
    renaming: Renaming | None = None,
    progress: Progress | None = None,
) -> int:
    """Write it; returns how many messages. Raises BagError for an empty part, OSError."""
    part, rename = part or Part(), renaming or Renaming()
    if next(bag.records(None, part.since, part.until), None) is None:
        raise BagError(f'{bag.path} has nothing in that part: fastwam-bag info tells its times')
    before = _latched_before(bag, part.since)
    with writing(output), _whole(output) as out:
        for name, values in bag.metadata.items():
            if name != _ROSBAG2:
                given = {k: rename(v) for k, v in values.items()} if name == TOPICS else values
                out.metadata(name, given)
        channels = _channels(bag, out, rename)
        for record in before:
            out.write(channels[record.topic, record.type], part.since, record.data)
        for record in bag.records(None, part.since, part.until, progress):
            key = record.topic, record.type
            if key not in channels:  # a topic of two types
                channels[key] = _channel(bag, out, rename, *key)
            out.write(channels[key], record.received, record.data)
        return out.count


@contextmanager
def _whole(output: Path) -> Iterator[BagWriter]:
    """The new file, which goes again where it cannot be finished."""
    with BagWriter(output) as out:
        try:
            yield out
            out.close()
        except BaseException:
            output.unlink()
            raise


def latched(bag: Bag) -> set[str]:
    """Topics whose last message counts until the next one."""
    return {
        topic
        for topic in bag.topics
        if _durable(bag.offered.get(topic, ''))
        or any(f'/{topic}'.endswith(f'/{name}') for name in _KEPT)
    }


def _durable(offered: str) -> bool:
    try:
        profiles = yaml.safe_load(offered) if offered else []
        return any(str(each['durability']) in _LATCHED for each in profiles or [])
    except (yaml.YAMLError, KeyError, TypeError):
        return False


def _latched_before(bag: Bag, since: int) -> list[Record]:
    """Each latched topic's last message before the part, which a listener would have heard."""
    last: dict[str, Record] = {}
    if since > 0:
        for record in bag.records(latched(bag), 0, since - 1):
            last[record.topic] = record
    return sorted(last.values(), key=lambda record: record.received)


def _channels(bag: Bag, out: BagWriter, rename: Renaming) -> dict[tuple[str, str], int]:
    return {
        (topic, kind): _channel(bag, out, rename, topic, kind)
        for topic, kind in bag.topics.items()
    }


def _channel(bag: Bag, out: BagWriter, rename: Renaming, topic: str, kind: str) -> int:
    text = bag.definition(kind)
    return out.copied(rename(topic), kind, text, bag.offered.get(topic, ''))
