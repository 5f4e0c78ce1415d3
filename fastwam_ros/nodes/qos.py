"""One QoS profile per kind of stream; what is offered on topics is in `robot.qualities`."""

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from fastwam_ros.robot import qualities
from fastwam_ros.robot.qualities import Quality


def profile(quality: Quality) -> QoSProfile:
    """The profile of a quality."""
    reliable, latched = ReliabilityPolicy.RELIABLE, DurabilityPolicy.TRANSIENT_LOCAL
    return QoSProfile(
        reliability=reliable if quality.reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=latched if quality.latched else DurabilityPolicy.VOLATILE,
        history=HistoryPolicy.KEEP_LAST,
        depth=quality.depth,
    )


SENSOR = profile(qualities.SENSOR)
# The same where a reading that is missed changes what is computed: deep enough for a busy moment.
GATHERED = profile(qualities.SENSOR._replace(depth=400))
# The same of raw pictures, of which 400 are a gigabyte: a second of them.
PIXELS = profile(qualities.SENSOR._replace(depth=30))
# The same again from a publisher that repeats what was lost: a recording's player.
LOSSLESS = profile(qualities.SENSOR._replace(reliable=True, depth=400))
HAND = profile(qualities.HAND)
NEWEST = profile(qualities.NEWEST)
# The same heard by who looks for others' commands among its own: none may be overwritten by ours.
TARGETS = profile(qualities.SENSOR._replace(depth=20))
REQUESTS = profile(qualities.REQUESTS)
LATCHED = profile(qualities.LATCHED)
