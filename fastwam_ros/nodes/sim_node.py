#!/usr/bin/env python3
"""The simulated R1 Lite as a ROS 2 node: the robot's own topics, at the robot's rates.

Callbacks hand targets to the simulator; one loop steps it, and publishes readings and whatever
pictures the camera thread has finished. Names in feedback are placeholders, as on the robot. What
no robot knows is told apart under sim/: where things are, and how the scene's task stands.
"""

import array
import gc
import time
from dataclasses import dataclass
from functools import partial

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import CompressedImage, JointState
from tf2_msgs.msg import TFMessage

from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.messages import joint_state, nanoseconds, time_message
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.nodes.ticker import Ticker
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_REST, GRIPPER_OPENING, SIDES, arm_joints
from fastwam_ros.robot.kinematics import BASE
from fastwam_ros.robot.measured import measured_latencies, measured_tracker
from fastwam_ros.robot.topics import (
    ARM_FEEDBACK,
    ARM_TARGET,
    GRIPPER_FEEDBACK,
    GRIPPER_TARGET,
    IMAGE_FRAMES,
    IMAGES,
    JOINT_STATES,
)
from fastwam_ros.robot.tracker import TRACKERS
from fastwam_ros.robot.units import finger
from fastwam_ros.sim.cameras import CameraThread, Jpeg
from fastwam_ros.sim.model import TORSO_POSTURE
from fastwam_ros.sim.scene import Outcome, Pose
from fastwam_ros.sim.scenes import SCENES, scene_named
from fastwam_ros.sim.sensors import ArmReading, GripperReading
from fastwam_ros.sim.simulator import CAMERA_RATE, FASTEST_CAMERA, Feedback, Simulator
from fastwam_ros.sim.world import ARM_HOME, STEP_NS

_STARTS = {'home': ARM_HOME, 'rest': ARM_REST}
_MODEL_PERIOD = 20_000_000  # [ns] between two tellings of all joints; the robot's are 2 ms apart
_LOOK = 100_000_000  # [ns] from one look at the things to the next
_REPEAT = 500_000_000  # [ns] after which an outcome that stays the same is told again
_TARGETS = 2 * len(SIDES)  # that come in a step
_BEHIND = 100_000_000  # [ns] a process held up for longer lets the world stand still instead


@dataclass(frozen=True)
class Parameters:
    """Of the simulator: what stands there, and how."""

    scene: str = parameters.one_of('blocks', SCENES, 'what lies on the table')
    seed: int = parameters.within(0, 0, 2**63 - 1, '', 'of scene and sensors')
    tracker: str = parameters.one_of('fast', TRACKERS, "which of the vendor's trackers follows")
    measured: str = parameters.setting(
        '', "file of a unit's own figures, of its tracker and its cameras; '': none"
    )
    start: str = parameters.one_of('home', _STARTS, 'home, or rest: folded, as the robot boots')
    opening: float = parameters.within(
        0.06, 0.0, GRIPPER_OPENING, 'm', 'of both grippers at the start'
    )
    camera_rate: float = parameters.within(
        CAMERA_RATE, 0.1, FASTEST_CAMERA, 'Hz', 'pictures per second of each camera'
    )


def simulator(settings: Parameters, now: int) -> Simulator:
    """The simulator that the parameters ask for."""
    vendor = TRACKERS[settings.tracker]
    tracker = measured_tracker(settings.measured, vendor) if settings.measured else vendor
    return Simulator(
        settings.seed,
        now,
        tracker,
        _STARTS[settings.start],
        settings.opening,
        scene_named(settings.scene),
        settings.camera_rate,
        measured_latencies(settings.measured) if settings.measured else None,
    )


