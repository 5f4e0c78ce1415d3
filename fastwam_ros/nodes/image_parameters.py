"""On which topics a node hears the cameras: the same words for the policy and its recorder."""

from dataclasses import dataclass

from fastwam_ros.nodes import parameters
from fastwam_ros.robot.topics import (
    COMPRESSED,
    EITHER,
    TRANSPORTS,
    WRIST_NAMES,
    ImageTopic,
    image_topics,
)


@dataclass(frozen=True)
class ImageParameters:
    """How pictures come. Topics of other names are remapped, as everywhere in ROS."""

    head_transport: str = parameters.one_of(
        COMPRESSED, TRANSPORTS, "of the head camera's pictures; docs/cameras.md"
    )
    wrist_transport: str = parameters.one_of(
        COMPRESSED, TRANSPORTS, "of the wrist cameras' pictures"
    )
    wrist_images: str = parameters.one_of(
        EITHER,
        (EITHER, *WRIST_NAMES),
        "the wrist cameras' topics: image_rect_raw before ATC 2.1.5; either: whichever sends",
    )

    def image_topics(self) -> tuple[ImageTopic, ...]:
        """The topics that are asked for."""
        return image_topics(self.head_transport, self.wrist_transport, self.wrist_images)
