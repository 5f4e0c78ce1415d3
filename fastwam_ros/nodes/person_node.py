#!/usr/bin/env python3
"""A scripted operator as a ROS 2 node: requests, takeover and a joint stream, then it ends.

The demo and the tests use it in place of a person; it speaks the same topics as any teleop source.
While it works with its hands it reads the joints and looks at the simulator's things.
Exit status 1 when a step's state does not come.
"""

import array
import sys
import time
from dataclasses import dataclass
from functools import partial

import numpy as np
import rclpy
from geometry_msgs.msg import Transform
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool
from tf2_msgs.msg import TFMessage

from fastwam_ros.msg import ExecutorRequest, ExecutorState
from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.messages import joint_state
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_SIZE, SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, GRIPPER_FEEDBACK
from fastwam_ros.robot.units import opening
from fastwam_ros.sim.expert import Sight
from fastwam_ros.sim.person import Acts, Person, Seen
from fastwam_ros.sim.scene import Pose

_PERIOD = 0.02  # [s] of the joint stream
_SWITCH = 5  # the switch is told every so many periods


@dataclass(frozen=True)
class Parameters:
    """Of the scripted person: what it does, one thing after the other."""

    script: list[str] = parameters.required(
        "steps: engage, run, 'watch 6', 'takeover 4', 'do fold', pause, disengage"
    )


class PersonNode(FastWamNode[Parameters]):
    """Topics in and out of one scripted Person."""

    def __init__(self) -> None:
        super().__init__('person', Parameters)
        self.person = Person(self.settings.script, first_id=self.now() // 10**9 % 2**31)
        self._seen: Seen | None = None
        self._doing = self._remark = ''
        self._ticks, self._active = 0, False
        self._requests = self.create_publisher(ExecutorRequest, topics.REQUEST, qos.REQUESTS)
        self._switch = self.create_publisher(Bool, topics.TELEOP_ACTIVE, qos.NEWEST)
        self._arms = {
            s: self.create_publisher(JointState, topics.TELEOP_ARM[s], qos.HAND) for s in SIDES
        }
        self._grippers = {
            s: self.create_publisher(JointState, topics.TELEOP_GRIPPER[s], qos.HAND) for s in SIDES
        }
        self.create_subscription(ExecutorState, topics.STATE, self._on_state, qos.LATCHED)
        self._arms_read: dict[str, JointState] = {}
        self._openings_read: dict[str, float] = {}
        self._things: dict[str, Pose] = {}
        if self.person.works:
            self._look()

    def _look(self) -> None:
        """Subscribe to what hands and eyes tell."""
        self.create_subscription(TFMessage, topics.THINGS, self._on_things, qos.HAND)
        for side in SIDES:
            on_arm, on_gripper = partial(self._on_arm, side), partial(self._on_gripper, side)
            self.create_subscription(JointState, ARM_FEEDBACK[side], on_arm, qos.HAND)
            self.create_subscription(JointState, GRIPPER_FEEDBACK[side], on_gripper, qos.HAND)

    def tick(self, now: float) -> None:
        """One period at `now` [s, monotonic]."""
        acts = self.person.tick(now, self._seen, self._sight())
        if self.person.doing != self._doing:
            self._doing = self.person.doing
            self.get_logger().info(self._doing)
        if self.person.remark != self._remark:
            self._remark = self.person.remark
            self.warn(self._remark)
        if acts.request is not None:
            verb, number = acts.request
            self._requests.publish(ExecutorRequest(verb=verb, id=number, requester='person'))
        self._ticks += 1
        if acts.active != self._active or self._ticks % _SWITCH == 0:
            self._active = acts.active
            self._switch.publish(Bool(data=acts.active))
        self._hands(acts)
        self.tell_health()

    def _hands(self, acts: Acts) -> None:
        stamp = self.now()
        for side in SIDES:
            names = [name for name in acts.arms if name.startswith(side)]
            if names:
                positions = array.array('d', [acts.arms[name] for name in names])
                self._arms[side].publish(joint_state(stamp, names, positions))
            gripper = f'{side}_gripper'
            if gripper in acts.openings:
                self._grippers[side].publish(
                    joint_state(stamp, [gripper], [acts.openings[gripper]])
                )

    def _sight(self) -> Sight | None:
        if len(self._arms_read) < len(SIDES) or len(self._openings_read) < len(SIDES):
            return None
        arms = {side: np.array(self._arms_read[side].position[:ARM_SIZE]) for side in SIDES}
        speeds = [np.abs(self._arms_read[side].velocity).max() for side in SIDES]
        return Sight(arms, float(max(speeds)), dict(self._openings_read), self._things)

    def _on_arm(self, side: str, message: JointState) -> None:
        if min(len(message.position), len(message.velocity)) >= ARM_SIZE:
            self._arms_read[side] = message  # judging a wrong one is the executor's part

    def _on_gripper(self, side: str, message: JointState) -> None:
        if len(message.position):
            self._openings_read[side] = opening(message.position[0])

    def _on_things(self, message: TFMessage) -> None:
        self._things = {t.child_frame_id: _pose(t.transform) for t in message.transforms}

    def _on_state(self, message: ExecutorState) -> None:
        self._seen = Seen(
            message.mode,
            message.reason,
            message.pending,
            message.accepted + message.refused + message.shadowed,
            message.request_id,
            message.request_answer,
        )


def _pose(transform: Transform) -> Pose:
    at, turn = transform.translation, transform.rotation
    return Pose(np.array([at.x, at.y, at.z]), np.array([turn.w, turn.x, turn.y, turn.z]))


def run(node: PersonNode) -> None:
    """Work through the script, or until a signal."""
    signals, due = noted_signals(), time.monotonic()
    while not node.person.done and not signals:
        due += _PERIOD
        while (left := due - time.monotonic()) > 0.0:
            rclpy.spin_once(node, timeout_sec=left)
        node.tick(time.monotonic())


def main() -> None:
    """Run the script; what cannot be done ends it with one line."""
    with started('person', PersonNode) as node:
        run(node)
        if node.person.failed:
            sys.exit(f'person: {node.person.failed}')


if __name__ == '__main__':
    main()