class SimNode(FastWamNode[Parameters]):
    """Topics in and out of one Simulator and its cameras."""

    def __init__(self) -> None:
        super().__init__('sim', Parameters)
        settings = self.settings
        self.sim = simulator(settings, self.now())
        self.cameras = CameraThread(self.sim.world.model)
        feedback = partial(self.create_publisher, JointState, qos_profile=qos.SENSOR)
        self._arms = {side: feedback(topic=ARM_FEEDBACK[side]) for side in SIDES}
        self._grippers = {side: feedback(topic=GRIPPER_FEEDBACK[side]) for side in SIDES}
        self._images = {
            camera: self.create_publisher(CompressedImage, topic, qos.SENSOR)
            for camera, topic in IMAGES.items()
        }
        self._model = self.create_publisher(JointState, JOINT_STATES, qos.SENSOR)
        self._things = self.create_publisher(TFMessage, topics.THINGS, qos.NEWEST)
        self._outcome = self.create_publisher(DiagnosticStatus, topics.OUTCOME, qos.LATCHED)
        self._looked = self._told_at = 0
        self._told: Outcome | None = None
        self._listen()
        self.get_logger().info(
            f'simulated R1 Lite, scene {settings.scene}, seed {settings.seed}, '
            f'{settings.tracker} tracker, arms at {settings.start}'
        )

    def _listen(self) -> None:
        # The robot's subscribers are best effort as well.
        for side in SIDES:
            on_arm, on_gripper = partial(self._on_arm, side), partial(self._on_gripper, side)
            self.create_subscription(JointState, ARM_TARGET[side], on_arm, qos.GATHERED)
            self.create_subscription(JointState, GRIPPER_TARGET[side], on_gripper, qos.GATHERED)

    def _on_arm(self, side: str, message: JointState) -> None:
        came = self._came(message)
        self.warn(self.sim.target_arm(side, message.position, message.velocity, came))

    def _on_gripper(self, side: str, message: JointState) -> None:
        self.warn(self.sim.target_gripper(side, message.position, self._came(message)))

    def _came(self, target: JointState) -> int:
        """When a target came [ns]: it waited where this process was held up.

        Its stamp tells, as far as the world has not been there yet.
        """
        return min(max(nanoseconds(target.header.stamp), self.sim.time), self.now())

    def tick(self, stamp: int) -> None:
        """Let the world run until `stamp` [ns] and publish what it shows."""
        if stamp - self.sim.time > _BEHIND:
            lost = self.sim.slip(stamp - STEP_NS)
            self.get_logger().warning(
                f'held up: {lost:.3f} s pass without physics', throttle_duration_sec=5.0
            )
        for reading in self.sim.advance(stamp):
            self._tell(reading)
        for exposure in self.sim.exposures():
            self.cameras.submit(exposure)
        for picture in self.cameras.take():
            self._show(picture)
        if not 0 <= stamp - self._looked < _LOOK:
            self._look(stamp)
        self.tell_health()

    def _tell(self, reading: Feedback) -> None:
        for side in SIDES:
            arm, gripper = reading.arms[side], reading.grippers[side]
            self._arms[side].publish(_arm_message(reading.stamp, side, arm))
            self._grippers[side].publish(_gripper_message(reading.stamp, side, gripper))
        if reading.stamp % _MODEL_PERIOD < STEP_NS:
            self._model.publish(_model_message(reading))

    def _show(self, picture: Jpeg) -> None:
        message = CompressedImage(format='jpeg', data=array.array('B', picture.data))
        message.header.stamp = time_message(picture.stamp)
        message.header.frame_id = IMAGE_FRAMES[picture.camera]
        self._images[picture.camera].publish(message)

    def _look(self, stamp: int) -> None:
        self._looked = stamp
        things = self.sim.world.things().items()
        transforms = [_transform(self.sim.time, name, pose) for name, pose in things]
        self._things.publish(TFMessage(transforms=transforms))
        outcome = self.sim.world.outcome()
        changed = self._told is None or outcome.success != self._told.success
        if changed or not 0 <= stamp - self._told_at < _REPEAT:
            self._told, self._told_at = outcome, stamp
            self._outcome.publish(_outcome_message(outcome))


def _transform(stamp: int, name: str, pose: Pose) -> TransformStamped:
    x, y, z = pose.position.tolist()
    w, i, j, k = pose.quaternion.tolist()
    message = TransformStamped(
        child_frame_id=name,
        transform=Transform(
            translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(w=w, x=i, y=j, z=k)
        ),
    )
    message.header.stamp = time_message(stamp)
    message.header.frame_id = BASE.name
    return message


def _outcome_message(outcome: Outcome) -> DiagnosticStatus:
    return DiagnosticStatus(
        level=DiagnosticStatus.OK if outcome.success else DiagnosticStatus.WARN,
        name=outcome.task,
        message=outcome.words,
        hardware_id='sim',
        values=[KeyValue(key=key, value=value) for key, value in outcome.figures.items()],
    )


def _arm_message(stamp: int, side: str, arm: ArmReading) -> JointState:
    message = joint_state(stamp, [f'{side}_arm'], arm.position, arm.velocity)
    message.effort = array.array('d', arm.effort)
    return message


def _gripper_message(stamp: int, side: str, gripper: GripperReading) -> JointState:
    message = joint_state(stamp, [f'{side}_gripper'], [gripper.position], [gripper.velocity])
    message.effort = array.array('d', [gripper.effort])
    return message


def _model_message(reading: Feedback) -> JointState:
    """Every joint that the URDF moves, but for wheels and the fingers that mimic another."""
    places = dict(TORSO_POSTURE)
    for side in SIDES:
        names = (joint.name for joint in arm_joints(side))
        places.update(zip(names, reading.arms[side].position, strict=True))
        places[f'{side}_gripper_finger_joint1'] = finger(reading.grippers[side].position)
    return joint_state(reading.stamp, list(places), list(places.values()))


def run(node: SimNode) -> None:
    """Take targets and tick at 200 Hz until a signal."""
    signals = noted_signals()
    loop = SingleThreadedExecutor()
    loop.add_node(node)
    gc.collect()
    gc.freeze()  # a collection makes readings wait
    node.sim.slip(node.now())  # all this took a while
    ticker = Ticker(STEP_NS, time.monotonic_ns())
    while not signals:
        while (left := ticker.remaining(time.monotonic_ns())) > 0:
            loop.spin_once(timeout_sec=left / 1e9)
        for _ in range(_TARGETS * (-left // STEP_NS)):  # a process that was held up hears first
            loop.spin_once(timeout_sec=0.0)
        node.tick(ticker.tick(time.monotonic_ns(), node.now()).stamp)


def main() -> None:
    """Run the robot until a signal."""
    with started('sim', SimNode) as node:
        try:
            run(node)
        finally:
            gc.unfreeze()
            node.cameras.close()


if __name__ == '__main__':
    main()
