"""What is in a recording: files, time, topics with counts and rates, what it says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.roles import Roles, namespaces
from fastwam_ros.bag.run import FACTS
from fastwam_ros.bag.storage import Progress
from fastwam_ros.bag.streams import SECOND


@dataclass
class Topic:
    """Of one topic: how many messages, receive times [ns] of the first and the last, bytes."""

    kind: str
    count: int = 0
    first: int = 0
    last: int = 0
    size: int = 0

    @property
    def rate(self) -> float:
        """Messages per second by their receipt [Hz]; NaN below two."""
        span = self.last - self.first
        return (self.count - 1) * SECOND / span if self.count > 1 and span else float('nan')


@dataclass(frozen=True)
class Overview:
    """begin, end: receive times [ns], 0 where nothing is; topics by full name."""

    bag: Bag
    topics: dict[str, Topic]
    begin: int
    end: int

    @classmethod
    def of(cls, bag: Bag, progress: Progress | None = None) -> 'Overview':
        """One pass over all messages. Raises BagError."""
        topics = {name: Topic(kind) for name, kind in sorted(bag.topics.items())}
        for record in bag.records(progress=progress):
            topic = topics.setdefault(record.topic, Topic(record.type))
            if not topic.count:
                topic.first = topic.last = record.received
            topic.first, topic.last = (
                min(topic.first, record.received),
                max(topic.last, record.received),
            )
            topic.count += 1
            topic.size += len(record.data)
        heard = [topic for topic in topics.values() if topic.count]
        begin = min((topic.first for topic in heard), default=0)
        return cls(bag, topics, begin, max((topic.last for topic in heard), default=0))

    @property
    def seconds(self) -> float:
        """From the first message to the last [s]."""
        return (self.end - self.begin) / SECOND

    def tree(self) -> dict[str, Any]:
        """As JSON takes it."""
        robots, problem = self.robots()
        return {
            'path': str(self.bag.path),
            'files': [file.name for file in self.bag.files],
            'bytes': self.bag.size,
            'begin_ns': self.begin,
            'end_ns': self.end,
            'seconds': self.seconds,
            'messages': sum(topic.count for topic in self.topics.values()),
            'robots': robots,
            'problem': '; '.join(filter(None, (self.bag.problem, problem))),
            'metadata': self.bag.metadata.get(FACTS, {}),
            'topics': {
                name: {
                    'type': topic.kind,
                    'count': topic.count,
                    'rate_hz': None if topic.rate != topic.rate else round(topic.rate, 3),
                    'bytes': topic.size,
                    'decodes': not self.bag.undecodable(topic.kind),
                }
                for name, topic in self.topics.items()
            },
        }

    def robots(self) -> tuple[list[str], str]:
        """Namespaces of what is a robot's, '/' for none, and what is wrong with them."""
        if FACTS in self.bag.metadata:
            try:
                return [Roles.of(self.bag).namespace or '/'], ''
            except BagError as error:
                return [], str(error)
        return [space or '/' for space in sorted(namespaces(self.bag))], ''

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        tree = self.tree()
        rows = {
            'bag': self.bag.path,
            'files': f'{len(self.bag.files)}, {self.bag.size / 1e6:.1f} MB',
            'begins': _date(self.begin) if self.end else 'never: it holds no messages',
            'lasts': f'{self.seconds:.3f} s',
            'messages': tree['messages'],
            'robot': ', '.join(tree['robots']) or "none by an R1 Lite's names",
            **{key: value for key, value in tree['metadata'].items() if key != 'namespace'},
            'problem': tree['problem'] or 'none',
        }
        yield from (f'{label:12}{value}' for label, value in rows.items())
        yield ''
        width = max(map(len, (*self.topics, 'topic')))
        yield f'{"topic":{width}}  {"count":>8} {"Hz":>8} {"MB":>8}  type'
        for name, topic in self.topics.items():
            rate = '-' if topic.rate != topic.rate else f'{topic.rate:.1f}'
            kind = topic.kind + (' (unknown)' if self.bag.undecodable(topic.kind) else '')
            yield f'{name:{width}}  {topic.count:8} {rate:>8} {topic.size / 1e6:8.2f}  {kind}'


def _date(ns: int) -> str:
    return datetime.fromtimestamp(ns / SECOND, timezone.utc).strftime('%Y-%m-%d %H:%M:%S.%f UTC')
