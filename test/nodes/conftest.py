"""Real nodes in processes of their own, and a probe on the wire that sees what they say."""

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from test.nodes import runner
from test.nodes.runner import ROOT

# Two runs on a machine need two, and so do two workers of one.
_WORKER = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
DOMAIN = str(int(os.environ.get('FASTWAM_TEST_DOMAIN', '90')) + _WORKER)
os.environ['ROS_DOMAIN_ID'] = DOMAIN

import rclpy  # noqa: E402  the runner had to set the stage first
from fastwam_ros.msg import ActionChunk, ExecutorRequest, ExecutorState  # noqa: E402
from rclpy.node import Node  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402
from std_msgs.msg import Bool  # noqa: E402

from fastwam_ros.nodes import qos  # noqa: E402
from fastwam_ros.nodes.messages import joint_state  # noqa: E402
from fastwam_ros.robot import topics  # noqa: E402
from fastwam_ros.robot.joints import SIDES  # noqa: E402
from fastwam_ros.robot.topics import (  # noqa: E402
    ARM_FEEDBACK,
    GRIPPER_FEEDBACK,
)

# What the stand-in's own launch reads; test/ros has the same files under ROS 2's.
collect_ignore = ['test_launch_files.py', 'test_sim_launch.py'] if runner.REAL else []


class Processes:
    """Nodes started by a test, by name; what they print goes to files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: dict[str, subprocess.Popen] = {}

    def start(
        self, name: str, *params: str, label: str = '', apart: bool = False, side=runner
    ) -> None:
        """Start a node with `name:=value` parameters or files of them; label: if not its name.

        apart: in a namespace of its own. side: who runs it, if not who runs all of them.
        """
        command = [*side.node(name), '--ros-args']
        if apart:  # two of one name do not run side by side
            command += ['-r', '__ns:=/apart']
        for param in params:
            command += ['-p', param] if ':=' in param else ['--params-file', param]
        self.begin(label or name, command, side.environment())

    def begin(self, label: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Start any command."""
        assert label not in self.running, 'its first process would never be ended'
        with self.log(label).open('w') as log:
            self.running[label] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )

    def log(self, name: str) -> Path:
        return self._folder / f'{name}.log'

    def said(self, name: str) -> str:
        return self.log(name).read_text()

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """End a node with a signal; its exit status."""
        process = self.running.pop(name)
        process.send_signal(number)
        return process.wait(20)

    def wait(self, name: str, timeout: float = 60.0) -> int:
        """Exit status of a node that ends by itself."""
        return self.running.pop(name).wait(timeout)

    def end(self) -> None:
        for name in list(self.running):
            self.kill(name)


class Probe(Node):
    """Hears what a test asks for (with receive times); plays robot, cameras, policy, person."""

    def __init__(self, namespace: str = '') -> None:
        super().__init__('probe', namespace=namespace)
        self.heard: dict[str, list] = defaultdict(list)
        self.hear(ActionChunk, topics.CHUNK, qos.REQUESTS)
        self.hear(ExecutorState, topics.STATE, qos.LATCHED)
        self._request = self.create_publisher(ExecutorRequest, topics.REQUEST, qos.REQUESTS)
        self.chunks = self.create_publisher(ActionChunk, topics.CHUNK, qos.NEWEST)
        self.active = self.create_publisher(Bool, topics.TELEOP_ACTIVE, qos.NEWEST)
        self._deadman = self.create_publisher(Bool, topics.DEADMAN, qos.NEWEST)
        self._speaking: dict[str, object] = {}
        self._requests = int(time.time()) % 2**31

    def hear(self, kind: type, topic: str, profile: object) -> None:
        """Keep what comes on a topic from now on."""

        def keep(message: object) -> None:
            self.heard[topic].append((time.monotonic(), message))

        self.create_subscription(kind, topic, keep, profile)

    def speak(self, kind: type, topic: str):
        """A publisher made once."""
        if topic not in self._speaking:
            self._speaking[topic] = self.create_publisher(kind, topic, qos.SENSOR)
        return self._speaking[topic]

    def now(self) -> int:
        return self.get_clock().now().nanoseconds

    def feedback(
        self, arm=(0.0, 1.2, -1.55, 0.9, 0.0, 0.0), grip=(60.0,), speed=None, under=''
    ) -> None:
        """One reading of both arms and grippers; under: a namespace and its slash."""
        self.feedback_of(dict.fromkeys(SIDES, arm), grip, speed, under)

    def feedback_of(self, arms, grip=(60.0,), speed=None, under='') -> None:
        """The same of arms that are not in one pose."""
        for side in SIDES:
            arm = arms[side]
            speeds = [0.0] * len(arm) if speed is None else speed
            message = joint_state(self.now(), [f'{side}_arm'], list(arm), speeds)
            self.speak(JointState, under + ARM_FEEDBACK[side]).publish(message)
            message = joint_state(self.now(), [f'{side}_gripper'], list(grip))
            self.speak(JointState, under + GRIPPER_FEEDBACK[side]).publish(message)

    def ask(self, verb: str) -> int:
        """Send a request; its id."""
        self._requests += 1
        self._request.publish(ExecutorRequest(verb=verb, id=self._requests, requester='probe'))
        return self._requests

    def hold_deadman(self) -> None:
        """Somebody stands there and holds it, once."""
        self._deadman.publish(Bool(data=True))

    @property
    def state(self) -> ExecutorState | None:
        states = self.heard[topics.STATE]
        return states[-1][1] if states else None

    @property
    def mode(self) -> str:
        return self.state.mode if self.state is not None else ''

    def until(self, wanted: Callable[[], object], timeout: float = 30.0, meanwhile=None) -> bool:
        """Listen until `wanted()` holds; False on time-out. `meanwhile()` is called at 100 Hz."""
        end, due = time.monotonic() + timeout, 0.0
        while time.monotonic() < end:
            if meanwhile is not None and time.monotonic() >= due:
                meanwhile()
                due = time.monotonic() + 0.01
            rclpy.spin_once(self, timeout_sec=0.005)
            if wanted():
                return True
        return False

    def listen(self, seconds: float, meanwhile=None) -> None:
        self.until(lambda: False, seconds, meanwhile)

    def answer(self, verb: str, meanwhile=None) -> str:
        """Send a request and return the executor's answer to it.

        Sent again where nothing comes: an executor that begins may not be matched yet.
        """
        sent = []
        for _ in range(4):
            sent.append(self.ask(verb))
            if self.until(
                lambda: self.state is not None and self.state.request_id in sent, 5.0, meanwhile
            ):
                return self.state.request_answer
        raise AssertionError(f'no answer to {verb}')

    def engage(self, meanwhile=None) -> None:
        """Ask until the executor engages: one that begins may not have heard its robot yet."""
        end = time.monotonic() + 20.0
        while (said := self.answer('engage', meanwhile)) != 'ok':
            assert time.monotonic() < end, said
            self.listen(0.1, meanwhile)

    def forget(self) -> None:
        """What was heard, and what waits to be: a dead node's last words among it."""
        self.listen(0.2)
        for heard in self.heard.values():
            heard.clear()


@pytest.fixture(scope='module')
def probe():
    rclpy.init(args=[])
    node = Probe()
    yield node
    node.destroy_node()
    rclpy.shutdown()


@pytest.fixture(scope='module')
def processes(tmp_path_factory):
    started = Processes(tmp_path_factory.mktemp('nodes'))
    yield started
    started.end()
