"""The suite on a machine without torch, as the robot's is: what needs the model says so."""

import signal
from importlib.util import find_spec

import pytest

# Started in the background of a script, a process ignores Ctrl-C, and so do those that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    if find_spec('torch') is None:
        for item in items:
            if item.get_closest_marker('torch'):
                item.add_marker(pytest.mark.skip(reason='the model needs torch'))
