"""How streams are offered: the quality of service of each kind, as facts.

rclpy's profiles (`nodes.qos`) and the headers of recordings are made of them.
"""

from typing import NamedTuple


class Quality(NamedTuple):
    """Keep last `depth`; latched: the newest is told to who comes late; reliable: nothing lost."""

    reliable: bool
    latched: bool
    depth: int


# Cameras and joint feedback: best effort matches any publisher.
SENSOR = Quality(False, False, 5)
# A person's joint stream: only the newest position is worth following.
HAND = Quality(False, False, 1)
# Commands and chunks: reliable matches any reader, and nothing is ever latched.
NEWEST = Quality(True, False, 1)
REQUESTS = Quality(True, False, 10)
# What a late joiner must know: the executor's state, the task.
LATCHED = Quality(True, True, 1)
