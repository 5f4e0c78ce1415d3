#!/usr/bin/env python3
"""First contact as a ROS 2 node: listens to a robot's topics, says what is wrong, and ends.

It publishes nothing on a topic of the robot's or of ours but its health. Exit status 1 where
something will not work as it stands.
"""

import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Any

from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, JointState

from fastwam_ros.loop.contact import Content, Endpoint, Finding, Heard, Joints
from fastwam_ros.loop.contact_page import lines, sound, tree
from fastwam_ros.loop.contact_robot import PICTURE, TOPICS, judge
from fastwam_ros.loop.picture_size import picture_size
from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.messages import nanoseconds
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started

_EXECUTOR = 'executor'
_HEADER = 1000  # [bytes] of a picture that its size is looked for in, at first


@dataclass(frozen=True)
class Parameters:
    """Of first contact: how long it listens, and where it writes."""

    seconds: float = parameters.within(5.0, 1.0, 60.0, 's', 'of listening')
    json: str = parameters.setting('', "file for the findings; '': none")


class CheckNode(FastWamNode[Parameters]):
    """Ears on every topic of the robot."""

    def __init__(self) -> None:
        super().__init__('check', Parameters)
        self._came: dict[str, list[tuple[int, int, Content]]] = defaultdict(list)
        for topic, kind in TOPICS.items():
            message, heard = (
                (CompressedImage, self._on_picture)
                if kind == PICTURE
                else (JointState, self._on_joints)
            )
            self.create_subscription(message, topic, partial(heard, topic), qos.GATHERED)

    def _on_picture(self, topic: str, message: CompressedImage) -> None:
        data = message.data
        size = picture_size(bytes(data[:_HEADER])) or picture_size(bytes(data))
        self._came[topic].append((self.now(), nanoseconds(message.header.stamp), size))

    def _on_joints(self, topic: str, message: JointState) -> None:
        joints = Joints(tuple(message.position), tuple(message.velocity))
        self._came[topic].append((self.now(), nanoseconds(message.header.stamp), joints))

    def findings(self) -> list[Finding]:
        """What is to be said of everything that was heard so far."""
        executor = f'{self.get_namespace().rstrip("/")}/{_EXECUTOR}'
        return judge({topic: self._heard(topic) for topic in TOPICS}, executor)

    def _heard(self, topic: str) -> Heard:
        publishers = map(_endpoint, self.get_publishers_info_by_topic(topic))
        ends = self.get_subscriptions_info_by_topic(topic)
        own = (self.get_name(), self.get_namespace())
        others = [end for end in ends if (end.node_name, end.node_namespace) != own]
        came = self._came[topic]
        return Heard(
            topic,
            TOPICS[topic],
            tuple(publishers),
            tuple(map(_endpoint, others)),
            tuple(received for received, _, _ in came),
            tuple(stamp for _, stamp, _ in came),
            tuple(content for _, _, content in came),
        )


def _endpoint(info: Any) -> Endpoint:
    name = f'{info.node_namespace.rstrip("/")}/{info.node_name}'
    reliable = info.qos_profile.reliability == ReliabilityPolicy.RELIABLE
    latched = info.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    return Endpoint(name, info.topic_type, reliable, latched)


def listen(node: CheckNode) -> bool:
    """Hear everything for the node's seconds; False where a signal ends it before."""
    signals, loop = noted_signals(), SingleThreadedExecutor()
    loop.add_node(node)
    end = time.monotonic() + node.settings.seconds
    while not signals and (left := end - time.monotonic()) > 0.0:
        loop.spin_once(timeout_sec=left)
    return not signals


def write(path: Path, seconds: float, findings: list[Finding]) -> None:
    """The findings as JSON. Raises OSError."""
    when = time.strftime('%Y-%m-%dT%H:%M:%S%z')
    about = {'date': when, 'host': gethostname(), 'seconds': seconds}
    path.write_text(json.dumps({**about, 'findings': tree(findings)}, indent=1) + '\n')


def main() -> None:
    """Listen, tell, and end."""
    with started('check', CheckNode) as node:
        if not listen(node):
            sys.exit(130)
        findings = node.findings()
        print('\n'.join(lines(findings)))
        if node.settings.json:
            write(Path(node.settings.json), node.settings.seconds, findings)
    sys.exit(0 if sound(findings) else 1)


if __name__ == '__main__':
    main()
