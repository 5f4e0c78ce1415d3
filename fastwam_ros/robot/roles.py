"""The roles that topics play in a recording: the robot's, and those of this package's programs.

Names are relative: the namespace is the robot's. Only the health of all programs has one for all.
"""

from typing import NamedTuple

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import (
    ARM_FEEDBACK,
    ARM_TARGET,
    GRIPPER_FEEDBACK,
    GRIPPER_TARGET,
    IMAGE_TOPICS,
    RAW,
)

JOINT_STATE, BOOL = 'sensor_msgs/msg/JointState', 'std_msgs/msg/Bool'
_PICTURE, _PIXELS = 'sensor_msgs/msg/CompressedImage', 'sensor_msgs/msg/Image'


class Played(NamedTuple):
    """By which topic, of which type, a role is played."""

    name: str
    kind: str


OWN = {
    'chunk': Played('fastwam/chunk', 'fastwam_ros/msg/ActionChunk'),
    'trajectory': Played('fastwam/trajectory', 'trajectory_msgs/msg/JointTrajectory'),
    'state': Played('fastwam/executor/state', 'fastwam_ros/msg/ExecutorState'),
    'request': Played('fastwam/executor/request', 'fastwam_ros/msg/ExecutorRequest'),
    'task': Played('fastwam/task', 'std_msgs/msg/String'),
    'teleop_active': Played('fastwam/teleop/active', BOOL),
    'deadman': Played('fastwam/deadman', BOOL),
    'estop': Played('fastwam/estop', BOOL),
    'things': Played('sim/things', 'tf2_msgs/msg/TFMessage'),
    'outcome': Played('sim/outcome', 'diagnostic_msgs/msg/DiagnosticStatus'),
    'diagnostics': Played('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray'),
}
TELEOP_ARM = {side: f'fastwam/teleop/target_joint_state_arm_{side}' for side in SIDES}
TELEOP_GRIPPER = {side: f'fastwam/teleop/target_gripper_{side}' for side in SIDES}
ROLES: dict[str, Played] = {
    **{
        image.role: Played(image.name, _PIXELS if image.transport == RAW else _PICTURE)
        for image in IMAGE_TOPICS
    },
    **{
        f'{role}_{side}': Played(names[side], JOINT_STATE)
        for side in SIDES
        for role, names in (
            ('arm_measured', ARM_FEEDBACK),
            ('gripper_measured', GRIPPER_FEEDBACK),
            ('arm_command', ARM_TARGET),
            ('gripper_command', GRIPPER_TARGET),
            ('teleop_arm', TELEOP_ARM),
            ('teleop_gripper', TELEOP_GRIPPER),
        )
    },
    **OWN,
}
_SENSORS = ('image_', 'arm_measured_', 'gripper_measured_')
_PEOPLE = ('request', 'task', 'teleop_')


def is_sensor(role: str) -> bool:
    """Whether a role of a recording is the robot's own word."""
    return role.startswith(_SENSORS)


def is_person(role: str) -> bool:
    """Whether a role of a recording is a person's word."""
    return role.startswith(_PEOPLE)
