"""A camera's pictures, compressed or raw, under either name that its driver may have for it.

Raw pictures of an encoding that we do not know are left to cv_bridge, where ROS 2 brings one.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sensor_msgs.msg import CompressedImage, Image

from fastwam_ros.robot import raw
from fastwam_ros.robot.topics import IMAGES, OLDER_IMAGES

Bytes = Callable[[Any], bytes]


def sources(uncompressed: bool) -> Iterator[tuple[str, str, type, Bytes]]:
    """Of each camera its names: camera, topic, message type, and what makes bytes of a message.

    Whichever of a camera's topics sends is heard.
    """
    for names in (IMAGES, OLDER_IMAGES):
        for camera, topic in names.items():
            if uncompressed:
                yield camera, topic.removesuffix('/compressed'), Image, raw_bytes
            else:
                yield camera, topic, CompressedImage, compressed_bytes


def compressed_bytes(message: CompressedImage) -> bytes:
    """As they came."""
    return bytes(message.data)


def raw_bytes(message: Image) -> bytes:
    """See `robot.raw.picture`. Raises ValueError for what nobody here can decode."""
    if message.encoding in raw.ENCODINGS:
        shape = message.height, message.width, message.step
        return raw.picture(message.encoding, *shape, bytes(message.data))
    return _by_cv_bridge(message)


def _by_cv_bridge(message: Image) -> bytes:
    try:
        from cv_bridge import CvBridge, CvBridgeError
    except ImportError:
        known = ', '.join(raw.ENCODINGS)
        raise ValueError(
            f'encoding {message.encoding!r}: without cv_bridge {known} can be decoded'
        ) from None
    try:
        pixels = CvBridge().imgmsg_to_cv2(message, 'rgb8')
    except (CvBridgeError, RuntimeError) as error:
        raise ValueError(f'encoding {message.encoding!r}: cv_bridge says {error}') from error
    height, width = pixels.shape[:2]
    return raw.picture('rgb8', height, width, 3 * width, pixels.tobytes())
