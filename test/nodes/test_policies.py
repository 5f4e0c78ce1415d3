"""Who says and hears what: the policy file is the running nodes', and who may command."""

import os
from xml.etree import ElementTree

import pytest

from fastwam_ros.robot.topics import ARM_TARGET, GRIPPER_TARGET
from test.nodes.conftest import ROOT
from test.nodes.console import TELEOP, Console
from test.nodes.policies import heard_and_said, policy

FILE = ROOT / 'config' / 'security' / 'policy.xml'
BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'
NODES = ('executor', 'policy', 'recorder', 'teleop')
# Of a node without simulated time in it, which /clock would be heard for.
pytestmark = [pytest.mark.torch, pytest.mark.alone]


@pytest.fixture(scope='module')
def keyboard():
    console = Console(TELEOP)
    yield console
    console.end()


@pytest.fixture(scope='module')
def graph(probe, processes, keyboard, tmp_path_factory):
    """The robot's nodes as r1lite.launch.yaml starts them, driving."""
    output = tmp_path_factory.mktemp('run') / 'run.mcap'
    # All that it may ever say and hear: a policy allows, it does not switch on.
    processes.start('executor', 'dry_run:=false', 'torso:=true', 'chassis:=true')
    processes.start('policy', BUNDLE)
    processes.start('recorder', f'output:={output}')

    def all_there() -> bool:
        keyboard.pump()
        there = {name for name, _ in probe.get_node_names_and_namespaces()}
        return there >= set(NODES) and 'records to' in processes.said('recorder')

    assert probe.until(all_there, 60.0), [processes.said(name) for name in NODES]
    probe.listen(3.0)
    return {name: heard_and_said(probe, name) for name in NODES}


def test_the_policy_file_is_what_the_nodes_do(graph):
    written = policy(graph)
    if os.environ.get('FASTWAM_WRITE'):
        FILE.write_text(written)
    assert FILE.read_text() == written, 'FASTWAM_WRITE=1 pytest test/nodes/test_policies.py'
    assert ElementTree.fromstring(written).tag == 'policy'


def test_the_executor_alone_commands(graph):
    commands = {f'/{names[s]}' for names in (ARM_TARGET, GRIPPER_TARGET) for s in names}
    for name, node in graph.items():
        assert commands.isdisjoint(node['publish']) is (name != 'executor'), name
    assert commands <= set(graph['executor']['publish'])
