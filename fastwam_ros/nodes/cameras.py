"""The cameras of one robot, heard on whichever of the wanted topics they send.

Compressed or raw, under today's names of the wrists or those of before: what is heard is the same
frame. Where a camera may come on several topics it is said on which it does.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from fastwam_ros.loop.silence import Silence
from fastwam_ros.loop.sources import Sources
from fastwam_ros.loop.synchroniser import Frame
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import nanoseconds
from fastwam_ros.robot.pictures import Layout
from fastwam_ros.robot.topics import CAMERAS, RAW, ImageTopic

Take = Callable[[str, Frame], None]
_TIMEOUT = 1.0  # [s] without a picture before it is said, and before another topic is taken


class Cameras:
    """The subscriptions, and what is made of their messages."""

    def __init__(
        self,
        node: Node,
        topics: Sequence[ImageTopic],
        name: Callable[[str], str],
        lossless: bool,
        seconds: Callable[[], float],
        take: Take,
        tell: Callable[[str], None],
    ) -> None:
        """name: a topic in the robot's namespace; tell: in the log."""
        self._sources, self._silence = Sources(_TIMEOUT), Silence(CAMERAS, _TIMEOUT)
        self._seconds = seconds
        self._take, self._tell, self._name = take, tell, name
        named = [topic.camera for topic in topics]
        self._several = {camera for camera in named if named.count(camera) > 1}
        for topic in topics:
            raw = topic.transport == RAW
            how = qos.LOSSLESS if lossless else qos.PIXELS if raw else qos.GATHERED
            on_picture = partial(self._on_picture, topic)
            kind = Image if raw else CompressedImage
            node.create_subscription(kind, name(topic.name), on_picture, how)

    def overdue(self, now: float) -> Iterator[tuple[str, float]]:
        """Which cameras have been silent for too long at `now` [s], and for how long [s]."""
        return self._silence.overdue(now)

    def _on_picture(self, topic: ImageTopic, message: Image | CompressedImage) -> None:
        before, now = self._sources.of(topic.camera), self._seconds()
        if not self._sources.takes(topic, now):
            return
        self._silence.heard(topic.camera, now)
        if topic != before and topic.camera in self._several:
            self._tell(f'{topic.camera} camera sends on {self._name(topic.name)}')
        stamp, data = nanoseconds(message.header.stamp), bytes(message.data)
        layout = Layout.of(message) if topic.transport == RAW else None
        self._take(topic.camera, Frame(stamp, data, layout))
