"""Torso and chassis on the wire: a person's speeds in, bounded ones out. Off unless asked for.

A message of others is told from ours by its stamp, which a plain Twist does not have: with that
type nobody looks for others.
"""

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from geometry_msgs.msg import Twist, TwistStamped
from rclpy.publisher import Publisher

from fastwam_ros.loop.carriers import Ride
from fastwam_ros.motion.authority import Mode
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import stamp_in, twist
from fastwam_ros.robot.carriers import (
    CARRIERS,
    CHASSIS,
    CHASSIS_ACCELERATION,
    CHASSIS_ACCELERATIONS,
    PLAIN,
    Carrier,
)

if TYPE_CHECKING:
    from fastwam_ros.nodes.executor_node import ExecutorNode

_SENT = 100  # of our own stamps
_FIELDS = tuple(f'{vector}.{axis}' for vector in ('linear', 'angular') for axis in 'xyz')


class Carriers:
    """The carriers of one executor node that its parameters switch on."""

    def __init__(self, node: 'ExecutorNode') -> None:
        self._node, given = node, node.settings
        wanted = {'torso': given.torso, 'chassis': given.chassis}
        self._rides = {c.name: Ride(c) for c in CARRIERS if wanted[c.name]}
        self._plain = given.chassis_message == PLAIN
        self._sent: deque[int] = deque(maxlen=_SENT)
        self._targets: dict[str, Publisher] = {}
        for ride in self._rides.values():
            self._wire(ride)

    @property
    def over(self) -> bool:
        """Whether all of them stand, and their zeros were told."""
        return all(ride.over for ride in self._rides.values())

    def figures(self) -> dict[str, object]:
        """For the health: what each one does, and why it does not move."""
        return {name: ride.why for name, ride in self._rides.items()}

    def tick(self, stamp: int, now: int, mode: Mode) -> None:
        """Command every one of them for this tick: stamp and own time [ns]."""
        for ride in self._rides.values():
            keeps = self._keeps(now) if ride.carrier is CHASSIS else ''
            self._tell(stamp, ride, ride.tick(now, mode, keeps))

    def halt(self, stamp: int) -> None:
        """A last zero for what still moves, whatever ends the process."""
        for ride in self._rides.values():
            if not ride.over:
                self._tell(stamp, ride, {})

    def _keeps(self, now: int) -> str:
        return self._node.condition.keeps_chassis(now)

    def _wire(self, ride: Ride) -> None:
        node, carrier = self._node, ride.carrier
        on_asked = partial(self._on_asked, ride)
        node.create_subscription(TwistStamped, carrier.asked, on_asked, qos.HAND)
        if not node.settings.dry_run:
            self._targets[carrier.name] = self._publisher(carrier, carrier.target)
            if carrier is CHASSIS:
                self._targets[CHASSIS_ACCELERATION] = self._publisher(
                    carrier, CHASSIS_ACCELERATION
                )
        if node.looks_for_others and not self._is_plain(carrier):
            heard = partial(self._on_target, ride)
            node.create_subscription(TwistStamped, carrier.target, heard, qos.TARGETS, raw=True)

    def _is_plain(self, carrier: Carrier) -> bool:
        return self._plain and carrier is CHASSIS

    def _publisher(self, carrier: Carrier, topic: str) -> Publisher:
        kind = Twist if self._is_plain(carrier) else TwistStamped
        return self._node.create_publisher(kind, topic, qos.NEWEST)

    def _on_asked(self, ride: Ride, message: TwistStamped) -> None:
        node = self._node
        node.warn(ride.on_asked(node.own(), _by_field(message.twist)))

    def _on_target(self, ride: Ride, data: bytes) -> None:
        if stamp_in(data) not in self._sent:
            ride.on_foreign(self._node.own())

    def _tell(self, stamp: int, ride: Ride, speeds: dict[str, float] | None) -> None:
        carrier = ride.carrier
        if speeds is None or not self._targets:
            return
        self._sent.append(stamp)
        plain = self._is_plain(carrier)
        if carrier is CHASSIS:
            limits = _message(stamp, CHASSIS_ACCELERATIONS, plain)
            self._targets[CHASSIS_ACCELERATION].publish(limits)
        self._targets[carrier.name].publish(_message(stamp, speeds, plain))


def _by_field(twist: Twist) -> dict[str, float]:
    return {
        field: float(getattr(getattr(twist, field.split('.')[0]), field.split('.')[1]))
        for field in _FIELDS
    }


def _message(stamp: int, speeds: dict[str, float], plain: bool) -> Any:
    message = twist(stamp, speeds)
    return message.twist if plain else message
