"""A trial's part of a long recording as a recording of its own, which the report can draw."""

from pathlib import Path

from fastwam_ros.apps.faults.trial import Marks
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.streams import SECOND
from fastwam_ros.bag.writer import BagWriter, quality

_AROUND = SECOND // 2  # [ns] before and after


def keep(path: Path, marks: Marks, into: Path) -> None:
    """Cut it out. Raises OSError, BagError, FileExistsError where `into` is there."""
    bag = Bag(path)
    until = max(marks.again, marks.asked, marks.watched, marks.over) + _AROUND
    with BagWriter(into) as out:
        for name, values in bag.metadata.items():
            out.metadata(name, values)
        channels: dict[str, int] = {}
        for record in bag.records(since=marks.begun - _AROUND, until=until):
            if record.topic not in channels:
                offered = quality(reliable=True, latched=False, depth=1)
                channels[record.topic] = out.channel(record.topic, record.type, offered)
            out.write(channels[record.topic], record.received, record.data)
