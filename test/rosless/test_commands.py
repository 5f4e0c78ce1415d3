"""`rosless topic|node|param|service` beside a running node: what they print and how they end."""

import re
import signal
import subprocess
import sys
import time

import pytest
from running import Program, environment

DOMAIN = 31
NODE = """
import array
import rclpy
from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import SetBool

rclpy.init()
node = Node('talker', namespace='robot')
limits = FloatingPointRange(from_value=0.0, to_value=10.0)
node.declare_parameter('rate', 5.0, ParameterDescriptor(
    description='how fast', floating_point_range=[limits]))
node.declare_parameter('arm.names', ['a', 'b'])
node.declare_parameter('serial', 'x1', ParameterDescriptor(read_only=True))
sensor = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
joints = node.create_publisher(JointState, 'joints', sensor)
node.create_publisher(String, 'latched', latched).publish(String(data='here I am'))
node.create_subscription(String, 'heard', print, 10)

def answer(request, response):
    response.success, response.message = request.data, 'told'
    return response

node.create_service(SetBool, 'set', answer)
message = JointState(name=['j1', 'j2'], position=array.array('d', range(200)))
message.header.frame_id = 'base'
node.create_timer(0.02, lambda: joints.publish(message))
print('up', flush=True)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException):
    pass
"""


@pytest.fixture(scope='module', autouse=True)
def talker(tmp_path_factory):
    """A node with topics, a service and parameters."""
    with Program(tmp_path_factory.mktemp('talker') / 'talker.py', NODE, DOMAIN) as program:
        program.wait_for('up')
        yield program


def command(*words):
    """The words as a command line."""
    return [sys.executable, '-m', 'rosless', *words]


def run(*words):
    """stdout of a command that works."""
    ran = ask(*words)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ''
    return ran.stdout


def ask(*words):
    """What a command did."""
    return subprocess.run(
        command(*words), env=environment(DOMAIN), capture_output=True, text=True, timeout=60
    )


def test_topics_with_types():
    types = dict(line.split(' ') for line in run('topic', 'list', '-t').splitlines())
    assert types['/robot/joints'] == '[sensor_msgs/msg/JointState]'
    assert types['/rosout'] == '[rcl_interfaces/msg/Log]'
    assert list(types) == run('topic', 'list').split()


def test_nodes_without_the_one_that_looks():
    assert run('node', 'list') == '/robot/talker\n'


