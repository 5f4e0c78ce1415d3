"""One QoS profile per kind of stream."""

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

_BEST_EFFORT, _RELIABLE = ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE
_VOLATILE, _TRANSIENT = DurabilityPolicy.VOLATILE, DurabilityPolicy.TRANSIENT_LOCAL


def _profile(
    reliability: ReliabilityPolicy, durability: DurabilityPolicy, depth: int
) -> QoSProfile:
    return QoSProfile(
        reliability=reliability,
        durability=durability,
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
    )


# Cameras and joint feedback: best effort matches any publisher.
SENSOR = _profile(_BEST_EFFORT, _VOLATILE, 5)
# The same where a reading that is missed changes what is computed: deep enough for a busy moment.
GATHERED = _profile(_BEST_EFFORT, _VOLATILE, 400)
# The same of raw pictures, of which 400 are a gigabyte: a second of them.
PIXELS = _profile(_BEST_EFFORT, _VOLATILE, 30)
# The same again from a publisher that repeats what was lost: a recording's player.
LOSSLESS = _profile(_RELIABLE, _VOLATILE, 400)
# A person's joint stream: only the newest position is worth following.
HAND = _profile(_BEST_EFFORT, _VOLATILE, 1)
# Commands and chunks: reliable matches any reader, and nothing is ever latched.
NEWEST = _profile(_RELIABLE, _VOLATILE, 1)
# The same heard by who looks for others' commands among its own: none may be overwritten by ours.
TARGETS = _profile(_BEST_EFFORT, _VOLATILE, 20)
REQUESTS = _profile(_RELIABLE, _VOLATILE, 10)
# What a late joiner must know: the executor's state, the task.
LATCHED = _profile(_RELIABLE, _TRANSIENT, 1)
