#!/usr/bin/env python3
"""A recorded run on the robot's topics again, with the time of then on /clock.

The robot's cameras and feedback and what people said are told again, with their own stamps at
their own times; what our programs made of them is left to the programs that listen. It moves no
robot and plays beside none: commands are never told, and it starts only where nobody listens to
motion_target, nobody drives, and nobody else is the robot. Ends by itself with the recording.
"""

import sys
import time
from dataclasses import dataclass

from rclpy.executors import SingleThreadedExecutor
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from fastwam_ros.bag.playback import Pace, Playback, Step
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.messages import time_message
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.nodes.streams import Stream, streams
from fastwam_ros.robot.roles import RECORDED, is_sensor

_CLOCK = '/clock'
_DISCOVERY = 1.0  # [s] until the graph is known
_MATCHED = 0.5  # [s] from when listeners are known here until they know of us
_LOOK = 0.1  # [s] between looks at who is there, before it starts, and for a signal
_GUARD = 200  # steps between looks while it plays: once a second
_FLUSH = 0.5  # [s] in which the last messages still reach who asks for them again


@dataclass(frozen=True)
class Parameters:
    """Of the player: which part of a recording, and how fast."""

    bag: str = parameters.required('the recording')
    rate: float = parameters.within(1.0, 0.01, 100.0, '', 'its seconds per second')
    start: float = parameters.within(0.0, 0.0, 1e6, 's', 'where in it the part begins')
    duration: float = parameters.within(0.0, 0.0, 1e6, 's', 'of the part; 0.0: to the end')
    wait_for: str = parameters.setting(
        '', "names of nodes that must listen before it starts, by spaces; '': any one"
    )
    namespace: str = parameters.setting(
        '', "of the robot in a recording of several, '/' for none; '': the only one"
    )
    patience: float = parameters.within(60.0, 0.0, 1e6, 's', 'to wait for them')


class NotPlayedError(ValueError):
    """Why nothing is played, or no more."""


class PlayerNode(FastWamNode[Parameters]):
    """One Playback on topics."""

    def __init__(self) -> None:
        super().__init__('player', Parameters)
        self.bag = Bag(self.settings.bag)
        duration = self.settings.duration or float('inf')
        self.playback = Playback(self.bag, self.settings.start, duration, self.settings.namespace)
        self.pace = Pace(self.settings.rate, self.playback.begin)
        for problem in filter(None, (self.bag.problem, *self.playback.odd)):
            self.get_logger().warning(problem)
        table = {stream.role: stream for stream in streams()}
        self._time = self.create_publisher(Clock, _CLOCK, qos.NEWEST)
        self._told = {r: self._teller(table[r]) for r in self.playback.roles if r in table}
        known = self.playback.roles | self.playback.shown
        if unknown := known - table.keys():
            self.get_logger().warning(f'no node knows {", ".join(sorted(unknown))}: left out')
        self._sensors = [p for role, p in self._told.items() if is_sensor(role)]
        for role in self.playback.shown & table.keys():
            self._told[role] = self._shower(table[role])
        self._task = self._told.get('task') or self._teller(table['task'])
        self._commanded = [self.resolve_topic_name(s.topic) for s in table.values() if s.moves]

    def _teller(self, stream: Stream) -> Publisher:
        offered: QoSProfile = qos.LOSSLESS if is_sensor(stream.role) else stream.offered
        return self.create_publisher(stream.kind, stream.topic, offered)

    def _shower(self, stream: Stream) -> Publisher:
        """For what was decided then: beside what is decided now, and obeyed by nobody."""
        topic = f'{RECORDED}/{stream.topic.lstrip("/")}'
        return self.create_publisher(stream.kind, topic, stream.offered)

    def tell_time(self, now: int) -> None:
        """On /clock, in ns."""
        self._time.publish(Clock(clock=time_message(now)))

    def tell_task(self) -> None:
        """The instruction that the run had when the part begins."""
        if task := self.playback.task():
            self._task.publish(String(data=task))

    def tell(self, step: Step) -> None:
        """The time, then what was received up to it."""
        self.tell_time(step.now)
        for role, data in step.messages:
            if role in self._told:
                self._told[role].publish(data)

    def look_around(self) -> None:
        """Raises NotPlayedError where a robot listens, somebody drives, or another robot tells."""
        for topic in self._commanded:
            for end in self.get_subscriptions_info_by_topic(topic):
                raise NotPlayedError(f'{end.node_name} listens to {topic}: a robot may be there')
            for end in self.get_publishers_info_by_topic(topic):
                raise NotPlayedError(
                    f'{end.node_name} commands {topic}: nothing is played beside it'
                )
        for publisher in (self._time, *self._sensors):
            topic = publisher.topic_name
            names = [end.node_name for end in self.get_publishers_info_by_topic(topic)]
            if self.get_name() in names:
                names.remove(self.get_name())
            if names:
                raise NotPlayedError(f'{names[0]} tells {topic} already: stop it first')

    def missing(self) -> set[str]:
        """Who does not listen to the robot's streams yet, of those that are waited for."""
        ends = [
            e for p in self._sensors for e in self.get_subscriptions_info_by_topic(p.topic_name)
        ]
        there = {end.node_name for end in ends}
        wanted = set(self.settings.wait_for.split())
        return wanted - there if wanted else set() if there else {'anybody'}


def wait(node: PlayerNode, loop: SingleThreadedExecutor, signals: list[int]) -> None:
    """Until everybody listens; the clock stands meanwhile. Raises NotPlayedError."""
    begun = heard = time.monotonic()
    while not signals:
        loop.spin_once(timeout_sec=_LOOK)
        now = time.monotonic()
        if now - begun < _DISCOVERY:
            heard = now
            continue
        node.look_around()
        node.tell_time(node.playback.begin)
        node.tell_health()
        if missing := node.missing():
            heard = now
            if now - begun > node.settings.patience:
                names = ', '.join(sorted(missing))
                raise NotPlayedError(
                    f'waited {now - begun:.0f} s for {names} to listen: not started?'
                )
        if now - heard > _MATCHED:
            return


def play(node: PlayerNode, loop: SingleThreadedExecutor, signals: list[int]) -> None:
    """Tell every step when it is due. Raises NotPlayedError when a robot comes in between."""
    node.tell_task()
    step: Step | None = None
    for count, step in enumerate(node.playback.steps()):
        while not signals and (left := node.pace.left(time.monotonic_ns(), step.now)) > 0:
            loop.spin_once(timeout_sec=min(left / 1e9, _LOOK))
        if signals:
            return
        if count % _GUARD == 0:
            node.look_around()
        node.tell(step)
        node.tell_health()
    seconds = (step.now - node.playback.begin) / 1e9 if step is not None else 0.0
    node.get_logger().info(f'played {seconds:.1f} s of {node.bag.path.name}: done')
    loop.spin_once(timeout_sec=_FLUSH)


def main() -> None:
    """Play to the end, or until a signal."""
    with started('player', PlayerNode) as node:
        signals, loop = noted_signals(), SingleThreadedExecutor()
        loop.add_node(node)
        try:
            wait(node, loop, signals)
            play(node, loop, signals)
        except (NotPlayedError, BagError) as error:
            sys.exit(f'player: {error}')


if __name__ == '__main__':
    main()
