#!/usr/bin/env python3
"""Breaks what the others say to each other, as told line by line on its input: for tests.

It stands in three topics, whose listeners are started with these remapped:

    executor   fastwam/chunk                                -> faults/chunk
    executor   hdas/feedback_arm_left                       -> faults/feedback_arm_left
    robot      motion_target/target_joint_state_arm_left    -> faults/target_joint_state_arm_left

Lines in: `ask VERB` requests what an operator requests; `take SECONDS` takes over and waves for so
long, `release` lets go before; `break WIRE KIND SECONDS AMOUNT SEED` breaks the wire chunk,
feedback or command (sim/wire.py). Lines out are JSON: the executor's state when it changes and
ten times a second, and how many messages a break met. It ends with its input.
"""

import json
import os
import select
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool

from fastwam_ros.msg import ActionChunk, ExecutorRequest, ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import joint_state
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_SIZE, SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET
from fastwam_ros.sim.person import Person, Seen
from fastwam_ros.sim.wire import Break, Wire

_SIDE = 'left'
_LOOK = 0.005  # [s] between looks at the input and at what is due
_HAND = 0.02  # [s] between a hand's positions
_TOLD = ('mode', 'next_mode', 'pending', 'epoch', 'request_id', 'request_answer', 'reason')


@dataclass(frozen=True)
class Parameters:
    """None: what is broken is told while it runs."""


@dataclass(frozen=True)
class Lane:
    """A topic that is passed on under another name. broken: what a spoilt message is."""

    kind: type
    topic: str
    onwards: str
    heard: QoSProfile
    told: QoSProfile
    broken: Any = None


def lanes() -> dict[str, Lane]:
    """The wires by name."""
    feedback, target = ARM_FEEDBACK[_SIDE], ARM_TARGET[_SIDE]
    nothing = joint_state(0, [], [float('nan')] * ARM_SIZE, [0.0] * ARM_SIZE)
    return {
        'chunk': Lane(ActionChunk, topics.CHUNK, _onwards(topics.CHUNK), qos.NEWEST, qos.NEWEST),
        'feedback': Lane(
            JointState, feedback, _onwards(feedback), qos.SENSOR, qos.SENSOR, nothing
        ),
        'command': Lane(JointState, target, _onwards(target), qos.SENSOR, qos.NEWEST),
    }


def _onwards(topic: str) -> str:
    return f'faults/{topic.rpartition("/")[2]}'


class FaultsNode(FastWamNode[Parameters]):
    """Three wires, an operator's requests and hands, and the executor's state."""

    def __init__(self) -> None:
        super().__init__('faults', Parameters)
        self._wires, self._ends = {}, {}
        for name, lane in lanes().items():
            self._wires[name] = Wire(lane.broken)
            self._ends[name] = self.create_publisher(lane.kind, lane.onwards, lane.told)
            callback = partial(self._on_message, name)
            self.create_subscription(lane.kind, lane.topic, callback, lane.heard, raw=True)
        self._requests = self.create_publisher(ExecutorRequest, topics.REQUEST, qos.REQUESTS)
        self._switch = self.create_publisher(Bool, topics.TELEOP_ACTIVE, qos.NEWEST)
        self._hands = {
            s: self.create_publisher(JointState, topics.TELEOP_ARM[s], qos.HAND) for s in SIDES
        }
        self._person: Person | None = None
        self._moved, self._mode = 0.0, ''
        self._asked = self.now() // 10**6 % 2**31
        self._told: tuple[Any, ...] = ()
        self._told_at = 0.0
        self._counts = dict.fromkeys(self._wires, 0)
        self.create_subscription(ExecutorState, topics.STATE, self._on_state, qos.LATCHED)

    def take(self, line: str) -> None:
        """Do what a line says; one that is not understood is answered."""
        words = line.split()
        try:
            if words[:1] == ['ask']:
                self._ask(*words[1:])
            elif words[:1] == ['break']:
                self._break(*words[1:])
            elif words[:1] == ['take']:
                self._take(*words[1:])
            elif words == ['release']:
                self._release()
            else:
                raise ValueError(f'{line!r} is none of ask, take, release, break')
        except (TypeError, ValueError) as error:
            _tell(wrong=str(error))

    def pass_on(self) -> None:
        """What arrived, and how many messages were hit meanwhile."""
        for name, wire in self._wires.items():
            self._pass(name)
            if wire.hit != self._counts[name]:
                self._counts[name] = wire.hit
                _tell(wire=name, hit=wire.hit)

    def wave(self) -> None:
        """What a hand does that has taken over, once it is due."""
        now = time.monotonic()
        if self._person is None or now - self._moved < _HAND:
            return
        self._moved = now
        acts = self._person.tick(now, Seen(self._mode))
        if not acts.active:
            self._release()
            return
        self._switch.publish(Bool(data=True))
        for side in SIDES:
            names = [name for name in acts.arms if name.startswith(side)]
            positions = [acts.arms[name] for name in names]
            self._hands[side].publish(joint_state(self.now(), names, positions))

    def _take(self, seconds: str) -> None:
        self._person = Person([f'takeover {seconds}'], first_id=0)
        self._switch.publish(Bool(data=False))  # whatever the one before said last

    def _release(self) -> None:
        self._person = None
        self._switch.publish(Bool(data=False))

    def _ask(self, verb: str) -> None:
        self._asked += 1
        message = ExecutorRequest(verb=verb, id=self._asked, requester='operator')
        self._requests.publish(message)
        _tell(asked=self._asked)

    def _break(self, name: str, kind: str, seconds: str, amount: str, seed: str) -> None:
        if name not in self._wires:
            raise ValueError(f'no wire {name!r}: there are {", ".join(self._wires)}')
        how = Break(kind, float(seconds), float(amount), int(seed))
        if kind == 'spoil' and lanes()[name].broken is None:
            raise ValueError(f'nothing is known that spoils a {name}')
        self._wires[name].break_down(time.monotonic(), how)

    def _on_message(self, name: str, data: bytes) -> None:
        self._wires[name].send(time.monotonic(), data)
        self._pass(name)

    def _pass(self, name: str) -> None:
        for message in self._wires[name].arrived(time.monotonic()):
            self._ends[name].publish(message)

    def _on_state(self, message: ExecutorState) -> None:
        self._mode = message.mode
        told = tuple(getattr(message, name) for name in _TOLD)
        now = time.monotonic()
        if told == self._told and now - self._told_at < 0.1:
            return
        self._told, self._told_at = told, now
        chunks = message.accepted + message.refused + message.shadowed
        _tell(tick=message.tick, chunks=chunks, **dict(zip(_TOLD, told, strict=True)))


def _tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def lines(ended: list[int]) -> Iterator[str]:
    """What came on the input by now, line by line; notes in `ended` when it closed."""
    if not select.select([sys.stdin], [], [], 0.0)[0]:
        return
    data = os.read(sys.stdin.fileno(), 1 << 16)
    if not data:
        ended.append(0)
    yield from data.decode(errors='replace').splitlines()


def run(node: FaultsNode) -> None:
    """Until the input closes, or a signal."""
    ended, loop = noted_signals(), SingleThreadedExecutor()
    loop.add_node(node)
    while not ended:
        loop.spin_once(timeout_sec=_LOOK)
        node.pass_on()
        node.wave()
        for line in lines(ended):
            node.take(line)
        node.tell_health()


def main() -> None:
    """Pass on and break until the input ends."""
    with started('faults', FaultsNode) as node:
        run(node)


if __name__ == '__main__':
    main()
