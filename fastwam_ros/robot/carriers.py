"""What carries the R1 Lite's arms: torso and chassis, which are driven by speed alone.

Both follow a twist in the robot's own frame for as long as it is streamed, except that the chassis
goes on with the last one for ever (measured by users: whoever moves it must end with zeros). The
torso's joints are not to be commanded one by one: that has made robots shake. Ranges are the
vendor's; what we command within is ours.
"""

from dataclasses import dataclass

FRAME = 'base_link'
STAMPED, PLAIN = TWISTS = ('TwistStamped', 'Twist')


@dataclass(frozen=True)
class Axis:
    """One field of a twist, such as 'linear.x'; speed [m/s, rad/s], acceleration [1/s more]."""

    field: str
    speed: float
    acceleration: float


@dataclass(frozen=True)
class Carrier:
    """A part of the robot that is driven by speed; what cannot be driven has no axis."""

    name: str
    axes: tuple[Axis, ...]

    @property
    def target(self) -> str:
        """The topic that the robot takes its speed from."""
        return f'motion_target/target_speed_{self.name}'

    @property
    def asked(self) -> str:
        """The topic on which a person asks for a speed."""
        return f'fastwam/teleop/target_speed_{self.name}'

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(axis.field for axis in self.axes)


# The vendor's pages: 0.2, later 0.1 m/s, and 0.3 rad/s; its launch file 0.15 m/s and 0.3 rad/s.
TORSO = Carrier(
    'torso',
    (
        Axis('linear.x', 0.1, 0.2),
        Axis('linear.z', 0.1, 0.2),
        Axis('angular.y', 0.3, 0.6),
        Axis('angular.z', 0.3, 0.6),
    ),
)
# The vendor's: up to 1.5 m/s and 3 rad/s. Ours is a slow walk.
CHASSIS = Carrier(
    'chassis',
    (Axis('linear.x', 0.3, 0.5), Axis('linear.y', 0.3, 0.5), Axis('angular.z', 0.5, 1.0)),
)
CARRIERS = (TORSO, CHASSIS)
# Streamed beside the chassis' speed, as its own driver wants it; the vendor's lowest for turning.
CHASSIS_ACCELERATION = 'motion_target/chassis_acc_limit'
CHASSIS_ACCELERATIONS = {'linear.x': 1.0, 'linear.y': 1.0, 'angular.z': 1.0}
