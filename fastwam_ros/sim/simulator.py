"""The simulated R1 Lite as its topics show it: targets in, readings and exposures out.

Time is an argument (int nanoseconds); nothing here reads a clock or runs by itself. The same seed,
start and calls give bit-identical readings and states.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fastwam_ros.robot.joints import GRIPPER_OPENING, SIDES
from fastwam_ros.robot.topics import CAMERAS
from fastwam_ros.robot.tracker import FAST, TrackerModel
from fastwam_ros.sim.plant import ArmTracker, GripperDrive
from fastwam_ros.sim.scene import Scene
from fastwam_ros.sim.sensors import ArmReading, GripperReading, Sensors
from fastwam_ros.sim.world import ARM_HOME, STEP_NS, World

CAMERA_RATE, FASTEST_CAMERA = 15.0, 30.0  # [Hz] a robot's cameras run at one or the other
# The cameras are not synchronised; a triple spans up to 35 ms, under the 50 ms one may ask for.
CAMERA_PHASE = {'head': 0, 'left': 15_000_000, 'right': 30_000_000}  # [ns]


@dataclass(frozen=True)
class Feedback:
    """One sample of what the robot reports (200 Hz), by side; stamp [ns]."""

    stamp: int
    arms: dict[str, ArmReading]
    grippers: dict[str, GripperReading]


@dataclass(frozen=True)
class Exposure:
    """What a camera is about to show: the scene's positions qpos [nq], under a stamp [ns].

    The stamp is the camera's latency later than the moment of those positions.
    """

    camera: str
    stamp: int
    qpos: np.ndarray


class Simulator:
    """World, trackers and sensors behind the robot's interface.

    start: both arms' first position [6, rad]; opening: both grippers' [m]; camera_rate: exposures
    per second [Hz]; scene: blocks and a tray unless given; latencies: by camera, how much later
    [s] than what it shows a picture is stamped, 0 unless given.
    """

    def __init__(
        self,
        seed: int,
        now: int,
        tracker: TrackerModel = FAST,
        start: Sequence[float] = ARM_HOME,
        opening: float = GRIPPER_OPENING,
        scene: Scene | None = None,
        camera_rate: float = CAMERA_RATE,
        latencies: Mapping[str, float] | None = None,
    ) -> None:
        self.world = World(seed, scene)
        given = latencies or {}
        self._latencies = {camera: round(given.get(camera, 0.0) * 1e9) for camera in CAMERAS}
        self._frame = round(1e9 / camera_rate)
        self._arms = {side: ArmTracker(side, tracker, STEP_NS) for side in SIDES}
        self._grippers = {side: GripperDrive(side, tracker, STEP_NS) for side in SIDES}
        self.reset(seed, now, start, opening)

    def reset(
        self,
        seed: int,
        now: int,
        start: Sequence[float] = ARM_HOME,
        opening: float = GRIPPER_OPENING,
    ) -> None:
        """Begin again: the seed's scene, arms at rest at `start`, no stream, time `now`."""
        self.world.reset(seed, start, opening)
        self._sensors = Sensors(seed)
        for side in SIDES:
            self._arms[side].reset(np.asarray(start, float))
            self._grippers[side].reset(opening)
        self.time = now
        self.ignored: Counter[str] = Counter()  # wrong targets by joint group
        self._shutter = {camera: now + CAMERA_PHASE[camera] for camera in CAMERAS}
        self._exposures: list[Exposure] = []

    def target_arm(
        self, side: str, position: Sequence[float], velocity: Sequence[float], now: int
    ) -> str:
        """An arm target [6, rad] with tracking speed caps [6, rad/s] or none, received now.

        A wrong one changes nothing and is counted; returns why in words, or an empty string.
        """
        return self._count(f'{side}_arm', self._arms[side].receive(position, velocity, now))

    def target_gripper(self, side: str, position: Sequence[float], now: int) -> str:
        """A gripper target [1, wire 0..100], received now; returns as target_arm does."""
        return self._count(f'{side}_gripper', self._grippers[side].receive(position, now))

    def _count(self, group: str, fault: str) -> str:
        if not fault:
            return ''
        self.ignored[group] += 1
        return f'{fault}; ignored ({self.ignored[group]} so far)'

    def advance(self, now: int) -> list[Feedback]:
        """Run the 5 ms steps that end by `now`; the readings after each of them."""
        readings = []
        while self.time + STEP_NS <= now:
            self.time += STEP_NS
            self._step()
            readings.append(self._read())
        return readings

    def slip(self, now: int) -> float:
        """Let the time up to `now` pass without physics; seconds left out.

        For a process that was held up: the world stands still instead of racing to catch up.
        """
        lost = max(now - self.time, 0)
        self.time += lost
        return lost * 1e-9

    def _step(self) -> None:
        for side in SIDES:
            self.world.drive(side, *self._arms[side].tick(self.time))
            self.world.grip(side, *self._grippers[side].tick())
        self.world.step()
        for camera, due in self._shutter.items():
            if self.time >= due:
                self._expose(camera, due)

    def _expose(self, camera: str, due: int) -> None:
        stamp = self.time + self._latencies[camera]
        self._exposures.append(Exposure(camera, stamp, self.world.data.qpos.copy()))
        missed = (self.time - due) // self._frame  # after a slip; the phase stays
        self._shutter[camera] = due + (missed + 1) * self._frame

    def _read(self) -> Feedback:
        world, sensors = self.world, self._sensors
        return Feedback(
            self.time,
            {side: sensors.arm(side, world.arm(side)) for side in SIDES},
            {side: sensors.gripper(world.gripper(side)) for side in SIDES},
        )

    def exposures(self) -> list[Exposure]:
        """The exposures since the last call, oldest first; each is handed out once.

        None before its stamp: a picture is not stamped in the future.
        """
        taken = [each for each in self._exposures if each.stamp <= self.time]
        self._exposures = [each for each in self._exposures if each.stamp > self.time]
        return taken
