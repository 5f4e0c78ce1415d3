"""Programs on either side of a mixed graph: a sourced ROS 2, and the stand-in beside it.

Tests in this folder run in a shell with ROS 2 sourced. The stand-in refuses to start beside a real
rclpy, so that its programs get an environment without it, and the Python that FASTWAM_STAND_IN
names: of a virtual environment with rosless.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from test.nodes import runner
from test.nodes.runner import ROOT

STAND_IN = os.environ.get('FASTWAM_STAND_IN', '')
FAST_DDS = 'rmw_fastrtps_cpp'
_OF_ROS = ('AMENT_', 'CMAKE_', 'COLCON_', 'CYCLONEDDS_', 'LD_', 'PYTHON', 'RMW_', 'ROS_')

with_ros = pytest.mark.skipif(not runner.REAL, reason='needs a sourced ROS 2')
with_both = pytest.mark.skipif(
    not (runner.REAL and STAND_IN),
    reason='needs a sourced ROS 2, and in FASTWAM_STAND_IN a Python that has rosless',
)


def installed(rmw: str) -> bool:
    """Whether the sourced ROS 2 has this middleware."""
    prefixes = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    named = 'share/ament_index/resource_index/rmw_typesupport'
    return any((Path(prefix) / named / rmw).exists() for prefix in prefixes)


with_fast_dds = pytest.mark.skipif(
    not installed(FAST_DDS), reason=f'needs a sourced ROS 2 that has {FAST_DDS}'
)

REAL_RMW = os.environ.get('RMW_IMPLEMENTATION', 'rmw_cyclonedds_cpp')
with_sros2 = pytest.mark.skipif(
    find_spec('sros2') is None, reason='needs a sourced ROS 2 that has sros2'
)

# A Trigger service, and a client that tells what it answered.
SERVER = """
import rclpy
from std_srvs.srv import Trigger
def answer(request, response):
    response.success, response.message = True, 'heard'
    return response
rclpy.init()
node = rclpy.create_node('server')
node.create_service(Trigger, 'trigger', answer)
rclpy.spin(node)
"""
CLIENT = """
import rclpy
from std_srvs.srv import Trigger
rclpy.init()
node = rclpy.create_node('client')
client = node.create_client(Trigger, 'trigger')
assert client.wait_for_service(20.0)
future = client.call_async(Trigger.Request())
rclpy.spin_until_future_complete(node, future, timeout_sec=10.0)
print(future.result().message)
"""
# Says a word once, to whoever comes later.
LATCHED = """
import time, rclpy
from std_msgs.msg import String
from fastwam_ros.nodes import qos
rclpy.init()
node = rclpy.create_node('latched')
publisher = node.create_publisher(String, 'latched', qos.LATCHED)
publisher.publish(String(data='wave'))
rclpy.spin(node)
"""


class Side:
    """One of the two: its environment, and the commands of its own tools."""

    def __init__(self, name: str, rmw: str = '') -> None:
        """rmw: the middleware of a ROS 2, if not that of the shell."""
        self.name = name
        self.stands_in = name == 'stand-in'
        self._rmw = rmw

    def environment(self) -> dict[str, str]:
        if not self.stands_in:
            return os.environ | ({'RMW_IMPLEMENTATION': self._rmw} if self._rmw else {})
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_OF_ROS)}
        paths = os.pathsep.join((str(ROOT / 'rosless'), str(ROOT)))
        return kept | {'ROS_DOMAIN_ID': os.environ['ROS_DOMAIN_ID'], 'PYTHONPATH': paths}

    def node(self, name: str) -> list[str]:
        """The command that runs one of our nodes."""
        if self.stands_in:
            return [STAND_IN, '-m', 'rosless', 'run', 'fastwam_ros', name]
        return runner.node(name)

    def program(self, text: str) -> list[str]:
        """The command that runs a program which imports rclpy."""
        if self.stands_in:
            return [STAND_IN, '-c', f'from rosless import stage; stage.set_up()\n{text}']
        return [sys.executable, '-c', text]

    def says(self, *words: str, timeout: float = 30.0) -> str:
        """What a command of its own tool prints: `ros2 topic list`, `rosless topic list`."""
        tool = [STAND_IN, '-m', 'rosless'] if self.stands_in else ['ros2']
        if not self.stands_in and words[0] in ('node', 'topic', 'service', 'param'):
            words = (*words, '--no-daemon') if words[1] not in ('echo', 'call') else words
        return self.run([*tool, *words], timeout)

    def run(self, command: list[str], timeout: float = 30.0) -> str:
        """What a command prints, errors too, but for Cyclone's word on a loopback."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )
        lines = done.stdout.splitlines(keepends=True)
        return ''.join(line for line in lines if 'multicast-capable' not in line)


def program(package: str, name: str) -> str:
    """Where a program of ROS 2 is: `ros2 run` would leave it behind when it is killed itself."""
    from ament_index_python import get_package_prefix

    return str(Path(get_package_prefix(package)) / 'lib' / package / name)


REAL_SIDE, STAND_IN_SIDE = Side('ROS 2'), Side('stand-in')
FAST_SIDE = Side('Fast DDS', FAST_DDS)
SIDES = (REAL_SIDE, STAND_IN_SIDE)
