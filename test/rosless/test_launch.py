"""`rosless launch` from the file to the last process, with a node of its own."""

import os
import signal
import subprocess
import sys
import time

import pytest
from running import environment

NODE = """
import os
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node


def main():
    print('mood:', os.environ.get('MOOD'), os.environ.get('LEFT'))
    rclpy.init()
    node = Node('unnamed')
    node.declare_parameter('rate', 1.0)
    node.get_logger().info(f"{node.get_parameter('rate').value} as {node.get_namespace()}")
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException) as reason:
        print('ends by', type(reason).__name__)
    node.destroy_node()
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
"""
LAUNCH = """
launch:
- arg: {name: rate, default: '2.0'}
- set_env: {name: MOOD, value: calm}
- unset_env: {name: LEFT}
- group:
  - push_ros_namespace: {namespace: left}
  - node: {pkg: tiny_pkg, exec: wait, name: first, env: [{name: MOOD, value: glad}]}
- node:
    pkg: tiny_pkg
    exec: wait
    name: second
    param: [{name: rate, value: $(var rate)}]
"""


@pytest.fixture
def package(tmp_path):
    """A package with one node and a launch file."""
    nodes = tmp_path / 'tiny_pkg' / 'nodes'
    nodes.mkdir(parents=True)
    for folder in (nodes.parent, nodes):
        (folder / '__init__.py').write_text('')
    (nodes / 'wait_node.py').write_text(NODE)
    (tmp_path / 'package.xml').write_text('<package><name>tiny_pkg</name></package>')
    (tmp_path / 'x.launch.yaml').write_text(LAUNCH)
    return tmp_path


def launch(package, *words):
    """A running `rosless launch`, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, '-m', 'rosless', 'launch', 'x.launch.yaml', *words],
        env=environment(59, PYTHONPATH=str(package), LEFT='over'),
        cwd=package,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def left_over(package):
    """Processes that run in the package's folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.readlink(f'/proc/{pid}/cwd') == str(package):
                found.append(int(pid))
        except OSError:
            continue
    return found


def test_nodes_run_until_ctrl_c(package):
    process = launch(package, 'rate:=7.5')
    said = ''
    while said.count(' as /') < 2:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        said += line
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    said += rest
    assert process.returncode == 0, said
    assert '[wait-1] [INFO]' in said and '[left.first]: 1.0 as /left' in said
    assert '[second]: 7.5 as /' in said
    assert '[wait-1] mood: glad None' in said and '[wait-2] mood: calm None' in said
    assert said.count('ends by KeyboardInterrupt') == 2
    assert errors.count('\n') == 1, 'one banner for all'
    assert left_over(package) == []


@pytest.mark.parametrize('delay', [0.05, 0.3, 0.45, 0.6, 0.8])
def test_ctrl_c_at_any_moment_leaves_nothing(package, delay):
    process = launch(package)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGINT) or not said, said + errors
    assert 'Traceback' not in said
    assert left_over(package) == []


def test_a_node_that_fails_decides_the_exit_code(package):
    process = launch(package, 'rate:=7')
    said = ''
    while 'ended' not in said or ' as /left' not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    process.send_signal(signal.SIGTERM)
    said += process.communicate(timeout=30)[0]
    assert '[wait-2] ended with exit code 1' in said
    assert process.returncode == 1
    assert '[wait-1] ended with exit code 0' in said
