"""What the simulated robot and the person say, into a recording: topics, types, stamps, order.

As the robot's own nodes say it (`nodes.sim_node`), but for pictures, which come a moment after
they were taken, as they do from a camera.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.spoken import Spoken
from fastwam_ros.bag.writer import BagWriter
from fastwam_ros.motion.limits import Array, Ns
from fastwam_ros.robot.joints import NAMES_OF, ROBOT, SIDES
from fastwam_ros.robot.roles import ROLES
from fastwam_ros.robot.topics import IMAGE_FRAMES
from fastwam_ros.sim.simulator import Feedback

LATE = 15_000_000  # [ns] from a picture's stamp to its message


@dataclass(frozen=True)
class Style:
    """ours: with the facts, task and markers of our recorder; namespace: '' for none."""

    ours: bool = True
    namespace: str = ''


class Words:
    """One recording that grows. now: its newest moment [ns]."""

    def __init__(self, bag: BagWriter, style: Style, rate: float, task: str) -> None:
        self._style, self._spoken = style, Spoken(bag, style.namespace)
        if style.ours:
            names = {role: self._spoken.full(played.name) for role, played in ROLES.items()}
            others = {'namespace': style.namespace, 'note': f'simulated: {task}'}
            Facts(ROBOT, rate, robot_bounds(), names, others).write(bag)

    def feel(self, feedback: Feedback) -> None:
        """One sample of arms and grippers."""
        now = feedback.stamp
        for side in SIDES:
            arm, gripper = feedback.arms[side], feedback.grippers[side]
            self._joints(f'arm_measured_{side}', now, [f'{side}_arm'], arm.position, arm.velocity)
            grip = [gripper.position], [gripper.velocity]
            self._joints(f'gripper_measured_{side}', now, [f'{side}_gripper'], *grip)

    def command(self, now: Ns, arms: Mapping[str, Array], wire: Mapping[str, float]) -> None:
        """Targets on the robot's own topics: rad, and wire units."""
        for side in SIDES:
            self._joints(f'arm_command_{side}', now, NAMES_OF[side], arms[side])
            self._joints(f'gripper_command_{side}', now, [f'{side}_gripper'], [wire[side]])

    def see(self, camera: str, stamp: Ns, data: bytes) -> None:
        """A JPEG, a moment after it was taken."""
        fields = {
            'header': {'stamp': stamp, 'frame_id': IMAGE_FRAMES[camera]},
            'format': 'jpeg',
            'data': np.frombuffer(data, np.uint8),
        }
        self._spoken.tell(f'image_{camera}', stamp + LATE, fields)

    def ask(self, now: Ns, task: str) -> None:
        """The instruction, which the vendor's collector knows nothing of."""
        if self._style.ours:
            self._spoken.tell('task', now, {'data': task})

    def mark(self, now: Ns, word: str) -> None:
        """How the episode went."""
        if self._style.ours:
            self._spoken.tell('marker', now, {'data': word})

    def _joints(
        self,
        role: str,
        now: Ns,
        names: Sequence[str],
        position: Sequence[float] | Array,
        velocity: Sequence[float] = (),
    ) -> None:
        fields = {'header': {'stamp': now}, 'name': names, 'position': position}
        self._spoken.tell(role, now, fields | {'velocity': velocity})
