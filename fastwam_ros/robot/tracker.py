"""The robot's own joint tracker, as far as it is known: from motion_target to the motors.

Each figure says where it comes from: `vendor` is a published or shipped configuration, `measured`
was seen on a robot by somebody, `assumed` is our guess until somebody measures it.
"""

from dataclasses import dataclass

from fastwam_ros.robot.joints import ARM_SIZE

_LEAST = 0.01  # of any limit, below which nothing would be followed
_MOST = {'velocity': 100.0, 'acceleration': 1e4, 'jerk': 1e6}  # rad/s, rad/s2, rad/s3
_LATEST = 1.0  # [s] of delay
_SOONEST, _LONGEST = 0.02, 10.0  # [s] of a stream's time-out: commands come every 5 to 50 ms


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

    def __post_init__(self) -> None:
        """Raises ValueError for a figure that no tracker can have: field, value and limit."""
        for name, most in _MOST.items():
            figures = getattr(self, name)
            if len(figures) != ARM_SIZE:
                raise ValueError(f'{name} has {len(figures)} joints, want {ARM_SIZE}')
            for number, figure in enumerate(figures, 1):
                if not _LEAST <= figure <= most:  # nor is a NaN
                    raise ValueError(
                        f'{name} of joint {number} is {figure:g}: {_LEAST:g} to {most:g}'
                    )
        if not 0.0 <= self.delay <= _LATEST:
            raise ValueError(f'delay is {self.delay:g} s: 0 to {_LATEST:g}')
        if not _SOONEST <= self.stream_timeout <= _LONGEST:
            raise ValueError(
                f'stream_timeout is {self.stream_timeout:g} s: {_SOONEST:g} to {_LONGEST:g}'
            )


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
