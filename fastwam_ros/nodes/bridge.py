"""Encodings that are not read here (Bayer, YUV) through ROS's cv_bridge, where it is installed.

It is imported when the first such picture comes: a robot whose cameras send colours needs none.
"""

import array

from sensor_msgs.msg import Image

from fastwam_ros.robot.pictures import ENCODINGS, Layout, Picture


def through_cv_bridge(layout: Layout, data: bytes) -> Picture:
    """RGB uint8 [h, w, 3]. Raises ValueError without cv_bridge, or where it cannot."""
    try:
        from cv_bridge import CvBridge
    except ImportError as error:
        known = ', '.join(ENCODINGS)
        raise ValueError(f'without cv_bridge only {known} can be read ({error})') from error
    message = Image(
        encoding=layout.encoding,
        height=layout.height,
        width=layout.width,
        step=layout.step,
        is_bigendian=layout.big_endian,
        data=array.array('B', data),
    )
    try:
        converted: Picture = CvBridge().imgmsg_to_cv2(message, 'rgb8')
    except Exception as error:  # its own, OpenCV's and numpy's have nothing else in common
        raise ValueError(f'cv_bridge says {error}') from error
    return converted
