"""The package's own topics. Names are relative: the namespace is the robot's."""

from fastwam_ros.robot.joints import SIDES

CHUNK = 'fastwam/chunk'
TRAJECTORY = 'fastwam/trajectory'
PATHS = 'fastwam/paths'  # where the plan in force leads the hands
STATE = 'fastwam/executor/state'
REQUEST = 'fastwam/executor/request'
TASK = 'fastwam/task'
TELEOP_ACTIVE = 'fastwam/teleop/active'
TELEOP_ARM = {side: f'fastwam/teleop/target_joint_state_arm_{side}' for side in SIDES}
TELEOP_GRIPPER = {side: f'fastwam/teleop/target_gripper_{side}' for side in SIDES}
DEADMAN = 'fastwam/deadman'
ESTOP = 'fastwam/estop'
MARKER = 'fastwam/marker'  # how an episode goes, in words: bag/markers.py
DESCRIPTION = 'robot_description'  # of robot_state_publisher
THINGS = 'sim/things'  # the simulator's alone: a robot does not know where things are
OUTCOME = 'sim/outcome'