def test_a_node_that_comes_late_is_listed_with_patience(tmp_path):
    """The other one starts when a tool without patience has ended."""
    domain = DOMAIN + 7
    tool = subprocess.Popen(
        command('node', 'list', '--spin-time', '8'),
        env=environment(domain),
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(3.0)
    late = "import rclpy\nrclpy.init()\nrclpy.spin(rclpy.create_node('late'))"
    with Program(tmp_path / 'late.py', late, domain):
        assert tool.communicate(timeout=40)[0] == '/late\n'


def test_a_node_with_what_it_has():
    said = run('node', 'info', 'robot/talker')
    assert said.startswith(
        '/robot/talker\n  Subscribers:\n    /robot/heard: std_msgs/msg/String\n'
    )
    assert '  Publishers:\n' in said and '    /robot/joints: sensor_msgs/msg/JointState\n' in said
    assert '  Service Servers:\n' in said and '    /robot/set: std_srvs/srv/SetBool\n' in said


def test_a_topic_with_its_ends():
    said = run('topic', 'info', '-v', '/robot/joints')
    assert said.startswith('Type: sensor_msgs/msg/JointState\n\nPublisher count: 1\n\n')
    for line in (
        'Node name: talker',
        'Node namespace: /robot',
        '  Reliability: BEST_EFFORT',
        '  Lifespan: Infinite',
    ):
        assert f'\n{line}\n' in said
    assert said.rstrip().endswith('Subscription count: 0')


def test_echo_takes_the_quality_of_the_publisher():
    """Best effort, or nothing would come; transient local, or the old message would not."""
    assert run('topic', 'echo', '--once', '/robot/latched') == 'data: here I am\n---\n'
    said = run('topic', 'echo', '--once', '--no-arr', '/robot/joints')
    assert said.splitlines() == [
        'header:',
        '  stamp:',
        '    sec: 0',
        '    nanosec: 0',
        '  frame_id: base',
        "name: '<sequence type: string, length: 2>'",
        "position: '<sequence type: double, length: 200>'",
        "velocity: '<sequence type: double, length: 0>'",
        "effort: '<sequence type: double, length: 0>'",
        '---',
    ]


def test_echo_cuts_what_is_long_and_shows_a_field():
    said = run('topic', 'echo', '--once', '/robot/joints')
    assert "- 127.0\n- '...'\nvelocity: []\n" in said
    full = run('topic', 'echo', '--once', '--full-length', '/robot/joints')
    assert '- 199.0\nvelocity: []\n' in full
    field = run('topic', 'echo', '--once', '--field', 'header.stamp', '/robot/joints')
    assert field == 'sec: 0\nnanosec: 0\n---\n'
    assert run('topic', 'echo', '--once', '--field', 'name', '/robot/joints') == (
        "['j1', 'j2']\n---\n"
    )


def test_echo_ends_when_nobody_reads():
    line = ' '.join(command('topic', 'echo', '/robot/joints')) + ' | head -n 2'
    ran = subprocess.run(
        ['bash', '-c', f'set -o pipefail; {line}'],
        env=environment(DOMAIN),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, '')
    assert ran.stdout == 'header:\n  stamp:\n'


@pytest.mark.parametrize(
    ('words', 'begins'),
    [
        (('echo', '--field', 'name'), r"\['j1', 'j2'\]\n---\n"),
        (
            ('hz', '--window', '20'),
            r'average rate: \d+\.\d{3}\n'
            r'\tmin: [\d.]+s max: [\d.]+s std dev: [\d.]+s window: \d+\n',
        ),
    ],
)
def test_ctrl_c_is_an_ordinary_end(words, begins):
    process = subprocess.Popen(
        command('topic', *words, '/robot/joints'),
        env=environment(DOMAIN),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline() + process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, '')
    assert re.fullmatch(begins, first)


def test_the_rate_is_that_of_the_window():
    from rosless.cli_topic import Rate

    rate = Rate(2)
    assert rate.told() is None
    for now in (0.0, 9.0, 9.5, 10.5):
        rate.came(now)
    assert rate.told() == (
        'average rate: 1.333\n\tmin: 0.500s max: 1.000s std dev: 0.25000s window: 2'
    )


def test_services_are_listed_and_called():
    assert '/robot/set [std_srvs/srv/SetBool]\n' in run('service', 'list', '-t')
    said = run('service', 'call', '/robot/set', 'std_srvs/srv/SetBool', '{data: true}')
    assert said.startswith('requester: making request: std_srvs.srv.SetBool_Request(data=True)')
    assert "response:\nstd_srvs.srv.SetBool_Response(success=True, message='told')" in said
    assert 'success=False' in run('service', 'call', '/robot/set', 'std_srvs/SetBool')


def test_parameters_are_read_set_and_described():
    listed = run('param', 'list', '/robot/talker').split()
    assert {'rate', 'arm.names', 'serial', 'use_sim_time'} <= set(listed)
    assert listed == sorted(listed)
    assert run('param', 'list').startswith('/robot/talker:\n  arm.names\n')
    assert run('param', 'get', '/robot/talker', 'rate') == 'Double value is: 5.0\n'
    assert run('param', 'set', '/robot/talker', 'rate', '7.5') == 'Set parameter successful\n'
    assert run('param', 'get', '--hide-type', 'robot/talker', 'rate') == '7.5\n'
    assert run('param', 'describe', '/robot/talker', 'rate', 'serial') == (
        'Parameter name: rate\n  Type: double\n  Description: how fast\n  Constraints:\n'
        '    Min value: 0.0\n    Max value: 10.0\n'
        'Parameter name: serial\n  Type: string\n  Constraints:\n    Read only: true\n'
    )


def test_a_dump_is_a_parameter_file(tmp_path):
    from rosless.arguments import parse

    file = tmp_path / 'dump.yaml'
    file.write_text(run('param', 'dump', '/robot/talker'))
    values = parse(['--ros-args', '--params-file', str(file)]).overrides('/robot/talker')
    assert values['arm.names'] == ['a', 'b'] and values['serial'] == 'x1'
    assert values['use_sim_time'] is False


REFUSED = [
    (('topic', 'echo', '/robot/joint'), r'no topic /robot/joint within 5 s: .*/robot/joints'),
    (('topic', 'hz', 'joints'), r'no topic /joints within 5 s: the topics are .*/rosout'),
    (('node', 'info', '/talker'), r'no node /talker within 5 s: the nodes are /robot/talker'),
    (('param', 'get', '/talk', 'x'), r'no node /talk within 5 s: .*/robot/talker'),
    (('param', 'get', '/robot/talker', 'x'), r'has no parameter x: .*arm.names, rate'),
    (('param', 'describe', '/robot/talker', 'x'), r'has no parameter x: .*arm.names'),
    (('param', 'set', '/robot/talker', 'rate', '11.0'), r'setting parameter failed: .*rate'),
    (('param', 'set', '/robot/talker', 'x', '1'), r'has no parameter x: .*arm.names, rate'),
    (('param', 'set', '/robot/talker', 'serial', 'y'), r'setting parameter failed: '),
    (('param', 'set', '/robot/talker', 'rate', 'fast'), r'setting parameter failed: '),
    (('service', 'call', '/set', 'std_srvs/srv/SetBool'), r'no service /set .*/robot/set'),
    (('service', 'call', '/robot/set', 'std_srvs/srv/Empty'), 'are std_srvs/srv/SetBool'),
    (('service', 'call', '/robot/set', 'std_srvs/srv/SetBool', '{a: 1}'), 'it has data'),
    (('service', 'call', '/robot/set', 'std_srvs/srv/SetBool', '{data: 1}'), 'not fit'),
    (('service', 'call', '/robot/set', 'std_srvs/srv/SetBool', '[1]'), 'from a mapping'),
    (('service', 'call', '/robot/set', 'std_srvs/srv/SetBool', '{'), 'is not YAML'),
]


@pytest.fixture(scope='module')
def said(talker):
    """stdout and stderr of all that is refused, at once: each waits for what is not there."""
    running = [
        subprocess.Popen(
            command(*words),
            env=environment(DOMAIN),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words, _ in REFUSED
    ]
    ended = [process.communicate(timeout=60) for process in running]
    assert {process.returncode for process in running} == {1}
    return {words: found for (words, _), found in zip(REFUSED, ended, strict=True)}


@pytest.mark.parametrize(('words', 'why'), REFUSED)
def test_what_is_not_there_is_answered_in_one_line_with_what_is(said, words, why):
    out, errors = said[words]
    assert out == ''
    assert errors.count('\n') == 1 and errors.startswith('rosless: ')
    assert re.search(why, errors)


def test_a_field_that_is_not_there_lists_those_that_are():
    ran = ask('topic', 'echo', '--field', 'header.stamps', '/robot/joints')
    assert ran.returncode == 1
    assert ran.stderr == 'rosless: no field stamps in Header: the fields are stamp, frame_id\n'


def test_an_empty_domain_says_so():
    start = time.monotonic()
    ran = subprocess.run(
        command('node', 'info', '/x'), env=environment(DOMAIN + 6), capture_output=True, text=True
    )
    assert ran.stderr == 'rosless: no node /x within 5 s: no nodes\n'
    assert time.monotonic() - start < 30


@pytest.mark.parametrize('name', ['topic', 'node', 'param', 'service'])
def test_help_names_the_verbs(name):
    ran = subprocess.run(command(name, '--help'), capture_output=True, text=True)
    assert ran.returncode == 0 and 'list' in ran.stdout
