"""A process that watches the simulated robot and streams targets; prints what it saw as JSON.

Phases: listen; send nonsense and one-shots; stream both; be silent; listen again.
"""

import array
import io
import json
import sys
import time

from rosless import stage

stage.set_up()

import rclpy  # noqa: E402  the stage had to be set first
from diagnostic_msgs.msg import DiagnosticStatus  # noqa: E402
from PIL import Image  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.qos import QoSProfile, ReliabilityPolicy  # noqa: E402
from sensor_msgs.msg import CompressedImage, JointState  # noqa: E402
from tf2_msgs.msg import TFMessage  # noqa: E402

from fastwam_ros.robot.topics import (  # noqa: E402
    ARM_FEEDBACK,
    ARM_TARGET,
    GRIPPER_FEEDBACK,
    GRIPPER_TARGET,
    IMAGES,
)
from fastwam_ros.sim.world import ARM_HOME  # noqa: E402

THERE = [a + b for a, b in zip(ARM_HOME, (0.3, 0.3, -0.3, -0.4, 0.4, 0.5), strict=True)]
SENSOR = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
COMMAND = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)


class Operator(Node):
    """Counts and keeps the newest of everything the robot publishes."""

    def __init__(self) -> None:
        super().__init__('operator')
        self.stamps: dict[str, list[int]] = {}
        self.newest: dict[str, object] = {}
        for kind, topics in ((JointState, (ARM_FEEDBACK, GRIPPER_FEEDBACK)),):
            for topic in (name for names in topics for name in names.values()):
                self.create_subscription(kind, topic, self._keep(topic), SENSOR)
        for topic in IMAGES.values():
            self.create_subscription(CompressedImage, topic, self._keep(topic), SENSOR)
        self.things: dict[str, list] = {}
        self.things_stamps: list[int] = []
        self.outcomes: list[list] = []
        self.create_subscription(TFMessage, 'sim/things', self._on_things, COMMAND)
        self.create_subscription(DiagnosticStatus, 'sim/outcome', self._on_outcome, COMMAND)
        self.arm = self.create_publisher(JointState, ARM_TARGET['left'], COMMAND)
        self.gripper = self.create_publisher(JointState, GRIPPER_TARGET['left'], COMMAND)

    def _keep(self, topic):
        def keep(message):
            stamp = message.header.stamp
            self.stamps.setdefault(topic, []).append(stamp.sec * 10**9 + stamp.nanosec)
            self.newest[topic] = message

        return keep

    def _on_things(self, message):
        for one in message.transforms:
            at, turn = one.transform.translation, one.transform.rotation
            place = [at.x, at.y, at.z, turn.w, turn.x, turn.y, turn.z]
            self.things[one.child_frame_id] = [one.header.frame_id, *place]
            stamp = one.header.stamp
        self.things_stamps.append(stamp.sec * 10**9 + stamp.nanosec)

    def _on_outcome(self, message):
        values = {pair.key: pair.value for pair in message.values}
        warns = message.level == DiagnosticStatus.WARN
        self.outcomes.append([message.name, warns, message.message, message.hardware_id, values])

    def phase(self, seconds, targets=()):
        """Spin; send the targets every 10 ms. Returns the left arm and gripper at the end."""
        end, due = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            rclpy.spin_once(self, timeout_sec=0.005)
            if targets and time.monotonic() >= due:
                due = time.monotonic() + 0.01
                for publisher, position in targets:
                    publisher.publish(JointState(position=array.array('d', position)))
        arm, gripper = self.newest[ARM_FEEDBACK['left']], self.newest[GRIPPER_FEEDBACK['left']]
        return [list(arm.position), list(gripper.position)]

    def wait(self):
        """Until every topic was heard."""
        end = time.monotonic() + 20.0
        while len(self.newest) < 7:
            if time.monotonic() > end:
                sys.exit(f'heard only {sorted(self.newest)}')
            rclpy.spin_once(self, timeout_sec=0.05)

    def picture(self, topic):
        """Format, size and frame of the newest picture."""
        message = self.newest[topic]
        with Image.open(io.BytesIO(bytes(message.data))) as image:
            return [message.format, image.format, list(image.size), message.header.frame_id]


def main() -> None:
    """Go through the phases and print."""
    rclpy.init()
    node = Operator()
    node.wait()
    seen = {'start': node.phase(0.5)}
    node.gripper.publish(JointState(position=array.array('d', [10.0])))
    nonsense = [(node.arm, [0.0] * 7), (node.arm, [float('nan')] * 6), (node.gripper, [])]
    seen['nonsense'] = node.phase(0.5, nonsense)
    seen['streamed'] = node.phase(1.5, [(node.arm, THERE), (node.gripper, [30.0])])
    seen['silent'] = node.phase(1.5)
    seen['later'] = node.phase(0.3)
    seen['stamps'] = node.stamps
    seen['names'] = {
        topic: list(node.newest[topic].name)
        for topic in (*ARM_FEEDBACK.values(), *GRIPPER_FEEDBACK.values())
    }
    seen['widths'] = {
        topic: [len(part) for part in (message.position, message.velocity, message.effort)]
        for topic, message in node.newest.items()
        if isinstance(message, JointState)
    }
    seen['pictures'] = {topic: node.picture(topic) for topic in IMAGES.values()}
    seen['things'], seen['things_stamps'] = node.things, node.things_stamps
    seen['outcomes'] = node.outcomes
    print(json.dumps(seen))


if __name__ == '__main__':
    main()
