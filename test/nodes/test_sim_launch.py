"""The launch file for driving by hand: what it starts, and that nobody in it asks for anything."""

import pytest
from rosless.launch_file import arguments, read

from test.nodes.conftest import ROOT

pytestmark = pytest.mark.alone

FILE = str(ROOT / 'launch' / 'sim.launch.yaml')


@pytest.mark.parametrize(
    ('given', 'started'),
    [
        ((), ['sim', 'executor', 'policy']),
        (('policy:=false',), ['sim', 'executor']),
    ],
)
def test_robot_executor_and_perhaps_a_policy_are_started(given, started):
    nodes = read(FILE, arguments(given), {})
    assert [node.executable for node in nodes] == started


def test_every_node_takes_the_parameters_of_one_file():
    for node in read(FILE, arguments(('config:=mine.yaml',)), {}):
        assert 'mine.yaml' in node.command(), node
