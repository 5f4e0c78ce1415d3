#!/usr/bin/env python3
"""The recorder as a ROS 2 node: the robot's topics and our own into one mcap file.

Messages are written as they arrive, not decoded. The file says by itself at which rate and within
which limits the robot was commanded. It knows nothing of what the messages mean, but for one
thing: when it is told to end it waits for the command streams to end first.
"""

import gc
import sys
import time
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.image_parameters import ImageParameters
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started, words
from fastwam_ros.nodes.streams import Stream, streams
from fastwam_ros.robot.joints import ROBOT

_DEPTH = 400  # messages of one topic that may wait: a second or two of the fastest
_SILENT = 0.3  # [s] without commands: the arms' stream has ended
_ENDING = 2.0  # [s] from a signal to the end at the latest


@dataclass(frozen=True)
class Parameters(ImageParameters):
    """Of the recorder: the file, what it says of itself, and how pictures come to the policy."""

    output: str = parameters.required('the file, which is never overwritten')
    rate: float = parameters.within(200.0, 20.0, 1000.0, 'Hz', "the executor's rate, for the file")
    bundle: str = parameters.setting(
        '', 'what the policy was given; every chunk names its bundle by hash'
    )
    note: str = parameters.setting('', 'for the file')
    commands: bool = parameters.setting(
        True, 'listen to motion_target too; in a replay every listener there counts as a robot'
    )


class RecorderNode(FastWamNode[Parameters]):
    """Topics in, one file out."""

    def __init__(self) -> None:
        super().__init__('recorder', Parameters)
        given = self.settings
        path = Path(given.output)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.bag = BagWriter(path)
        self.commanded = 0.0  # [s, monotonic] when the last command came
        self._facts(given).write(self.bag)
        for stream in streams():
            if self._wanted(stream):
                self._listen(stream)
        self.get_logger().info(f'records to {path}')

    def _wanted(self, stream: Stream) -> bool:
        """Pictures as the policy hears them, and commands unless they are not to be heard."""
        if stream.is_image:
            return stream.role in {topic.role for topic in self.settings.image_topics()}
        return self.settings.commands or not stream.moves

    def _facts(self, given: Parameters) -> Facts:
        names = {stream.role: self.resolve_topic_name(stream.topic) for stream in streams()}
        others = {
            'namespace': self.get_namespace(),
            'version': _version(),
            'bundle': given.bundle,
            'note': given.note,
        }
        return Facts(ROBOT, given.rate, robot_bounds(), names, others)

    def _listen(self, stream: Stream) -> None:
        offered = stream.offered
        reliable = offered.reliability == ReliabilityPolicy.RELIABLE
        latched = offered.durability == DurabilityPolicy.TRANSIENT_LOCAL
        package = stream.kind.__module__.split('.')[0]
        channel = self.bag.channel(
            self.resolve_topic_name(stream.topic),
            f'{package}/msg/{stream.kind.__name__}',
            quality(reliable, latched, offered.depth),
        )
        wanted = QoSProfile(
            reliability=offered.reliability,
            durability=offered.durability,
            history=HistoryPolicy.KEEP_LAST,
            depth=qos.PIXELS.depth if stream.kind is Image else _DEPTH,
        )
        is_command = stream.role.startswith('arm_command')
        callback = partial(self._on_command if is_command else self._on_message, channel)
        self.create_subscription(stream.kind, stream.topic, callback, wanted, raw=True)

    def _on_message(self, channel: int, data: bytes) -> None:
        if now := self.now():  # there is none before the first /clock
            self.bag.write(channel, now, data)

    def _on_command(self, channel: int, data: bytes) -> None:
        self.commanded = time.monotonic()
        self._on_message(channel, data)


def run(node: RecorderNode) -> None:
    """Record until a signal, then until the commands cease; a second signal ends at once."""
    signals = noted_signals()
    loop = SingleThreadedExecutor()
    loop.add_node(node)
    gc.collect()
    gc.freeze()  # a collection makes messages wait, and their receive times with them
    while not signals:
        loop.spin_once(timeout_sec=0.1)
        node.tell_health()
    told = time.monotonic()
    while len(signals) < 2 and time.monotonic() - told < _ENDING:
        loop.spin_once(timeout_sec=0.02)
        if time.monotonic() - max(told, node.commanded) > _SILENT:
            return


def main() -> None:
    """Record until a signal, or until the file takes no more."""
    with started('recorder', RecorderNode) as node:
        try:
            run(node)
            node.bag.close()
        except OSError as error:
            sys.exit(f'recorder: {node.bag.path}: {words(error)}: what is written can be read')


def _version() -> str:
    try:
        return version('fastwam_ros')
    except PackageNotFoundError:  # installed by colcon
        return ''


if __name__ == '__main__':
    main()
