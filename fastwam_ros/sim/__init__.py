"""Floor 2, a Galaxea R1 Lite in MuJoCo with a table before it; imports robot/ only, no ROS."""

import os

# MuJoCo chooses an OpenGL library when it is imported, and breaks there where that is missing.
# Here eyes.py chooses, when there is something to draw, and can say what is wrong.
_given = os.environ.get('MUJOCO_GL')
os.environ['MUJOCO_GL'] = 'disable'
import mujoco  # noqa: E402, F401

if _given is None:
    del os.environ['MUJOCO_GL']
else:
    os.environ['MUJOCO_GL'] = _given
