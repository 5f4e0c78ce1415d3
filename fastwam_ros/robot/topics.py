"""The R1 Lite's topics and frames, by group, and those that this package adds to them.

Names are relative: the namespace is the robot's.
"""

from dataclasses import dataclass

from fastwam_ros.robot.joints import SIDES

CAMERAS = ('head', 'left', 'right')
COMPRESSED, RAW = TRANSPORTS = ('compressed', 'raw')
# How a wrist's pictures are called: today, and by robots before ATC 2.1.5.
TODAY, FORMER = WRIST_NAMES = ('image_raw', 'image_rect_raw')
EITHER = 'either'


@dataclass(frozen=True)
class ImageTopic:
    """A topic that a camera's pictures may come on.

    transport: one of TRANSPORTS. former: whether it is a name from before ATC 2.1.5.
    """

    camera: str
    transport: str = COMPRESSED
    former: bool = False

    @property
    def name(self) -> str:
        """As the robot has it."""
        if self.camera in SIDES:
            picture = FORMER if self.former else TODAY
            base = f'hdas/camera_wrist_{self.camera}/color/{picture}'
        else:
            base = f'hdas/camera_{self.camera}/left_raw/image_raw_color'
        return base if self.transport == RAW else f'{base}/compressed'

    @property
    def role(self) -> str:
        """In a recording."""
        former, raw = '_rect' * self.former, '_raw' * (self.transport == RAW)
        return f'image_{self.camera}{former}{raw}'


# The usual ones come first.
IMAGE_TOPICS = tuple(
    ImageTopic(camera, transport, former)
    for former in (False, True)
    for transport in TRANSPORTS
    for camera in (SIDES if former else CAMERAS)
)
IMAGES = {camera: ImageTopic(camera).name for camera in CAMERAS}
# What wrist cameras are called by drivers of before the vendor's release 2.1.5.
OLDER_IMAGES = {side: ImageTopic(side, former=True).name for side in SIDES}
IMAGE_RATES = (15.0, 60.0)  # [Hz] slowest and fastest that the cameras can be set to
# Optical frames of the published URDF.
IMAGE_FRAMES = {
    'head': 'camera_head_left_link',
    'left': 'left_D405_link',
    'right': 'right_D405_link',
}
IMAGE_SIZES = {'head': (720, 1280), 'left': (360, 640), 'right': (360, 640)}  # height, width

JOINT_STATES = 'joint_states'  # every joint by the URDF's name, for tf and RViz
FEEDBACK_RATE = 200.0  # [Hz] of arms and grippers
ARM_FEEDBACK = {side: f'hdas/feedback_arm_{side}' for side in SIDES}
GRIPPER_FEEDBACK = {side: f'hdas/feedback_gripper_{side}' for side in SIDES}
# Of the vendor's hdas_msg types.
BATTERY, REMOTE = 'hdas/bms', 'controller'
MOTORS = {
    part: f'hdas/feedback_status_{part}'
    for part in (*(f'{what}_{side}' for what in ('arm', 'gripper') for side in SIDES), 'torso')
}
ARM_TARGET = {side: f'motion_target/target_joint_state_arm_{side}' for side in SIDES}
GRIPPER_TARGET = {side: f'motion_target/target_position_gripper_{side}' for side in SIDES}

# Our own.
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


def image_topics(head: str, wrists: str, names: str) -> tuple[ImageTopic, ...]:
    """The topics to hear: transport of the head's camera and of the wrists', the wrists' names.

    names: one of WRIST_NAMES, or EITHER for both.
    """
    wanted = {'head': head, **dict.fromkeys(SIDES, wrists)}
    former = {TODAY: (False,), FORMER: (True,)}.get(names, (False, True))
    return tuple(
        topic
        for topic in IMAGE_TOPICS
        if topic.transport == wanted[topic.camera]
        and (topic.camera not in SIDES or topic.former in former)
    )
