"""The suite on a machine without torch, as the robot's is: what needs the model says so."""

from importlib.util import find_spec

import pytest


def pytest_collection_modifyitems(items):
    if find_spec('torch') is None:
        for item in items:
            if item.get_closest_marker('torch'):
                item.add_marker(pytest.mark.skip(reason='the model needs torch'))
