"""A robot in this process that a drill is run on: executor, and trackers with hidden figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fastwam_ros.loop.clocks import Behind
from fastwam_ros.loop.drill import Drill, Seen
from fastwam_ros.loop.execution import Commands, Execution
from fastwam_ros.loop.film import Film
from fastwam_ros.loop.identification import Heard
from fastwam_ros.loop.traces import Trace
from fastwam_ros.motion.status import Status
from fastwam_ros.robot.joints import ARM_NAMES, ARM_SIZE, SIDES, arm_joints
from fastwam_ros.robot.pictures import Picture
from fastwam_ros.robot.topics import CAMERAS
from fastwam_ros.robot.tracker import TrackerModel
from fastwam_ros.sim.plant import ArmTracker, GripperDrive
from fastwam_ros.sim.world import ARM_HOME

TICK = 5_000_000
START = 1_700_000_000 * 10**9
FRAME = 1.0 / 15.0  # [s]
LATEST = 0.3  # [s] that a picture is late for its stamp, at the most
Look = Callable[[str, np.ndarray], Picture]  # what a camera sees of arms [12], small and grey


@dataclass(frozen=True)
class Hidden:
    """What a drill has to find: the tracker, sag [12, rad], noise [rad], offset of the clock [s].

    phase [ns] of the robot's ticks in those of the executor; latencies [s] by camera.
    """

    tracker: TrackerModel
    sag: np.ndarray = field(default_factory=lambda: np.zeros(2 * ARM_SIZE))
    noise: float = 2e-5
    clock: float = 0.0
    phase: int = 2_000_000
    latencies: Mapping[str, float] = field(default_factory=dict)

    @property
    def behind(self) -> float:
        """By how much the robot's clock is behind the executor's [s]."""
        return -(self.clock + 10.0)

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> 'Hidden':
        """Of six different joints, alike in both arms."""

        def draw(low: float, high: float) -> tuple[float, ...]:
            return tuple(np.exp(rng.uniform(np.log(low), np.log(high), ARM_SIZE)).tolist())

        tracker = TrackerModel(
            'hidden',
            draw(0.25, 5.0),
            draw(1.5, 20.0),
            draw(6.0, 100.0),
            delay=float(rng.uniform(0.005, 0.06)),
            stream_timeout=float(rng.uniform(0.1, 0.4)),
        )
        sag = rng.uniform(-0.008, 0.008, 2 * ARM_SIZE)
        noise = float(10.0 ** rng.uniform(-5.0, -3.7))
        clock, phase = float(rng.uniform(-1.0, 1.0)), int(rng.integers(TICK))
        latencies = {camera: float(rng.uniform(-0.03, 0.15)) for camera in CAMERAS}
        return cls(tracker, sag, noise, clock, phase, latencies)


class Robot:
    """Executor, arms and what is heard of them, at 200 Hz; a drill acts at 50 Hz."""

    def __init__(
        self,
        hidden: Hidden,
        seed: int = 0,
        arms: Sequence[float] = ARM_HOME,
        look: Look | None = None,
    ) -> None:
        self.hidden, self.now, self._ticks = hidden, START, 0
        self.execution = Execution(200.0, 1, tracker='off')
        self._arms = {side: ArmTracker(side, hidden.tracker, TICK) for side in SIDES}
        self._grippers = {side: GripperDrive(side, hidden.tracker, TICK) for side in SIDES}
        for side in SIDES:
            self._arms[side].reset(np.array(arms))
            self._grippers[side].reset(0.05)
        self._rng = np.random.default_rng(seed)
        traces = ({side: Trace() for side in SIDES} for _ in range(3))
        films = {camera: Film() for camera in hidden.latencies if look is not None}
        self.heard = Heard(*traces, films, executor=Behind(0.0, 0.0))
        self._look, self._ways = look, list[np.ndarray]()
        self._due = dict(zip(CAMERAS, np.arange(3) * 0.3 * FRAME + 0.5, strict=True))
        self.read = np.zeros(2 * ARM_SIZE)
        self.commands: list[Commands | None] = []

    @property
    def status(self) -> Status:
        return self.execution.executor.status

    def engage(self) -> None:
        for _ in range(50):
            self.step()
        assert self.execution.on_request(self.now, 'engage', 1, 'test') == 'ok'
        for _ in range(200):
            self.step()

    def run(self, drill: Drill, seconds: float = 600.0) -> None:
        """Until the drill is done, and a little longer."""
        left = round(seconds * 200)
        while left and not drill.done:
            left -= 1
            self.step(drill)
        assert drill.done, drill.doing
        for _ in range(100):
            self.step(drill)

    def step(self, drill: Drill | None = None) -> None:
        self.now += TICK
        self._ticks += 1
        self._move()
        if drill is not None and self._ticks % 4 == 0:
            self._act(drill)
        commands = self.execution.tick(self.now)
        self.commands.append(commands)
        if commands is not None:
            self._command(commands)

    def _move(self) -> None:
        at, time = self.now - self.hidden.phase, (self.now - START) / 1e9
        way = np.zeros(2 * ARM_SIZE)
        stamp = time - self.hidden.phase / 1e9 + self.hidden.clock + 10.0
        for n, side in enumerate(SIDES):
            part = slice(n * ARM_SIZE, (n + 1) * ARM_SIZE)
            q, v = self._arms[side].tick(at)
            way[part] = q
            noise = self.hidden.noise * self._rng.standard_normal(ARM_SIZE)
            self.read[part] = q + self.hidden.sag[part] + noise
            grip = 1000.0 * self._grippers[side].tick()[0]
            self.execution.on_arm(self.now, side, self.read[part], v)
            self.execution.on_gripper(self.now, side, [grip])
            late = time - self.hidden.phase / 1e9 + float(self._rng.exponential(5e-4))
            self.heard.measured[side].take(late, stamp, tuple(self.read[part]))
            self.heard.grippers[side].take(late, stamp, (grip,))
        self._ways.append(way)
        for camera, film in self.heard.films.items():
            self._film(camera, film, time)

    def _film(self, camera: str, film: Film, time: float) -> None:
        """A picture whose stamp [s since the start] is LATEST ago by now, of when it shows."""
        due = self._due[camera]
        if time < due + LATEST:
            return
        self._due[camera] = due + FRAME
        shows = (due - self.hidden.latencies[camera] + self.hidden.phase / 1e9) * 1e9 / TICK - 1.0
        before = int(shows)
        arms = self._ways[before] + (shows - before) * (
            self._ways[before + 1] - self._ways[before]
        )
        stamp = round((due + self.hidden.clock + 10.0) * 1e9)
        film.take(time, stamp, self._look(camera, arms))

    def _act(self, drill: Drill) -> None:
        now, status = (self.now - START) / 1e9, self.status
        mode = status.standing.mode.value
        acts = drill.tick(Seen(now, mode, status.reason, now, self.read.copy()))
        if acts.request:
            self.execution.on_request(self.now, acts.request, self._ticks, 'drill')
        if acts.active is not None:
            self.execution.on_teleop_active(self.now, acts.active)
        if acts.targets is not None:
            self.execution.on_teleop_arm(self.now, ARM_NAMES, acts.targets)
        if acts.estop is not None:
            self.execution.on_estop(self.now, acts.estop)

    def _command(self, commands: Commands) -> None:
        at = (self.now - START) / 1e9
        for side in SIDES:
            if side in commands.arms:
                speeds = [joint.velocity for joint in arm_joints(side)]
                self._arms[side].receive(commands.arms[side], speeds, self.now)
                self.heard.commanded[side].take(at, at, tuple(commands.arms[side]))
            self._grippers[side].receive([commands.grippers[side]], self.now)
