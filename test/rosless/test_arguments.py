"""Command lines and parameter files, by the rules of rcl."""

import math

import pytest
from rosless.arguments import InvalidROSArgs, parse

from rosless import scalars


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        ('3', 3), ('-3', -3), ('0x1F', 31), ('010', 8), ('08', 8.0), ('3.0', 3.0), ('3.', 3.0),
        ('.5', 0.5), ('1e-3', 0.001), ('1_000', '1_000'), ('true', True), ('y', True),
        ('off', False), ('tRue', 'tRue'), ('"3"', '3'), ("'true'", 'true'), ('abc', 'abc'),
        ('2024-01-02', '2024-01-02'), ('.inf', math.inf), ('-.inf', -math.inf),
        ('[1, 2]', [1, 2]), ('[1.0, 2.0]', [1.0, 2.0]), ('[a, "1"]', ['a', '1']),
        ('12:30', '12:30'), ('~', '~'), ('9223372036854775807', 2**63 - 1),
    ],
)  # fmt: skip
def test_a_value_means_what_it_means_to_rcl(text, value):
    got = scalars.read(text)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ('text', 'why'),
    [
        ('[1, 2.0]', 'mixes float, int'),
        ('[]', 'no type'),
        ('{a: 1}', 'mapping'),
        ('', 'mapping or nothing'),
        ('[[1]]', 'single values'),
        ('9223372036854775808', '64 bits'),
        ('!!int "3"', 'tag'),
        ('[1', 'not YAML'),
    ],
)
def test_what_no_parameter_can_hold_is_refused(text, why):
    with pytest.raises(scalars.ValueProblem, match=why):
        scalars.read(text)


FILE = """
/**:
  ros__parameters:
    rate: 1.0
    limits: {speed: 2.0, names: [a, b]}
executor:
  ros__parameters: {rate: 2.0}
/robot:
  executor:
    ros__parameters: {rate: 3.0}
/robot/*:
  ros__parameters: {seen: true}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / 'p.yaml'
    path.write_text(FILE)
    return str(path)


def test_a_file_speaks_to_nodes_by_full_name_and_pattern(file):
    found = parse(['x', '--ros-args', '--params-file', file])
    common = {'limits.speed': 2.0, 'limits.names': ['a', 'b']}
    assert found.overrides('/executor') == common | {'rate': 2.0}
    assert found.overrides('/robot/executor') == common | {'rate': 3.0, 'seen': True}
    assert found.overrides('/other') == common | {'rate': 1.0}
    assert found.overrides('/a/b/executor') == common | {'rate': 1.0}


def test_the_order_of_patterns_decides_as_in_rclpy(file):
    """-p adds to '/**', which stands before the node's own entry where a file begins with it."""
    before = parse(['x', '--ros-args', '--params-file', file, '-p', 'rate:=9.0'])
    assert before.overrides('/executor')['rate'] == 2.0
    named = ['x', '--ros-args', '--params-file', file, '-p', 'executor:rate:=9.0']
    assert parse(named).overrides('/executor')['rate'] == 9.0


def ros_args(line):
    """A command line with these ROS arguments."""
    return ['x', '--ros-args', *line.split()]


def test_remap_rules_apply_in_order_and_to_their_node():
    found = parse(ros_args('-r a:b:=c -r b:=d -r ~/p:=/q -r __node:=z -r __ns:=/n'))
    assert found.name('given') == 'z'
    assert found.namespace('z', '/') == '/n'
    assert found.remap('/n/b', 'a', '/n') == '/n/c'
    assert found.remap('/n/b', 'z', '/n') == '/n/d'
    assert found.remap('/n/z/p', 'z', '/n') == '/q'
    assert found.remap('/b', 'z', '/n') == '/b'


def test_ros_arguments_end_at_two_dashes():
    argv = ['x', '--seed', '1', '--ros-args', '-p', 'a:=1', '--', '-p', 'b:=1']
    assert parse(argv).overrides('/n') == {'a': 1}


@pytest.mark.parametrize(
    ('line', 'why'),
    [
        ('-p a', 'name:=value'),
        ('-p a:=[1,2.0]', 'mixes'),
        ('-p', 'needs a value'),
        ('-r a:=b c', 'unknown ROS argument'),
        ('-r a:=1b', 'valid name'),
        ('-r __ns:=relative', 'valid name'),
        ('-r __node:=a/b', 'valid name'),
        ('--parms-file x', 'unknown ROS argument'),
        ('--params-file /nowhere.yaml', 'nowhere'),
        ('--log-level loud', 'DEBUG'),
    ],
)
def test_a_wrong_argument_ends_the_start(line, why):
    with pytest.raises(InvalidROSArgs, match=why):
        parse(ros_args(line))


@pytest.mark.parametrize(
    ('text', 'why'),
    [
        ('a: 1', 'before ros__parameters'),
        ('n: {ros__parameters: 3}', 'mapping'),
        ('- 1', 'mapping of node names'),
        ('n: {ros__parameters: {x: }}', 'x: no value'),
        ('n: {ros__parameters: {x: {y: [1, a]}}}', r'x\.y: a list mixes'),
        ('n: [', 'not YAML: line 1, column 5'),
    ],
)
def test_a_wrong_file_ends_the_start(tmp_path, text, why):
    path = tmp_path / 'p.yaml'
    path.write_text(text)
    with pytest.raises(InvalidROSArgs, match=why):
        parse(['x', '--ros-args', '--params-file', str(path)])


@pytest.mark.parametrize('word', ['--enclave', '--enable-rosout-logs', '--disable-stdout-logs'])
def test_what_is_not_covered_says_so(word):
    with pytest.raises(NotImplementedError, match=word):
        parse(['x', '--ros-args', word, 'y'])
