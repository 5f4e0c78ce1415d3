"""What a run's recording says about itself: the contract between recorder and report.

The control rate, the joints' limits and which topic plays which role are written into the file,
so that its figures can be computed from it alone, years later, under any namespace.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.writer import BagWriter
from fastwam_ros.robot.joints import ARMS, GRIPPER_NAMES, GRIPPER_OPENING, GRIPPER_SPEED

FACTS, LIMITS, TOPICS = 'fastwam_ros', 'fastwam_ros/limits', 'fastwam_ros/topics'
NO_LIMIT = float('inf')


@dataclass(frozen=True)
class Bounds:
    """Limits of one joint: rad, rad/s, rad/s2, rad/s3; a gripper's opening in m and m/s."""

    lower: float
    upper: float
    velocity: float
    acceleration: float = NO_LIMIT
    jerk: float = NO_LIMIT


def robot_bounds() -> dict[str, Bounds]:
    """What this package commands an R1 Lite within, by joint name."""
    arms = {
        joint.name: Bounds(
            joint.lower, joint.upper, joint.velocity, joint.acceleration, joint.jerk
        )
        for joint in ARMS
    }
    return arms | dict.fromkeys(GRIPPER_NAMES, Bounds(0.0, GRIPPER_OPENING, GRIPPER_SPEED))


@dataclass(frozen=True)
class Facts:
    """rate: of commands [Hz]; topics: role to full topic name; others: e.g. bundle, note."""

    robot: str
    rate: float
    bounds: Mapping[str, Bounds]
    topics: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def period(self) -> int:
        """Of a control tick [ns]."""
        return round(1e9 / self.rate)

    def write(self, bag: BagWriter) -> None:
        """Into a recording that begins. Raises OSError."""
        given = {key: value for key, value in self.others.items() if value}
        bag.metadata(FACTS, {'robot': self.robot, 'rate_hz': repr(self.rate), **given})
        bag.metadata(LIMITS, {name: json.dumps(asdict(b)) for name, b in self.bounds.items()})
        bag.metadata(TOPICS, dict(self.topics))

    @classmethod
    def read(cls, bag: Bag) -> 'Facts':
        """Raises BagError for a recording that does not carry them."""
        missing = [name for name in (FACTS, LIMITS, TOPICS) if name not in bag.metadata]
        if missing:
            raise BagError(
                f'{bag.path} carries no metadata {missing[0]!r}: it was not made by the recorder '
                'of this package, or it was ended before it began'
            )
        given = dict(bag.metadata[FACTS])
        try:
            bounds = {k: Bounds(**json.loads(v)) for k, v in bag.metadata[LIMITS].items()}
            robot, rate = given.pop('robot'), float(given.pop('rate_hz'))
        except (ValueError, TypeError, KeyError) as error:
            raise BagError(f'{bag.path}: its metadata is damaged: {error!r}') from None
        return cls(robot, rate, bounds, bag.metadata[TOPICS], given)
