"""The suite on a machine without torch, as the robot's is: what needs the model says so."""

import signal
from importlib.util import find_spec

import pytest

# Loaded after pinocchio's libraries, Triton's crashes the process (which no node loads both of).
if find_spec('triton') is not None:
    import triton  # noqa: F401

# Started in the background of a script, a process ignores Ctrl-C, and so do those that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What cannot even be imported without it. Of the others, each test says so.
_OF_THE_MODEL = [
    'apps/test_bench_naive.py',
    'apps/test_bench_wam.py',
    'apps/test_explain.py',
    'nodes/test_parameter_page.py',
]
collect_ignore = _OF_THE_MODEL if find_spec('torch') is None else []


def pytest_collection_modifyitems(items):
    if find_spec('torch') is None:
        for item in items:
            if item.get_closest_marker('torch'):
                item.add_marker(pytest.mark.skip(reason='the model needs torch'))
