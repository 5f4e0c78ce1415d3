"""A small recording of a person who moves both arms smoothly, as the robot or our recorder has it.

Commands at 200 Hz; the arms are where they were commanded LATE before; three cameras at 15 Hz,
the wrists' a little after the head's. What is wrong with it is said by the test.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from fastwam_ros.bag.composed import cdr as composed
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, GRIPPER_FEEDBACK, GRIPPER_TARGET
from fastwam_ros.robot.topics import IMAGES as IMAGE_NAMES
from test.bag.messages import cdr, header

SECOND = 10**9
START = 1_700_000_000 * SECOND
TICK = 5_000_000
FRAME = SECOND // 15
LATE = 60_000_000  # [ns] of the arms behind their commands
AFTER = 12_000_000  # [ns] of the wrists' pictures after the head's
SIDES = ('left', 'right')
HOME = np.array([0.0, 1.2, -1.55, 0.3, 0.0, 0.0])
SIZE = (64, 96)  # of pictures
TASK = 'fold the towel'
NAMES = {
    **{f'image_{camera}': name for camera, name in IMAGE_NAMES.items()},
    **{f'arm_command_{side}': ARM_TARGET[side] for side in SIDES},
    **{f'gripper_command_{side}': GRIPPER_TARGET[side] for side in SIDES},
    **{f'arm_measured_{side}': ARM_FEEDBACK[side] for side in SIDES},
    **{f'gripper_measured_{side}': GRIPPER_FEEDBACK[side] for side in SIDES},
    'task': 'fastwam/task',
    'state': 'fastwam/executor/state',
    'marker': 'fastwam/marker',
    'torso': 'hdas/feedback_torso',
    'chassis_target': 'motion_target/target_speed_chassis',
}
TYPES = {
    'image': 'sensor_msgs/msg/CompressedImage',
    'task': 'std_msgs/msg/String',
    'marker': 'std_msgs/msg/String',
    'state': 'fastwam_ros/msg/ExecutorState',
    'chassis': 'geometry_msgs/msg/TwistStamped',
}


def arms(t: float, side: str) -> np.ndarray:
    """Six joints [rad] at a time [s] since START: slow waves of no common period."""
    joint = np.arange(6) + 6 * SIDES.index(side)
    return HOME + 0.25 * np.sin((0.9 + 0.13 * joint) * t + joint)


def gripper(t: float, side: str) -> float:
    """0..100 at a time [s]."""
    return 50.0 + 30.0 * np.sin(0.7 * t + SIDES.index(side))


def colour(camera: str, frame: int) -> tuple[int, int, int]:
    """One grey per picture, by which it is known again."""
    return (40 + (frame * 5) % 160,) * 3 if camera == 'head' else (200, 40, 40)


@dataclass
class Taught:
    """lost: (role, from, to) [s] in which nothing comes; extra: (role, at [ns], CDR)."""

    seconds: float = 6.0
    lost: list[tuple[str, float, float]] = field(default_factory=list)
    extra: list[tuple[str, int, bytes]] = field(default_factory=list)
    namespace: str = '/'
    facts: bool = True
    fps: float = 15.0
    task: str = TASK
    speeds: bool = True
    stamped: bool = True
    every: int = TICK  # [ns] between two commands

    def write(self, path: Path) -> Path:
        """Into an mcap, by receive time."""
        with BagWriter(path) as bag:
            topics = {role: f'{self.namespace}{name}' for role, name in NAMES.items()}
            if self.facts:
                Facts('r1lite', 200.0, robot_bounds(), topics).write(bag)
            channels: dict[str, int] = {}
            for at, role, data in sorted(self._all(), key=lambda row: row[0]):
                if role not in channels:
                    kind = TYPES.get(role.split('_')[0], 'sensor_msgs/msg/JointState')
                    channels[role] = bag.channel(topics[role], kind, quality(True, False, 1))
                bag.write(channels[role], at, data)
        return path

    def messages(self) -> Iterator[tuple[str, str, int, bytes]]:
        """Topic, short type, receive time and CDR, for another maker's bag."""
        for at, role, data in sorted(self._all(), key=lambda row: row[0]):
            kind = TYPES.get(role.split('_')[0], 'sensor_msgs/msg/JointState')
            yield f'{self.namespace}{NAMES[role]}', kind.rsplit('/', 1)[1], at, data

    def _all(self) -> Iterator[tuple[int, str, bytes]]:
        rows = [*self._joints(), *self._pictures()]
        for at, role, data in rows:
            t = (at - START) / SECOND
            if not any(role == own and since <= t < until for own, since, until in self.lost):
                yield at, role, data
        if self.task:
            yield START, 'task', composed('std_msgs/msg/String', {'data': self.task})
        for role, at, data in self.extra:
            yield at, role, data

    def _joints(self) -> Iterator[tuple[int, str, bytes]]:
        for at in range(START, START + round(self.seconds * SECOND), TICK):
            t, before = (at - START) / SECOND, (at - LATE - START) / SECOND
            for side in SIDES:
                if (at - START) % self.every == 0:
                    yield at, f'arm_command_{side}', self._state(at, arms(t, side))
                    yield at, f'gripper_command_{side}', self._state(at, [gripper(t, side)])
                q = arms(before, side)
                v = (q - arms(before - 1e-3, side)) / 1e-3 if self.speeds else np.zeros(0)
                yield at + 1, f'arm_measured_{side}', self._state(at, q, v)
                yield at + 1, f'gripper_measured_{side}', self._state(at, [gripper(before, side)])

    def _state(self, at: int, position: object, velocity: object = ()) -> bytes:
        return cdr(
            'JointState',
            header=header(at if self.stamped else 0),
            name=[],
            position=np.asarray(position, np.float64),
            velocity=np.asarray(velocity, np.float64),
        )

    def _pictures(self) -> Iterator[tuple[int, str, bytes]]:
        for n in range(round(self.seconds * self.fps)):
            for camera in ('head', *SIDES):
                at = START + TICK + round(n * SECOND / self.fps) + AFTER * (camera != 'head')
                data = np.frombuffer(jpeg(colour(camera, n)), np.uint8)
                message = cdr('CompressedImage', header=header(at), format='jpeg', data=data)
                yield at + 2_000_000, f'image_{camera}', message


def jpeg(rgb: tuple[int, int, int], size: tuple[int, int] = SIZE) -> bytes:
    """A picture of one colour; size: height, width."""
    stream = io.BytesIO()
    Image.new('RGB', (size[1], size[0]), rgb).save(stream, 'JPEG', quality=95)
    return stream.getvalue()


def mode(at: float, name: str) -> tuple[str, int, bytes]:
    """The executor's mode from a time [s] on."""
    stamp = START + round(at * SECOND)
    return 'state', stamp, cdr('ExecutorState', header=header(stamp), mode=name)


def marker(at: float, text: str) -> tuple[str, int, bytes]:
    """A word on how it ended."""
    return 'marker', START + round(at * SECOND), composed('std_msgs/msg/String', {'data': text})
