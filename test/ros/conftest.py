"""Tests under ROS 2's own launch and beside its programs. They need a sourced workspace."""

import importlib.util

from test.nodes import runner
from test.nodes.conftest import probe, processes  # noqa: F401  fixtures

# Without launch_pytest their decorators could not even be read.
collect_ignore_glob = []
if not runner.REAL or importlib.util.find_spec('launch_pytest') is None:
    collect_ignore_glob = ['test_launch_*.py']
