"""No node uses an rclpy name that no row covers."""

from pathlib import Path

import pytest
from names import methods_of_rclpy, used

HERE = Path(__file__).parent
NODES = sorted((HERE.parents[1] / 'fastwam_ros' / 'nodes').glob('*.py'))
METHODS = methods_of_rclpy()


def names_in(*programs: str) -> set[str]:
    """The rclpy names that check programs exercise."""
    return {n for p in programs for n in used((HERE / p).read_text(), METHODS)}


def pending() -> dict[str, str]:
    """Names that the recordings lack, with documented behaviour and source: none by now."""
    lines = (HERE / 'pending.txt').read_text().splitlines()
    return {line.split(' | ')[0]: line for line in lines}


RECORDED = names_in('basics.py', 'needs.py', 'beyond.py', 'calls.py', 'times.py')


def test_there_are_nodes():
    assert NODES


@pytest.mark.parametrize('file', NODES, ids=lambda file: file.name)
def test_a_node_uses_covered_names_only(file):
    unknown = used(file.read_text(), METHODS) - RECORDED - pending().keys()
    assert not unknown, f'{file.name} uses {sorted(unknown)}: add a row and a line in pending.txt'


def test_pending_names_say_what_is_expected_and_where():
    for line in pending().values():
        assert len(line.split(' | ')) == 3, f'{line!r}: want name | documented behaviour | source'


def test_recorded_names_are_not_pending():
    assert not pending().keys() & RECORDED


@pytest.mark.parametrize(
    ('source', 'name'),
    [
        ('import rclpy\nrclpy.create_node(n)', 'rclpy.create_node'),
        ('import rclpy.action', 'rclpy.action'),
        ('from rclpy.action import ActionClient', 'rclpy.action.ActionClient'),
        ('self.add_waitable(w)', '.add_waitable'),
        (
            'self.create_subscription(T, t, f, 1, qos_overriding_options=o)',
            'create_subscription(qos_overriding_options)',
        ),
        (
            'from rclpy.qos import QoSProfile\nQoSProfile(depth=1, unknown=x)',
            'QoSProfile(unknown)',
        ),
        ('import rclpy as r\nr.get_global_executor()', 'r.get_global_executor'),
        (
            'class A(Node):\n def __init__(self): super().__init__("a", cli_args=[])',
            'Node(cli_args)',
        ),
    ],
)
def test_a_name_that_no_row_covers_is_seen(source, name):
    unknown = used(source, METHODS) - RECORDED - pending().keys()
    assert unknown == {name}
