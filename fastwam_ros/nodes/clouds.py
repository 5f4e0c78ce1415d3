"""Points as a PointCloud2, laid out as sensor_msgs_py does, which only a ROS installation has."""

import array

import numpy as np
from sensor_msgs.msg import PointCloud2, PointField

from fastwam_ros.motion.limits import Array, Ns
from fastwam_ros.nodes.messages import time_message

NAMES = ('x', 'y', 'z', 'intensity')  # RViz colours by the last of itself
_SIZE = 4  # bytes of a float32


def fields() -> list[PointField]:
    """One float32 per name."""
    return [
        PointField(name=name, offset=n * _SIZE, datatype=PointField.FLOAT32, count=1)
        for n, name in enumerate(NAMES)
    ]


def cloud(stamp: Ns, frame: str, points: Array) -> PointCloud2:
    """Points [N, 4] in a frame: NAMES, in float32; little-endian, in one row."""
    step = len(NAMES) * _SIZE
    message = PointCloud2(
        height=1,
        width=len(points),
        fields=fields(),
        is_bigendian=False,
        point_step=step,
        row_step=step * len(points),
        is_dense=bool(np.isfinite(points).all()),
        data=array.array('B', points.astype('<f4').tobytes()),
    )
    message.header.stamp, message.header.frame_id = time_message(stamp), frame
    return message
