#!/usr/bin/env python3
"""First contact as a ROS 2 node: listens to a robot's topics, says what is wrong, and ends.

It publishes nothing on a topic of the robot's or of ours but its health. Exit status 1 where
something will not work as it stands. With `move` it then leads the arms through small steps, as a
person's hand would, once a person has agreed at the terminal, and writes what it measured.
"""

import json
import select
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Any

import yaml
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, JointState

from fastwam_ros.loop import measured_file
from fastwam_ros.loop.contact import Content, Endpoint, Finding, Heard, Joints
from fastwam_ros.loop.contact_page import lines, sound, tree
from fastwam_ros.loop.contact_robot import PICTURE, TOPICS, judge
from fastwam_ros.loop.drill import LARGEST, Drill, Log
from fastwam_ros.loop.identification import Heard as Motion
from fastwam_ros.loop.identification import identify
from fastwam_ros.loop.keys import ARMS as ARM_CHOICES
from fastwam_ros.loop.picture_size import picture_size
from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.messages import nanoseconds
from fastwam_ros.nodes.moves import Moves
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals, unnoted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.robot.joints import ARM_SIZE, SIDES

_EXECUTOR = 'executor'
_WORD = 'move'  # that a person types
_LOOK = 0.1  # [s] between looks for a signal
_HEADER = 1000  # [bytes] of a picture that its size is looked for in, at first


@dataclass(frozen=True)
class Parameters:
    """Of first contact: how long it listens, where it writes, and whether it moves."""

    seconds: float = parameters.within(5.0, 1.0, 60.0, 's', 'of listening')
    json: str = parameters.setting('', "file for the findings; '': none")
    move: bool = parameters.setting(False, 'identify the arms afterwards; a person agrees first')
    arm: str = parameters.one_of('both', ARM_CHOICES, 'which arms')
    joints: str = parameters.setting('123456', 'which joints of them, e.g. 123')
    reach: float = parameters.within(0.15, 0.01, LARGEST, 'rad', 'half of a step')
    silence: bool = parameters.setting(True, 'disengage afterwards and listen')
    cut: bool = parameters.setting(False, 'an e-stop in the middle of a last step')
    firmware: str = parameters.setting('', 'for the file')
    output: str = parameters.setting('r1lite_measured.yaml', 'the file of what was measured')


def chosen(settings: Parameters) -> list[int]:
    """Which of the arms' joints (indices) are asked for. Raises ValueError."""
    numbers = settings.joints
    known = ''.join(str(number) for number in range(1, ARM_SIZE + 1))
    if not numbers or not set(numbers) <= set(known) or len(set(numbers)) < len(numbers):
        raise ValueError(f"parameter 'joints' is {numbers!r}: some of {known}, each once")
    sides = [k for k, side in enumerate(SIDES) if settings.arm in (side, 'both')]
    return [side * ARM_SIZE + int(number) - 1 for side in sides for number in numbers]


class CheckNode(FastWamNode[Parameters]):
    """Ears on every topic of the robot."""

    def __init__(self) -> None:
        super().__init__('check', Parameters)
        chosen(self.settings)  # a wrong choice ends it before it listens
        self._came: dict[str, list[tuple[int, int, Content]]] = defaultdict(list)
        self._ears: list[Any] = []  # subscriptions
        for topic, kind in TOPICS.items():
            message, heard = (
                (CompressedImage, self._on_picture)
                if kind == PICTURE
                else (JointState, self._on_joints)
            )
            ear = self.create_subscription(message, topic, partial(heard, topic), qos.GATHERED)
            self._ears.append(ear)

    def _on_picture(self, topic: str, message: CompressedImage) -> None:
        data = message.data
        size = picture_size(bytes(data[:_HEADER])) or picture_size(bytes(data))
        self._came[topic].append((self.now(), nanoseconds(message.header.stamp), size))

    def _on_joints(self, topic: str, message: JointState) -> None:
        joints = Joints(tuple(message.position), tuple(message.velocity))
        self._came[topic].append((self.now(), nanoseconds(message.header.stamp), joints))

    def close(self) -> None:
        """Listen no more: what comes from now on is the drill's."""
        for ear in self._ears:
            self.destroy_subscription(ear)

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
        loop.spin_once(timeout_sec=min(left, _LOOK))
        node.tell_health()
    return not signals


def write(path: Path, seconds: float, findings: list[Finding]) -> None:
    """The findings as JSON. Raises OSError."""
    about = {**_now_and_here(), 'seconds': seconds}
    path.write_text(json.dumps({**about, 'findings': tree(findings)}, indent=1) + '\n')


def move(node: CheckNode) -> tuple[Motion, Log]:
    """Lead the arms through a drill, once a person has agreed. Raises ValueError."""
    given = node.settings
    node.close()
    moves, joints, signals = Moves(node, given.cut), chosen(given), noted_signals()
    if why := moves.ready():
        raise ValueError(f'nothing is moved: {why}')
    drill = Drill(joints, given.reach, given.silence, given.cut)
    _agree(given, len(joints), signals)
    moves.run(drill, signals)
    if drill.failed:
        raise ValueError(f'stopped: {drill.failed}')
    return moves.heard, drill.log


def _agree(given: Parameters, count: int, signals: Sequence[int]) -> None:
    """Ask the person. Raises ValueError where the answer is another word, or a signal."""
    cut = ', with an e-stop in motion at the end: restart the executor then' if given.cut else ''
    print(
        f'{count} joints will move, one after another, by {given.reach:g} rad to both sides{cut}.'
        f'\nStand clear, a hand on the e-stop. Type {_WORD} to begin: ',
        end='',
        flush=True,
    )
    while not signals and not select.select([sys.stdin], [], [], _LOOK)[0]:
        pass
    if signals or sys.stdin.readline().strip() != _WORD:
        raise ValueError(f'nothing is moved: {_WORD} was not typed')


def tell(settings: Parameters, heard: Motion, log: Log) -> None:
    """Find the figures, print them and write the file. Raises OSError."""
    print('the arms are free; finding the figures takes some seconds per joint', flush=True)
    found = identify(heard, log)
    print('\n'.join(measured_file.lines(found)))
    about = {**_now_and_here(), 'firmware': settings.firmware}
    contents = yaml.safe_dump(measured_file.tree(found, about), sort_keys=False)
    Path(settings.output).write_text(contents)
    print(f'written to {settings.output}')


def _now_and_here() -> dict[str, str]:
    return {'date': time.strftime('%Y-%m-%dT%H:%M:%S%z'), 'host': gethostname()}


def main() -> None:
    """Listen, tell, move if that is asked for, and end."""
    found: tuple[Motion, Log] | None = None
    with started('check', CheckNode) as node:
        given = node.settings
        if given.move:
            Path(given.output).touch()  # what cannot be written ends it before anything moves
        if not listen(node):
            sys.exit(130)
        findings = node.findings()
        print('\n'.join(lines(findings)), flush=True)
        if given.json:
            write(Path(given.json), given.seconds, findings)
        if given.move and sound(findings):
            try:
                found = move(node)
            except ValueError as error:
                sys.exit(f'check: {error}')
    unnoted_signals()
    if found is not None:
        tell(given, *found)
    sys.exit(0 if sound(findings) else 1)


if __name__ == '__main__':
    main()
