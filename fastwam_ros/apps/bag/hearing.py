"""A recording as first contact hears a robot: one pass, in memory no more than stamps and numbers.

Pictures go to the eyes, one after the other; what they see wrong is kept, not the pictures.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from fastwam_ros.apps.bag.sight import Sight
from fastwam_ros.bag.reader import WINDOW, Bag, BagError, Record
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.storage import Progress
from fastwam_ros.bag.streams import nanoseconds
from fastwam_ros.loop.contact import Content, Endpoint, Finding, Heard, Joints, Severity
from fastwam_ros.loop.picture_size import picture_size
from fastwam_ros.loop.synchroniser import Frame
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.pictures import Layout
from fastwam_ros.robot.roles import ROLES, is_sensor
from fastwam_ros.robot.topics import CAMERAS, IMAGE_TOPICS

_HEADER = 1000  # [bytes] of a picture that its size is looked for in, at first
_IMAGES = {image.role: image for image in IMAGE_TOPICS}


class Readings(Sequence[Joints]):
    """Joints of many messages, as packed numbers."""

    def __init__(self) -> None:
        self._values, self._ends, self._widths = array('d'), array('q', [0]), array('q')

    def append(self, position: Sequence[float], velocity: Sequence[float]) -> None:
        """One message's."""
        self._values.extend((*position, *velocity))
        self._ends.append(len(self._values))
        self._widths.append(len(position))

    def __len__(self) -> int:
        return len(self._widths)

    @overload
    def __getitem__(self, at: int) -> Joints: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Joints]: ...
    def __getitem__(self, at: int | slice) -> Joints | Sequence[Joints]:
        if isinstance(at, slice):
            return [self[k] for k in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        first, last = self._ends[at], self._ends[at + 1]
        middle = first + self._widths[at]
        return Joints(tuple(self._values[first:middle]), tuple(self._values[middle:last]))


class Stream:
    """One topic as it is heard."""

    def __init__(self, role: str) -> None:
        self.role, self.broken, self.why = role, 0, ''
        self._received, self._stamps = array('q'), array('q')
        self._readings, self._sizes = Readings(), list[Content]()

    def take(self, received: int, stamp: int, content: Joints | tuple[int, int] | None) -> None:
        """A message."""
        self._received.append(received)
        self._stamps.append(stamp)
        if isinstance(content, Joints):
            self._readings.append(content.position, content.velocity)
        else:
            self._sizes.append(content)

    def heard(self) -> Heard:
        """All of it."""
        name, kind, _ = ROLES[self.role]
        contents: Sequence[Content] = self._sizes if self.role in _IMAGES else self._readings
        return Heard(name, kind, (), (), self._received, self._stamps, contents, recorded=True)


class Hearing:
    """What a recording tells of its robot. sight: what the eyes found."""

    def __init__(self, bag: Bag, roles: Roles) -> None:
        self._bag, self._roles = bag, roles
        wanted = {r: t for r, t in roles.topics.items() if is_sensor(r) or '_command_' in r}
        self._by_topic = {topic: Stream(role) for role, topic in wanted.items()}
        self._sizes: dict[tuple[int, int], tuple[int, int]] = {}
        self.sight = Sight(tuple(name for name in CAMERAS if self._source(name)))
        self._eyes_on = {self._source(name): name for name in CAMERAS if self._source(name)}
        self._latest, self._back, self._leapt = 0, Counter[str](), 0

    def listen(self, progress: Progress | None = None) -> None:
        """One pass. Raises BagError."""
        for record in self._bag.records(self._by_topic, progress=progress):
            self._latest = max(self._latest, record.received)
            if record.received < self._latest - WINDOW:
                self._back[record.topic] += 1
            stream = self._by_topic[record.topic]
            try:
                self._take(stream, record)
            except BagError as error:
                stream.broken, stream.why = stream.broken + 1, stream.why or str(error)

    def heard(self) -> dict[str, Heard]:
        """By relative name; what was not recorded is there, and empty."""
        found = {name: Heard(name, kind, recorded=True) for name, kind, _ in ROLES.values()}
        for stream in self._by_topic.values():
            found[ROLES[stream.role].name] = stream.heard()
        for role, (name, kind, _) in ROLES.items():
            topic = f'{self._roles.namespace}/{name}'
            other = self._bag.topics.get(topic, kind)
            if other != kind and role not in self._roles.topics:
                found[name] = Heard(name, kind, (Endpoint('', other),), recorded=True)
        return found

    def findings(self) -> list[Finding]:
        """On the recording itself, beside what it tells of the robot."""
        found = [
            Finding(
                Severity.ERROR,
                ROLES[stream.role].name,
                f'{stream.broken} messages cannot be decoded, the first: {stream.why}',
                'is the file damaged? the rest was read',
            )
            for stream in self._by_topic.values()
            if stream.broken
        ]
        if self._back:
            count = sum(self._back.values())
            fact = (
                f'{count} messages were received more than {WINDOW / 1e9:g} s before earlier ones'
            )
            remedy = 'a clock was set while it was recorded: cut the part before or after that'
            found.append(Finding(Severity.ERROR, 'order', fact, remedy))
        return [*found, *self.sight.findings()]

    def _source(self, camera: str) -> str:
        """The role that a camera's pictures come by: the first with any."""
        topics = self._roles.topics
        roles = [image.role for image in IMAGE_TOPICS if image.camera == camera]
        there = [role for role in roles if role in topics]
        return next((r for r in there if any(self._bag.records([topics[r]]))), '')

    def _take(self, stream: Stream, record: Record) -> None:
        message = self._bag.decode(record)
        stamp = nanoseconds(message.header.stamp)
        if stream.role in _IMAGES:
            stream.take(record.received, stamp, self._picture(stream.role, stamp, message))
            return
        if not is_sensor(stream.role):
            stream.take(record.received, stamp, None)  # of commands only the times are judged
            return
        position, velocity = message.position.tolist(), message.velocity.tolist()
        stream.take(record.received, stamp, Joints(tuple(position), tuple(velocity)))
        kind, _, side = stream.role.rpartition('_')
        if side in SIDES and kind.endswith('_measured'):
            self.sight.feel(kind.partition('_')[0], side, stamp, np.asarray(position))

    def _picture(self, role: str, stamp: int, message: Any) -> tuple[int, int] | None:
        data, layout = bytes(message.data), None
        size: tuple[int, int] | None
        if hasattr(message, 'encoding'):
            layout = Layout.of(message)
            size = (message.height, message.width)
        else:
            size = picture_size(data[:_HEADER]) or picture_size(data)
        if role in self._eyes_on:
            self.sight.see(self._eyes_on[role], Frame(stamp, data, layout))
        return None if size is None else self._sizes.setdefault(size, size)
