#!/usr/bin/env python3
"""The recorder as a ROS 2 node: the robot's topics and our own into one mcap file, or several.

Messages are written as they arrive, not decoded. The file says by itself at which rate and within
which limits the robot was commanded. It knows nothing of what the messages mean, but for three
things: a marker that is unknown is refused; when it is told to end it waits for the command
streams to end first; and the end says what the episode was.
"""

import gc
import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from socket import gethostname

from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

from fastwam_ros.bag.episode import END, ROLES, Hearsay
from fastwam_ros.bag.place import place
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.space import GB, NoRoomError, free, keep
from fastwam_ros.bag.tally import MB, Listed, Tally
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.added_topics import added
from fastwam_ros.nodes.console import Console
from fastwam_ros.nodes.image_parameters import ImageParameters
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started, words
from fastwam_ros.nodes.streams import Stream, streams
from fastwam_ros.robot.joints import ROBOT

_DEPTH = 400  # messages of one topic that may wait: a second or two of the fastest
_SILENT = 0.3  # [s] without commands: the arms' stream has ended
_ENDING = 2.0  # [s] from a signal to the end at the latest
_LOOK = 1.0  # [s] between looks at the disk
_CLOCK = '%Y-%m-%dT%H:%M:%S%z'


@dataclass(frozen=True)
class Parameters(ImageParameters):
    """Of the recorder: the file, what it says of itself, and how pictures come to the policy."""

    output: str = parameters.required(
        'the file, never overwritten; in a folder that is there it gets a name by its time'
    )
    split_size: float = parameters.within(
        0.0, 0.0, 1e6, 'MB', 'of one file, in a folder in the form of rosbag2; 0.0: one file'
    )
    min_free: float = parameters.within(1.0, 0.0, 1e6, 'GB', 'that are kept free on the disk')
    rate: float = parameters.within(200.0, 20.0, 1000.0, 'Hz', "the executor's rate, for the file")
    instruction: str = parameters.setting('', 'for the file; fastwam/task is recorded anyway')
    operator: str = parameters.setting('', 'for the file')
    bundle: str = parameters.setting(
        '', 'what the policy was given; every chunk names its bundle by hash'
    )
    note: str = parameters.setting('', 'for the file')
    topics: str = parameters.setting('', 'names of more topics, separated by spaces')
    commands: bool = parameters.setting(
        True, 'listen to motion_target too; in a replay every listener there counts as a robot'
    )
    status: bool = parameters.setting(
        False, 'print a line on how it goes, every second, and take markers that are typed'
    )


class RecorderNode(FastWamNode[Parameters]):
    """Topics in, one recording out."""

    def __init__(self) -> None:
        super().__init__('recorder', Parameters)
        given = self.settings
        name = time.strftime('%Y-%m-%d_%H-%M-%S')
        path = place(given.output, bool(given.split_size), name)
        keep(path, round(given.min_free * GB))
        wanted = [stream for stream in streams() if self._wanted(stream)]
        wanted += added(self, given.topics)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.bag = BagWriter(path, round(given.split_size * MB))
        self.commanded = 0.0  # [s, monotonic] when the last command came
        self._hearsay = Hearsay.live()
        self._facts(given).write(self.bag)
        for stream in wanted:
            self._listen(stream)
        listed = [Listed(stream.role, self.resolve_topic_name(stream.topic)) for stream in wanted]
        self._tally, self._looked = Tally(listed, time.monotonic()), 0.0
        self._console = Console(self) if given.status else None
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
            'ros': os.environ.get('ROS_DISTRO', ''),
            'host': gethostname(),
            'started': time.strftime(_CLOCK),
            'instruction': given.instruction,
            'operator': given.operator,
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
        callback = partial(self._on_message, channel)
        if stream.role.startswith('arm_command'):
            callback = partial(self._on_command, channel)
        elif stream.role in ROLES:
            callback = partial(self._on_word, stream.role, channel)
        self.create_subscription(stream.kind, stream.topic, callback, wanted, raw=True)

    def _on_message(self, channel: int, data: bytes) -> None:
        if now := self.now():  # there is none before the first /clock
            self.bag.write(channel, now, data)

    def _on_command(self, channel: int, data: bytes) -> None:
        self.commanded = time.monotonic()
        self._on_message(channel, data)

    def _on_word(self, role: str, channel: int, data: bytes) -> None:
        try:
            self._hearsay.take(role, data)
        except ValueError as error:
            self.warn(f'not recorded: {error}')
            return
        self._on_message(channel, data)

    def look(self) -> None:
        """Once a second, whoever calls it: is there room, and how it goes.

        Raises NoRoomError where less is free than is to be kept free.
        """
        self.tell_health(self._figures)
        now = time.monotonic()
        if self._console:
            self._console.take(now)
        if now - self._looked < _LOOK:
            return
        self._looked = now
        left = keep(self.bag.path, round(self.settings.min_free * GB))
        if self._console:
            self._console.show(self._tally.line(now, self.bag.counts, self.bag.size, left))

    def _figures(self) -> dict[str, object]:
        return {
            'file': self.bag.files[-1],
            'messages': self.bag.count,
            'MB': self.bag.size / MB,
            'GB free': free(self.bag.path) / GB,
        }

    def end(self, why: str) -> None:
        """Write what is known at the end, and end the recording. Raises OSError."""
        bag, known = self.bag, self._hearsay.end()
        bag.metadata(END, {**known, 'ended': time.strftime(_CLOCK), 'why': why})
        bag.close()
        lasts = self._tally.seconds(time.monotonic())
        told = [f'{bag.path}: {lasts:.1f} s, {bag.count:,} messages, {bag.size / MB:.1f} MB']
        told += [f'files: {len(bag.files)}'] if self.settings.split_size else []
        told += [', '.join(f'{key} {value!r}' for key, value in known.items())] if known else []
        told += [f'missing: {what}' for what in self._tally.missing(bag.counts)]
        if self._console:
            print('\n'.join(['', *told]), flush=True)
        else:
            for line in told:
                self.get_logger().info(line)


def run(node: RecorderNode) -> None:
    """Record until a signal, then until the commands cease; a second signal ends at once.

    Raises OSError, NoRoomError.
    """
    signals = noted_signals()
    loop = SingleThreadedExecutor()
    loop.add_node(node)
    gc.collect()
    gc.freeze()  # a collection makes messages wait, and their receive times with them
    while not signals:
        loop.spin_once(timeout_sec=0.1)
        node.look()
    told = time.monotonic()
    while len(signals) < 2 and time.monotonic() - told < _ENDING:
        loop.spin_once(timeout_sec=0.02)
        if time.monotonic() - max(told, node.commanded) > _SILENT:
            return


def record(node: RecorderNode) -> str:
    """Record to the end; returns why it ended before it was told to, or ''. Raises OSError."""
    why = ''
    try:
        run(node)
    except NoRoomError as error:
        why = str(error)
    node.end(why or 'told to')
    return why


def main() -> None:
    """Record until a signal, or until the disk has no more room."""
    with started('recorder', RecorderNode) as node:
        try:
            why = record(node)
        except OSError as error:
            sys.exit(f'recorder: {node.bag.path}: {words(error)}: what is written can be read')
    if why:
        sys.exit(f'recorder: {why}: ended, and what came until then is whole')


def _version() -> str:
    try:
        return version('fastwam_ros')
    except PackageNotFoundError:  # installed by colcon
        return ''


if __name__ == '__main__':
    main()
