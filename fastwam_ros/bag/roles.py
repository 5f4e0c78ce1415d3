"""The topics of a run as one table: role in a recording, type, name, how it is offered.

The recorder listens by it, the player speaks by it, and a replay without ROS writes by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.qualities import HAND, LATCHED, NEWEST, REQUESTS, SENSOR, Quality

JOINT_STATE = 'sensor_msgs/msg/JointState'
CHUNK = 'fastwam_ros/msg/ActionChunk'
TRAJECTORY = 'trajectory_msgs/msg/JointTrajectory'
STATE = 'fastwam_ros/msg/ExecutorState'


@dataclass(frozen=True)
class Role:
    """One topic: its role, its type's full name, its relative name, its offered quality."""

    name: str
    kind: str
    topic: str
    offered: Quality


def roles() -> Iterator[Role]:
    """Everything that is recorded, and may be played again."""
    yield from _robot()
    yield Role('chunk', CHUNK, topics.CHUNK, NEWEST)
    yield Role('trajectory', TRAJECTORY, topics.TRAJECTORY, NEWEST)
    yield Role('state', STATE, topics.STATE, LATCHED)
    yield Role('request', 'fastwam_ros/msg/ExecutorRequest', topics.REQUEST, REQUESTS)
    yield Role('task', 'std_msgs/msg/String', topics.TASK, LATCHED)
    yield Role('teleop_active', 'std_msgs/msg/Bool', topics.TELEOP_ACTIVE, NEWEST)
    yield Role('deadman', 'std_msgs/msg/Bool', topics.DEADMAN, NEWEST)
    yield Role('estop', 'std_msgs/msg/Bool', topics.ESTOP, NEWEST)
    yield Role('things', 'tf2_msgs/msg/TFMessage', topics.THINGS, NEWEST)
    yield Role('outcome', 'diagnostic_msgs/msg/DiagnosticStatus', topics.OUTCOME, LATCHED)
    yield Role('diagnostics', 'diagnostic_msgs/msg/DiagnosticArray', '/diagnostics', REQUESTS)


def _robot() -> Iterator[Role]:
    for image in topics.IMAGE_TOPICS:
        kind = 'Image' if image.transport == topics.RAW else 'CompressedImage'
        yield Role(image.role, f'sensor_msgs/msg/{kind}', image.name, SENSOR)
    for side in SIDES:
        for name, by_side, offered in (
            ('arm_measured', topics.ARM_FEEDBACK, SENSOR),
            ('gripper_measured', topics.GRIPPER_FEEDBACK, SENSOR),
            ('arm_command', topics.ARM_TARGET, NEWEST),
            ('gripper_command', topics.GRIPPER_TARGET, NEWEST),
            ('teleop_arm', topics.TELEOP_ARM, HAND),
            ('teleop_gripper', topics.TELEOP_GRIPPER, HAND),
        ):
            yield Role(f'{name}_{side}', JOINT_STATE, by_side[side], offered)
