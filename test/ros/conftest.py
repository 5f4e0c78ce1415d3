"""Tests under ROS 2's own launch. They need a sourced workspace with this package in it."""

import importlib.util

from test.nodes import runner

# Without launch_pytest their decorators could not even be read.
collect_ignore_glob = []
if not runner.REAL or importlib.util.find_spec('launch_pytest') is None:
    collect_ignore_glob = ['test_launch_*.py']
