"""What rosless does not do, it says: beside a real rclpy, unknown modules, names and options."""

import subprocess
import sys

import pytest
from running import NODE, environment


def run(tmp_path, code, path='', domain=59):
    """A program under rosless, with `path` before everything else on sys.path."""
    file = tmp_path / 'program.py'
    file.write_text(code)
    return subprocess.run(
        [sys.executable, '-c', NODE, str(file)],
        env=environment(domain, PYTHONPATH=str(path)),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ('code', 'thing'),
    [
        ('import rclpy.action', 'rclpy.action'),
        ('from rclpy.action import ActionClient', 'rclpy.action'),
        ('from rclpy.lifecycle import LifecycleNode', 'rclpy.lifecycle'),
        ('import rclpy.event_handler', 'rclpy.event_handler'),
        ('import rclpy; rclpy.get_rmw_implementation_identifier', 'get_rmw_implementation'),
        ('import rclpy.qos; rclpy.qos.QoSPresetProfiles', 'QoSPresetProfiles'),
        ('from nav_msgs.srv import GetPlan', 'nav_msgs.srv'),
        ('from rcl_interfaces.action import Any', 'rcl_interfaces.action'),
    ],
)
def test_a_module_or_name_outside_is_named(tmp_path, code, thing):
    ran = run(tmp_path, code)
    assert ran.returncode == 1
    last = ran.stderr.splitlines()[-1]
    assert last.startswith('NotImplementedError: rosless: ')
    assert thing in last


INSIDE = """
import rclpy
from rclpy.clock import Clock
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import String

rclpy.init()
node = Node('n')
publisher = node.create_publisher(String, 'a', 1)

unknown = QoSProfile(depth=1, reliability=ReliabilityPolicy.UNKNOWN)
unprefixed = QoSProfile(depth=1, avoid_ros_namespace_conventions=True)
for attempt in (
    lambda: node.add_waitable(object()),
    lambda: node.get_node_names_and_namespaces_with_enclaves(),
    lambda: publisher.wait_for_all_acked(),
    lambda: Clock().create_jump_callback(None),
    lambda: node.create_publisher(String, 'b', unprefixed),
    lambda: node.create_publisher(String, 'b', unknown),
    lambda: node.create_publisher(String, 'b', 1, event_callbacks=object()),
    lambda: node.create_publisher(String, '{node}/b', 1),
    lambda: node.declare_parameter('only_a_name'),
    lambda: node.declare_parameters('space', [('a', 1)]),
    lambda: Node('m', cli_args=['--ros-args']),
    lambda: Node('m', allow_undeclared_parameters=True),
    lambda: rclpy.init(context=object()),
):
    try:
        attempt()
        print('DONE')
    except NotImplementedError as problem:
        print(problem)
for typo in ('create_publsher', 'spin'):
    print(hasattr(node, typo))
try:
    node.create_publisher(String, 'b', 1, qos=1)
except TypeError as problem:
    print(problem)
"""
THINGS = (
    'add_waitable', 'with_enclaves', 'wait_for_all_acked', 'create_jump_callback',
    'avoid_ros_namespace', 'UNKNOWN', 'event_callbacks', '{node}', 'only_a_name', 'namespace',
    'cli_args', 'allow_undeclared_parameters', 'context', 'False', 'False', "'qos'",
)  # fmt: skip


def test_what_a_node_asks_for_in_vain_is_named(tmp_path):
    ran = run(tmp_path, INSIDE)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert len(lines) == len(THINGS)
    for line, thing in zip(lines, THINGS, strict=True):
        assert thing in line


def test_no_start_beside_a_real_rclpy(tmp_path):
    real = tmp_path / 'ros' / 'rclpy'
    real.mkdir(parents=True)
    (real / '__init__.py').write_text('print("the real one")')
    ran = run(tmp_path, 'print("started")', path=real.parent)
    assert ran.returncode == 1
    assert ran.stdout == ''
    (line,) = ran.stderr.splitlines()
    assert str(real) in line and 'ros2 run' in line


def test_a_real_message_package_wins(tmp_path):
    real = tmp_path / 'ros' / 'std_msgs' / 'msg'
    real.mkdir(parents=True)
    (real.parent / '__init__.py').write_text('')
    (real / '__init__.py').write_text('String = "the real one"')
    ran = run(tmp_path, 'from std_msgs.msg import String; print(String)', path=real.parents[1])
    assert ran.stdout.strip() == 'the real one'


def test_the_stand_in_is_not_importable_by_itself():
    ran = subprocess.run([sys.executable, '-c', 'import rosless, rclpy'], capture_output=True)
    assert b'ModuleNotFoundError' in ran.stderr


def test_own_messages_come_from_a_package_beside_the_program(tmp_path, monkeypatch):
    (tmp_path / 'msg').mkdir()
    (tmp_path / 'package.xml').write_text('<package><name>own_pkg</name></package>')
    (tmp_path / 'msg' / 'Pair.msg').write_text('int8 TOP=3\nint8[2] two\nstd_msgs/String[] more\n')
    monkeypatch.chdir(tmp_path)
    code = 'from own_pkg.msg import Pair; print(Pair.TOP, Pair(two=[1, 2]))'
    ran = run(tmp_path, code)
    assert ran.stdout.strip() == '3 own_pkg.msg.Pair(two=[1, 2], more=[])', ran.stderr
    (tmp_path / 'msg' / 'Bad.msg').write_text('float64 w 1.0\n')
    assert 'default value in Bad.msg' in run(tmp_path, code).stderr


@pytest.mark.parametrize('domain', ['x', '-1', '233'])
def test_a_wrong_domain_is_named(tmp_path, domain):
    ran = run(tmp_path, 'import rclpy; rclpy.init(args=[])', domain=domain)
    last = ran.stderr.splitlines()[-1]
    assert f"ROS_DOMAIN_ID is '{domain}'" in last and '232' in last


def test_an_unknown_distribution_lists_the_known_ones(tmp_path, monkeypatch):
    file = tmp_path / 'program.py'
    file.write_text('import std_msgs.msg')
    ran = subprocess.run(
        [sys.executable, '-c', NODE, str(file)],
        env=environment(59, ROS_DISTRO='melodic'),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert 'melodic' in ran.stderr and 'humble' in ran.stderr
