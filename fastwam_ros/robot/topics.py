"""The R1 Lite's topics and frames, by group. Names are relative: the namespace is the robot's."""

from fastwam_ros.robot.joints import SIDES

CAMERAS = ('head', 'left', 'right')
IMAGES = {
    'head': 'hdas/camera_head/left_raw/image_raw_color/compressed',
    'left': 'hdas/camera_wrist_left/color/image_raw/compressed',
    'right': 'hdas/camera_wrist_right/color/image_raw/compressed',
}
# What wrist cameras are called by drivers of before the vendor's release 2.1.5.
OLDER_IMAGES = {
    side: f'hdas/camera_wrist_{side}/color/image_rect_raw/compressed' for side in SIDES
}
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
ARM_TARGET = {side: f'motion_target/target_joint_state_arm_{side}' for side in SIDES}
GRIPPER_TARGET = {side: f'motion_target/target_position_gripper_{side}' for side in SIDES}
