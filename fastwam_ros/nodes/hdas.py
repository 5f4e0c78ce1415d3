"""The robot's battery, remote control and motors, by the vendor's hdas_msg where it is installed.

Everything that a policy needs comes in standard messages, so this package may be absent: then it
is said so, once in the log and always with the health.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from fastwam_ros.loop.condition import MotorError
from fastwam_ros.nodes import qos
from fastwam_ros.robot.topics import BATTERY, MOTORS, REMOTE

if TYPE_CHECKING:
    from fastwam_ros.nodes.executor_node import ExecutorNode

ABSENT = 'hdas_msg is not installed: battery, remote control and motor errors are not known'


class Hdas:
    """The subscriptions of one executor node."""

    def __init__(self, node: 'ExecutorNode') -> None:
        self._node = node
        try:
            from hdas_msg.msg import Bms, ControllerSignalStamped, FeedbackStatus
        except ImportError:
            self._absent = ABSENT
            node.get_logger().info(ABSENT)
            return
        self._absent = ''
        node.create_subscription(Bms, BATTERY, self._on_battery, qos.SENSOR)
        node.create_subscription(ControllerSignalStamped, REMOTE, self._on_remote, qos.SENSOR)
        for part, topic in MOTORS.items():
            on_status = partial(self._on_status, part)
            node.create_subscription(FeedbackStatus, topic, on_status, qos.SENSOR)

    def figures(self) -> dict[str, object]:
        """For the health."""
        return {'hdas': self._absent} if self._absent else self._node.condition.figures()

    def _on_battery(self, message: Any) -> None:
        self._node.condition.on_battery(message.capital, message.voltage, message.current)

    def _on_remote(self, message: Any) -> None:
        self._node.condition.on_remote(self._node.own(), message.data.mode)

    def _on_status(self, part: str, message: Any) -> None:
        errors = [
            MotorError(error.name, error.error_code, tuple(error.error_description))
            for error in message.errors
        ]
        self._node.condition.on_motors(part, errors)
