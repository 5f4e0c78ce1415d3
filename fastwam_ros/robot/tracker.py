"""The robot's own joint tracker, as far as it is known: from motion_target to the motors.

Each figure says where it comes from: `vendor` is a published or shipped configuration, `measured`
was seen on a robot by somebody, `assumed` is our guess until somebody measures it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrackerModel:
    """A jerk-limited follower of the newest target.

    velocity, acceleration, jerk: six joints of one arm [rad/s, rad/s2, rad/s3]. delay [s]: target
    received to first motion. stream_timeout [s]: the arm stops when targets stay away for longer.
    """

    name: str
    velocity: tuple[float, ...]
    acceleration: tuple[float, ...]
    jerk: tuple[float, ...]
    delay: float = 0.02  # assumed
    stream_timeout: float = (
        0.2  # assumed; that a timeout exists was measured (stop streaming = stop)
    )
    limits_from: str = 'vendor'  # rows of a copy of the SDK's gain file


NORMAL = TrackerModel(
    name='normal',
    velocity=(3.0, 3.0, 3.0, 5.0, 5.0, 5.0),
    acceleration=(10.0, 10.0, 10.0, 20.0, 20.0, 20.0),
    jerk=(10.0, 10.0, 10.0, 20.0, 20.0, 20.0),
)
FAST = TrackerModel(  # what the robot's boot profile starts
    name='fast',
    velocity=(15.0,) * 6,
    acceleration=(10.0, 8.0, 10.0, 20.0, 20.0, 20.0),
    jerk=(10.0, 8.0, 10.0, 10.0, 10.0, 10.0),
)
TRACKERS = {model.name: model for model in (NORMAL, FAST)}
