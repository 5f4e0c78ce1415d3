"""The roles that topics play in a recording: the robot's, and those of this package's programs.

The recorder listens by this table, the player speaks by it, and what replays without ROS writes by
it. Names are relative: the namespace is the robot's. Only the health of all programs has one for
all.
"""

from typing import NamedTuple

from fastwam_ros.robot import topics
from fastwam_ros.robot.carriers import CARRIERS
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.qualities import HAND, LATCHED, NEWEST, REQUESTS, SENSOR, Quality

JOINT_STATE, BOOL = 'sensor_msgs/msg/JointState', 'std_msgs/msg/Bool'
TWIST = 'geometry_msgs/msg/TwistStamped'
_KINDS = {
    topics.COMPRESSED: 'sensor_msgs/msg/CompressedImage',
    topics.RAW: 'sensor_msgs/msg/Image',
}


class Played(NamedTuple):
    """By which topic, of which type, a role is played, and how it is offered."""

    name: str
    kind: str
    offered: Quality


ROLES: dict[str, Played] = {
    **{
        image.role: Played(image.name, _KINDS[image.transport], SENSOR)
        for image in topics.IMAGE_TOPICS
    },
    **{
        f'{role}_{side}': Played(names[side], JOINT_STATE, offered)
        for side in SIDES
        for role, names, offered in (
            ('arm_measured', topics.ARM_FEEDBACK, SENSOR),
            ('gripper_measured', topics.GRIPPER_FEEDBACK, SENSOR),
            ('arm_command', topics.ARM_TARGET, NEWEST),
            ('gripper_command', topics.GRIPPER_TARGET, NEWEST),
            ('teleop_arm', topics.TELEOP_ARM, HAND),
            ('teleop_gripper', topics.TELEOP_GRIPPER, HAND),
        )
    },
    **{
        f'{role}_{carrier.name}': Played(topic, TWIST, offered)
        for carrier in CARRIERS
        for role, topic, offered in (
            ('speed_command', carrier.target, NEWEST),
            ('teleop_speed', carrier.asked, HAND),
        )
    },
    'chunk': Played(topics.CHUNK, 'fastwam_ros/msg/ActionChunk', NEWEST),
    'trajectory': Played(topics.TRAJECTORY, 'trajectory_msgs/msg/JointTrajectory', NEWEST),
    'state': Played(topics.STATE, 'fastwam_ros/msg/ExecutorState', LATCHED),
    'request': Played(topics.REQUEST, 'fastwam_ros/msg/ExecutorRequest', REQUESTS),
    'task': Played(topics.TASK, 'std_msgs/msg/String', LATCHED),
    'marker': Played(topics.MARKER, 'std_msgs/msg/String', REQUESTS),
    'teleop_active': Played(topics.TELEOP_ACTIVE, BOOL, NEWEST),
    'deadman': Played(topics.DEADMAN, BOOL, NEWEST),
    'estop': Played(topics.ESTOP, BOOL, NEWEST),
    'things': Played(topics.THINGS, 'tf2_msgs/msg/TFMessage', NEWEST),
    'outcome': Played(topics.OUTCOME, 'diagnostic_msgs/msg/DiagnosticStatus', LATCHED),
    'description': Played(topics.DESCRIPTION, 'std_msgs/msg/String', LATCHED),
    'diagnostics': Played('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray', REQUESTS),
}
# Before the topics, and in a replay the roles, of what was commanded and decided then.
RECORDED = 'recorded'
_SENSORS = ('image_', 'arm_measured_', 'gripper_measured_')
_PEOPLE = ('request', 'task', 'teleop_')


def is_sensor(role: str) -> bool:
    """Whether a role of a recording is the robot's own word."""
    return role.startswith(_SENSORS)


def is_person(role: str) -> bool:
    """Whether a role of a recording is a person's word."""
    return role.startswith(_PEOPLE)
