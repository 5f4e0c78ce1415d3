"""What the launch files start, with what. The same files run under ROS 2 itself in test/ros."""

import pytest
import yaml
from rosless.launch_file import arguments, read

from test.nodes.conftest import ROOT

FILES = sorted((ROOT / 'launch').glob('*.launch.yaml'))
ROBOT = str(ROOT / 'launch' / 'r1lite.launch.yaml')


def started(file: str, *given: str):
    return {node.executable: ' '.join(node.command()) for node in read(file, arguments(given), {})}


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.name)
def test_every_argument_says_what_it_is(file):
    for entry in yaml.safe_load(file.read_text())['launch']:
        if 'arg' in entry:
            assert len(entry['arg'].get('description', '')) > 5, entry


@pytest.mark.parametrize(
    ('given', 'nodes'),
    [
        ((), {'executor', 'policy'}),
        (('role:=executor',), {'executor'}),
        (('role:=policy',), {'policy'}),
        (('role:=executor', 'record:=run.mcap'), {'executor', 'recorder'}),
    ],
)
def test_the_robot_by_roles(given, nodes):
    assert started(ROBOT, *given).keys() == nodes


def test_the_robot_is_dry_unless_it_is_told_otherwise():
    assert 'dry_run:=true' in started(ROBOT)['executor']
    assert 'dry_run:=false' in started(ROBOT, 'dry_run:=false')['executor']


def test_a_namespace_is_that_of_every_node():
    for command in started(ROBOT, 'namespace:=left').values():
        assert '__ns:=/left' in command


def test_a_word_that_is_no_role_is_refused_with_the_roles():
    with pytest.raises(Exception, match='both, executor, policy'):
        started(ROBOT, 'role:=robot')
