"""Why the others of this folder are left out, where they are."""

import importlib.util

import pytest

from test.nodes import runner


def test_launch_files_run_under_ros_2():
    """The scenarios of test/nodes, started by ROS 2's launch: test_launch_*.py beside this."""
    if not runner.REAL:
        pytest.skip('no ROS 2 workspace is sourced: test/nodes shows the same on the stand-in')
    assert importlib.util.find_spec('launch_pytest'), 'ros-humble-launch-pytest is missing'
