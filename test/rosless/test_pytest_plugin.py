"""`pytest -p rosless`: a test file that imports rclpy runs where there is no ROS 2."""

import subprocess
import sys

import pytest
from running import environment

TEST = """
import rclpy
from rclpy.node import Node
from std_msgs.msg import String


def test_a_message_arrives():
    rclpy.init()
    node, came = Node('both'), []
    node.create_subscription(String, 'chatter', came.append, 10)
    publisher = node.create_publisher(String, 'chatter', 10)
    while not publisher.get_subscription_count():
        rclpy.spin_once(node, timeout_sec=0.1)
    publisher.publish(String(data='hello'))
    rclpy.spin_once(node, timeout_sec=5.0)
    assert came == [String(data='hello')]
    rclpy.shutdown()
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a test file and an rclpy in its conftest.py."""
    (tmp_path / 'test_chatter.py').write_text(TEST)
    (tmp_path / 'conftest.py').write_text('import rclpy')
    (tmp_path / 'pytest.ini').write_text('[pytest]')
    return tmp_path


def run(folder, *words, **more):
    """What a pytest in that folder did."""
    return subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', *words],
        env=environment(30, **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_test_file_may_import_rclpy(folder):
    ran = run(folder, '-p', 'rosless', '-v')
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert 'rclpy is a stand-in, not ROS 2' in ran.stdout


def test_without_the_plugin_there_is_no_rclpy(folder):
    ran = run(folder)
    assert ran.returncode != 0
    assert "No module named 'rclpy'" in ran.stdout + ran.stderr


def test_beside_a_real_rclpy_it_refuses(folder):
    real = folder / 'real' / 'rclpy'
    real.mkdir(parents=True)
    (real / '__init__.py').write_text('')
    ran = run(folder, '-p', 'rosless', PYTHONPATH=str(real.parent))
    assert ran.returncode != 0
    assert 'a real rclpy is here' in ran.stderr
    assert 'passed' not in ran.stdout
