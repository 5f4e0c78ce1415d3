"""The topics of a run as one table: role in a recording, message type, name, offered quality."""

from collections.abc import Iterator
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image, JointState
from std_msgs.msg import Bool, String
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory

from fastwam_ros.msg import ActionChunk, ExecutorRequest, ExecutorState
from fastwam_ros.nodes import qos, topics
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import (
    ARM_FEEDBACK,
    ARM_TARGET,
    GRIPPER_FEEDBACK,
    GRIPPER_TARGET,
    IMAGE_TOPICS,
    RAW,
)


@dataclass(frozen=True)
class Stream:
    """One topic: its role in a recording, and the quality that its publishers offer."""

    role: str
    kind: type
    topic: str
    offered: QoSProfile

    @property
    def moves(self) -> bool:
        """Whether a robot that listens to it moves."""
        return '_command_' in self.role

    @property
    def is_image(self) -> bool:
        """Whether it is a camera's."""
        return self.role.startswith('image_')


def streams() -> Iterator[Stream]:
    """Everything that is recorded, and may be played again."""
    for image in IMAGE_TOPICS:
        kind = Image if image.transport == RAW else CompressedImage
        yield Stream(image.role, kind, image.name, qos.SENSOR)
    for side in SIDES:
        for role, names, offered in (
            ('arm_measured', ARM_FEEDBACK, qos.SENSOR),
            ('gripper_measured', GRIPPER_FEEDBACK, qos.SENSOR),
            ('arm_command', ARM_TARGET, qos.NEWEST),
            ('gripper_command', GRIPPER_TARGET, qos.NEWEST),
            ('teleop_arm', topics.TELEOP_ARM, qos.HAND),
            ('teleop_gripper', topics.TELEOP_GRIPPER, qos.HAND),
        ):
            yield Stream(f'{role}_{side}', JointState, names[side], offered)
    yield Stream('chunk', ActionChunk, topics.CHUNK, qos.NEWEST)
    yield Stream('trajectory', JointTrajectory, topics.TRAJECTORY, qos.NEWEST)
    yield Stream('state', ExecutorState, topics.STATE, qos.LATCHED)
    yield Stream('request', ExecutorRequest, topics.REQUEST, qos.REQUESTS)
    yield Stream('task', String, topics.TASK, qos.LATCHED)
    yield Stream('marker', String, topics.MARKER, qos.REQUESTS)
    yield Stream('teleop_active', Bool, topics.TELEOP_ACTIVE, qos.NEWEST)
    yield Stream('deadman', Bool, topics.DEADMAN, qos.NEWEST)
    yield Stream('estop', Bool, topics.ESTOP, qos.NEWEST)
    yield Stream('things', TFMessage, topics.THINGS, qos.NEWEST)
    yield Stream('outcome', DiagnosticStatus, topics.OUTCOME, qos.LATCHED)
    yield Stream('description', String, topics.DESCRIPTION, qos.LATCHED)
    yield Stream('diagnostics', DiagnosticArray, '/diagnostics', qos.REQUESTS)
