"""Everything that the executor's node hears, handed on as numbers with the time of its arrival.

Nothing is decided here. Commands of others on the robot's own topics are told from ours by their
stamps.
"""

from functools import partial
from typing import TYPE_CHECKING

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool

from fastwam_ros.loop.telling import chunk_in
from fastwam_ros.motion.status import ACCEPTED, SHADOW
from fastwam_ros.msg import ActionChunk, ExecutorRequest
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import nanoseconds, stamp_in
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, GRIPPER_FEEDBACK, GRIPPER_TARGET

if TYPE_CHECKING:
    from fastwam_ros.nodes.executor_node import ExecutorNode


class Hearing:
    """The subscriptions of one executor node."""

    def __init__(self, node: 'ExecutorNode') -> None:
        self._node = node
        self._listen_to_arms()
        self._listen_to_people()
        node.create_subscription(ActionChunk, topics.CHUNK, self._on_chunk, qos.NEWEST)
        if node.looks_for_others:
            self._listen_to_others()

    def _listen_to_arms(self) -> None:
        node = self._node
        for side in SIDES:
            arm, gripper = partial(self._on_arm, side), partial(self._on_gripper, side)
            node.create_subscription(JointState, ARM_FEEDBACK[side], arm, qos.SENSOR)
            node.create_subscription(JointState, GRIPPER_FEEDBACK[side], gripper, qos.SENSOR)

    def _listen_to_people(self) -> None:
        node = self._node
        for side in SIDES:
            arm = partial(self._on_teleop_arm, side)
            gripper = partial(self._on_teleop_gripper, side)
            node.create_subscription(JointState, topics.TELEOP_ARM[side], arm, qos.HAND)
            node.create_subscription(JointState, topics.TELEOP_GRIPPER[side], gripper, qos.HAND)
        node.create_subscription(ExecutorRequest, topics.REQUEST, self._on_request, qos.REQUESTS)
        for topic, switched in (
            (topics.TELEOP_ACTIVE, self._on_active),
            (topics.DEADMAN, self._on_deadman),
            (topics.ESTOP, self._on_estop),
        ):
            node.create_subscription(Bool, topic, switched, qos.NEWEST)

    def _listen_to_others(self) -> None:
        """Hear who else commands the arms."""
        for side in SIDES:
            for names, heard in (
                (ARM_TARGET, self._on_arm_target),
                (GRIPPER_TARGET, self._on_gripper_target),
            ):
                one, raw = partial(heard, side), True
                self._node.create_subscription(JointState, names[side], one, qos.TARGETS, raw=raw)

    def _on_arm(self, side: str, message: JointState) -> None:
        node = self._node
        readings = (message.position, message.velocity, message.effort)
        node.execution.on_arm(node.own(), side, *readings, nanoseconds(message.header.stamp))
        node.warn(node.execution.dropped)

    def _on_gripper(self, side: str, message: JointState) -> None:
        self._node.execution.on_gripper(self._node.own(), side, message.position)

    def _on_chunk(self, message: ActionChunk) -> None:
        node = self._node
        verdict = node.execution.on_chunk(node.own(), chunk_in(message, node.line.of))
        if verdict.name not in (ACCEPTED, SHADOW):
            node.warn(f'chunk {message.epoch}/{message.sequence} refused: {verdict}')

    def _on_request(self, message: ExecutorRequest) -> None:
        node, verb, number = self._node, message.verb, message.id
        answer = node.execution.on_request(node.own(), verb, number, message.requester)
        who = message.requester or 'somebody'
        node.get_logger().info(f'{who} requests {verb} ({number}): {answer}')

    def _on_active(self, message: Bool) -> None:
        self._node.execution.on_teleop_active(self._node.own(), message.data)

    def _on_deadman(self, message: Bool) -> None:
        self._node.execution.on_deadman(self._node.own(), message.data)

    def _on_estop(self, message: Bool) -> None:
        self._node.execution.on_estop(self._node.own(), message.data)

    def _on_arm_target(self, side: str, data: bytes) -> None:
        if theirs := self._foreign(data):
            self._node.execution.on_foreign_arm(self._node.own(), side, theirs.position)

    def _on_gripper_target(self, side: str, data: bytes) -> None:
        if theirs := self._foreign(data):
            self._node.execution.on_foreign_gripper(self._node.own(), side, theirs.position)

    def _foreign(self, data: bytes) -> JointState | None:
        """A command on the robot's own topics that is not ours, by its stamp.

        Most are ours, and those are not even decoded.
        """
        ours = stamp_in(data) in self._node.sent
        return None if ours else deserialize_message(data, JointState)

    def _on_teleop_arm(self, side: str, message: JointState) -> None:
        node = self._node
        node.warn(node.execution.on_teleop_arm(node.own(), message.name, message.position))

    def _on_teleop_gripper(self, side: str, message: JointState) -> None:
        node, count = self._node, len(message.position)
        if count != 1:
            node.warn(f'teleop target of {side}_gripper has {count} values, want 1')
            return
        node.warn(node.execution.on_teleop_gripper(node.own(), side, message.position[0]))
