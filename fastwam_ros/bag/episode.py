"""What a recording is an episode of, and how it ended.

Known at the start: in the facts. Known at the end: in a record of its own, which the recorder
writes last; a recording that lacks its end has the messages that this record was made from.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fastwam_ros.bag.definitions import decoder, definition
from fastwam_ros.bag.markers import checked, outcome
from fastwam_ros.bag.reader import Bag, Record
from fastwam_ros.bag.run import Facts

END = 'fastwam_ros/end'
TASK, CHUNK, MARKER = ROLES = ('task', 'chunk', 'marker')
_STRING, _CHUNK = 'std_msgs/msg/String', 'fastwam_ros/msg/ActionChunk'
_TYPES = {TASK: _STRING, CHUNK: _CHUNK, MARKER: _STRING}


class Hearsay:
    """What messages say of an episode. Of task and chunk the newest is kept, not decoded."""

    def __init__(self, decode: Callable[[str, Any], Any]) -> None:
        """decode: a role and what `take` was given to a message."""
        self._decode = decode
        self._newest: dict[str, Any] = {}
        self._markers: list[str] = []

    @classmethod
    def live(cls) -> 'Hearsay':
        """Of CDR bytes, by today's definitions."""
        store = decoder({name: definition(name) for name in _TYPES.values()})
        return cls(lambda role, data: store.deserialize_cdr(data, _TYPES[role]))

    def take(self, role: str, raw: Any) -> None:
        """A message of one of ROLES. Raises ValueError for an unknown marker."""
        if role == MARKER:
            self._markers.append(checked(self._decode(role, raw).data))
        else:
            self._newest[role] = raw

    def end(self) -> dict[str, str]:
        """instruction, bundle and outcome, as far as anybody said them."""
        newest = {role: self._decode(role, raw) for role, raw in self._newest.items()}
        chunk, task = newest.get(CHUNK), newest.get(TASK)
        found = {
            'instruction': (task.data if task else '') or (chunk.task if chunk else ''),
            'bundle': chunk.bundle if chunk else '',
            'outcome': outcome(self._markers),
        }
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True)
class Episode:
    """One episode; '' is not known. instruction: the last one heard, else that of the start.

    bundle: name@hash as the chunks say, else what the recorder was given. started: ISO 8601.
    complete: whether the recording has its end.
    """

    robot: str
    instruction: str
    operator: str
    bundle: str
    outcome: str
    started: str
    host: str
    version: str
    complete: bool

    @classmethod
    def read(cls, bag: Bag) -> 'Episode':
        """Of a recording. Raises BagError for one that is not of this package's recorder."""
        facts = Facts.read(bag)
        ended = bag.metadata.get(END)
        known = {**facts.others, **(heard(bag, facts.topics) if ended is None else ended)}
        names = ('instruction', 'operator', 'bundle', 'outcome', 'started', 'host', 'version')
        given = {name: known.get(name, '') for name in names}
        return cls(facts.robot, **given, complete=ended is not None)


def heard(bag: Bag, topics: Mapping[str, str]) -> dict[str, str]:
    """What the end would say, from the messages. topics: role to full name. Raises BagError."""
    roles = {topics[role]: role for role in ROLES if role in topics}
    return told(bag, ((roles[record.topic], record) for record in bag.records(roles)))


def told(bag: Bag, records: Iterable[tuple[str, Record]]) -> dict[str, str]:
    """The same of records that were read already, each with its role. Raises BagError."""
    hearsay = Hearsay(lambda _, record: bag.decode(record))
    for role, record in records:
        with suppress(ValueError):  # the recorder refuses unknown markers, others may not
            hearsay.take(role, record)
    return hearsay.end()
