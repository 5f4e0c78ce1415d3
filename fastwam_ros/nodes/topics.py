"""The package's own topics. Names are relative: the namespace is the robot's."""

from fastwam_ros.robot import roles

CHUNK = roles.OWN['chunk'].name
TRAJECTORY = roles.OWN['trajectory'].name
PATHS = 'fastwam/paths'  # where the plan in force leads the hands
STATE = roles.OWN['state'].name
REQUEST = roles.OWN['request'].name
TASK = roles.OWN['task'].name
TELEOP_ACTIVE = roles.OWN['teleop_active'].name
TELEOP_ARM = roles.TELEOP_ARM
TELEOP_GRIPPER = roles.TELEOP_GRIPPER
DEADMAN = roles.OWN['deadman'].name
ESTOP = roles.OWN['estop'].name
THINGS = roles.OWN['things'].name  # the simulator's alone: a robot does not know where things are
OUTCOME = roles.OWN['outcome'].name
