"""Who runs the nodes of a test: the stand-in, or the ROS 2 whose workspace is sourced.

One body, two runners: a test that asks here for its commands shows the same on both. Import it
before rclpy.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REAL = 'AMENT_PREFIX_PATH' in os.environ

if REAL:
    os.environ.setdefault('ROS_LOCALHOST_ONLY', '1')
    PREAMBLE = ''
else:
    from rosless import stage

    stage.set_up()
    PREAMBLE = 'from rosless import stage; stage.set_up()'  # of a program that imports rclpy

of_the_stand_in = pytest.mark.skipif(REAL, reason='of the stand-in alone')


def node(name: str) -> list[str]:
    """The command that runs one of our nodes; `--ros-args ...` may follow."""
    if not REAL:
        return [sys.executable, '-m', 'rosless', 'run', 'fastwam_ros', name]
    from ament_index_python import get_package_prefix

    return [str(Path(get_package_prefix('fastwam_ros')) / 'lib' / 'fastwam_ros' / name)]


def environment() -> dict[str, str]:
    """Of the nodes."""
    return dict(os.environ)


def launch(file: str) -> list[str]:
    """The command that runs one of our launch files; arguments may follow."""
    if REAL:
        return ['ros2', 'launch', str(ROOT / 'launch' / file)]
    return [sys.executable, '-m', 'rosless', 'launch', str(ROOT / 'launch' / file)]


def endings(process: str) -> tuple[str, str]:
    """What a launch says when a process ends well, and how the other words begin."""
    if REAL:
        return f'[{process}]: process has finished cleanly', f'[{process}]: process has died'
    return f'{process}] ended with exit code 0', f'{process}] ended with'
