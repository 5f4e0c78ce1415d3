"""Keys that are made as docs/security.md says, and what whoever has none, or others, can do."""

import os
import subprocess
import sys

import pytest

from test.nodes import runner
from test.nodes.conftest import ROOT
from test.ros.sides import FAST_DDS, REAL_RMW, installed, with_ros, with_sros2

pytestmark = [with_ros, with_sros2, pytest.mark.alone]

FOLDER = ROOT / 'config' / 'security'
ENCLAVES = ('executor', 'policy', 'teleop')
# Asks the executor to engage, again and again, and plays the robot; says what came of it.
ASKS = """
import sys, time, rclpy
from sensor_msgs.msg import JointState
from fastwam_ros.msg import ExecutorRequest, ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import joint_state
from fastwam_ros.robot import topics
name, number, plays = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'plays'
enclave = ['--ros-args', '--enclave', f'/fastwam_ros/{name}'] if name != 'nobody' else []
rclpy.init(args=['asks', *enclave])
node = rclpy.create_node(name)
states, commands = [], []
node.create_subscription(ExecutorState, topics.STATE, states.append, qos.LATCHED)
if plays:
    arms = [node.create_publisher(JointState, topics.ARM_FEEDBACK[s], qos.SENSOR)
            for s in ('left', 'right')]
    grips = [node.create_publisher(JointState, topics.GRIPPER_FEEDBACK[s], qos.SENSOR)
             for s in ('left', 'right')]
    node.create_subscription(JointState, topics.ARM_TARGET['left'], commands.append, qos.NEWEST)
publisher = node.create_publisher(ExecutorRequest, topics.REQUEST, qos.REQUESTS)
def answers():
    return [s.request_answer for s in states if s.request_id == number]
end = time.monotonic() + float(sys.argv[4])
while time.monotonic() < end and not answers():
    publisher.publish(ExecutorRequest(verb='engage', id=number, requester='test'))
    again = time.monotonic() + 1.0
    while time.monotonic() < again:
        for arm in arms if plays else ():
            arm.publish(joint_state(node.get_clock().now().nanoseconds, ['arm'],
                                    [0.0, 1.2, -1.55, 0.9, 0.0, 0.0], [0.0] * 6))
        for grip in grips if plays else ():
            grip.publish(joint_state(node.get_clock().now().nanoseconds, ['grip'], [60.0]))
        rclpy.spin_once(node, timeout_sec=0.005)
print('states', len(states), 'answers', answers()[:1], 'commands', bool(commands))
"""


class Keys:
    """A keystore, and the environment of who has it, on one middleware."""

    def __init__(self, folder, rmw: str) -> None:
        self.folder, self.rmw = folder, rmw

    def environment(self, secured: bool = True) -> dict[str, str]:
        plain = {k: v for k, v in os.environ.items() if not k.startswith('ROS_SECURITY')}
        plain['RMW_IMPLEMENTATION'] = self.rmw
        if not secured:
            return plain
        return plain | {
            'ROS_SECURITY_KEYSTORE': str(self.folder),
            'ROS_SECURITY_ENABLE': 'true',
            'ROS_SECURITY_STRATEGY': 'Enforce',
        }

    def asks(self, name: str, number: int, plays: bool = False, seconds: float = 15.0) -> str:
        """What the program above says in the name of an enclave, or of nobody."""
        words = [name, str(number), 'plays' if plays else 'asks', str(seconds)]
        done = subprocess.run(
            [sys.executable, '-c', ASKS, *words],
            env=self.environment(name != 'nobody'),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
        )
        return done.stdout.strip() or done.stderr


def said(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope='module')
def keystore(tmp_path_factory):
    """As the page says, word for word."""
    folder = tmp_path_factory.mktemp('keys') / 'keys'
    said('ros2', 'security', 'create_keystore', str(folder))
    for node in ENCLAVES:
        said('ros2', 'security', 'create_enclave', str(folder), f'/fastwam_ros/{node}')
        enclave = (str(folder), f'/fastwam_ros/{node}', str(FOLDER / 'policy.xml'))
        said('ros2', 'security', 'create_permission', *enclave)
    return folder


@pytest.fixture(params=[REAL_RMW, FAST_DDS])
def keys(request, keystore, processes):
    """An executor with keys."""
    if not installed(request.param):
        pytest.skip(f'this ROS 2 has no {request.param}')
    yield Keys(keystore, request.param)
    processes.end()


def begin(keys, processes) -> None:
    words = [*runner.node('executor'), '--ros-args', '--enclave', '/fastwam_ros/executor']
    more = ['-p', 'dry_run:=false', '-p', 'require_deadman:=false']
    processes.begin('executor', [*words, *more], keys.environment())


def test_who_has_teleop_s_keys_is_answered_and_who_has_none_hears_and_does_nothing(
    keys, processes
):
    begin(keys, processes)
    assert "answers ['engage is refused: no feedback yet']" in keys.asks('teleop', 11)
    assert keys.asks('nobody', 12) == 'states 0 answers [] commands False'
    assert "answers ['engage is refused: no feedback yet']" in keys.asks('teleop', 13)


def test_keys_are_for_what_their_node_says_and_for_nothing_else(keys, processes):
    """A policy has no business with requests."""
    begin(keys, processes)
    assert "answers ['engage is refused: no feedback yet']" in keys.asks('teleop', 21)
    refused = keys.asks('policy', 22)
    assert 'answers' not in refused and 'rt/fastwam/executor/request' in refused
    assert "answers ['engage is refused: no feedback yet']" in keys.asks('teleop', 23)


def test_a_robot_without_keys_is_heard_and_commanded_and_may_ask_nothing(
    keys, keystore, processes, tmp_path
):
    """With the governance of docs/security.md in the place of the keystore's own."""
    own = keystore / 'enclaves' / 'governance.p7s'
    kept = own.read_bytes()
    text = (FOLDER / 'governance.xml').read_text()
    file = tmp_path / 'governance.xml'
    file.write_text(text.replace('<id>0<', f'<id>{os.environ["ROS_DOMAIN_ID"]}<'))
    signer = ('-signer', str(keystore / 'public' / 'permissions_ca.cert.pem'))
    key = ('-inkey', str(keystore / 'private' / 'permissions_ca.key.pem'))
    said('openssl', 'smime', '-sign', '-text', '-in', str(file), '-out', str(own), *signer, *key)
    try:
        begin(keys, processes)
        robot = subprocess.Popen(
            [sys.executable, '-c', ASKS, 'nobody', '31', 'plays', '40'],
            env=keys.environment(secured=False),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        asked = keys.asks('teleop', 32, seconds=30.0)
        heard, _ = robot.communicate(timeout=90)
    finally:
        own.write_bytes(kept)
    assert "answers ['ok']" in asked, asked
    assert heard.strip() == 'states 0 answers [] commands True'
