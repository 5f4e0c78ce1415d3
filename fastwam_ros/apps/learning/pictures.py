"""The pictures that episodes of one recording need, from one pass over its file."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from fastwam_ros.apps.learning.episodes import Episode
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.bag.streams import stamp_of
from fastwam_ros.loop.pictures import picture
from fastwam_ros.loop.synchroniser import Frame
from fastwam_ros.robot.pictures import Layout, Picture

_RAW = 'sensor_msgs/msg/Image'


def shown(own: Sequence[Episode]) -> Iterator[tuple[str, int, Picture, int]]:
    """Camera, place of the episode in `own`, RGB picture, and how many frames in a row it is.

    In order for each camera. own: episodes of one recording, by time. Raises BagError for bytes
    that are no picture.
    """
    bag = Bag(own[0].source)
    cameras = {topic: camera for camera, topic in own[0].topics.items()}
    due = {camera: _Due(own, camera) for camera in cameras.values()}
    for record in bag.records(set(cameras)):
        camera = cameras[record.topic]
        if uses := due[camera].take(stamp_of(record.data) or record.received):
            picture = _picture(bag, camera, record)
            for index, times in uses:
                yield camera, index, picture, times


class _Due:
    """What one camera's frames are, in their order."""

    def __init__(self, own: Sequence[Episode], camera: str) -> None:
        wanted = ((n, s) for n, each in enumerate(own) for s in each.pictures[camera].tolist())
        self._due = [(stamp, n, len(list(same))) for (n, stamp), same in groupby(wanted)]
        self._next = 0

    def take(self, stamp: int) -> list[tuple[int, int]]:
        """The episodes in which a picture is shown, and how often in each."""
        begin = self._next
        while self._next < len(self._due) and self._due[self._next][0] == stamp:
            self._next += 1
        return [(n, times) for _, n, times in self._due[begin : self._next]]


def _picture(bag: Bag, camera: str, record: Record) -> Picture:
    message: Any = bag.decode(record)
    layout = Layout.of(message) if record.type == _RAW else None
    try:
        return picture(camera, Frame(stamp_of(record.data), message.data.tobytes(), layout))
    except ValueError as error:
        raise BagError(f'{bag.path}: {error}') from None
