"""The executor and a model of the robot: what would have happened, had it been let go.

The arms follow the commands as the robot's trackers do, from where they were recorded when the
replay begins. Pictures and the policy's joint readings stay those of the recording: what is seen
does not answer to what is done, so the further it goes the less it says.
"""

from dataclasses import dataclass

from fastwam_ros.loop.anchored import Recorded
from fastwam_ros.loop.execution import Commands, Execution
from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.motion.status import Verdict
from fastwam_ros.robot.joints import ARM_PARTS, SIDES, SPEEDS_OF
from fastwam_ros.robot.tracker import TrackerModel
from fastwam_ros.robot.units import opening, wire_gripper
from fastwam_ros.sim.plant import ArmTracker, GripperDrive

_AGAIN = SECOND  # between two attempts to let the policy drive again


@dataclass(frozen=True)
class Reading:
    """What the modelled robot says of itself: by side, positions and velocities, wire opening."""

    arms: dict[str, tuple[list[float], list[float]]]
    grippers: dict[str, float]


class Robot:
    """Both arms and grippers as trackers, one step per period [ns]."""

    def __init__(self, model: TrackerModel, period: Ns, recorded: Recorded) -> None:
        """Where the recording has the arms, at rest."""
        self._arms = {side: ArmTracker(side, model, period) for side in SIDES}
        self._grips = {side: GripperDrive(side, model, period) for side in SIDES}
        q = recorded.state()[0].q
        for side, part in ARM_PARTS.items():
            self._arms[side].reset(q[part])
            self._grips[side].reset(opening(recorded.grips()[side]))

    def take(self, commands: Commands) -> None:
        """Targets as they go out, with the tracking speeds that go with them."""
        for side in SIDES:
            if side in commands.arms:
                self._arms[side].receive(commands.arms[side], SPEEDS_OF[side], commands.now)
            self._grips[side].receive([commands.grippers[side]], commands.now)

    def step(self, now: Ns) -> Reading:
        """One period on."""
        moved = {side: arm.tick(now) for side, arm in self._arms.items()}
        return Reading(
            {side: (q.tolist(), v.tolist()) for side, (q, v) in moved.items()},
            {side: wire_gripper(grip.tick()[0]) for side, grip in self._grips.items()},
        )


class Freed:
    """An executor that drives the modelled robot, and an operator who lets the policy run."""

    def __init__(self, rate: float, epoch: int, model: TrackerModel) -> None:
        """rate [Hz] of commands."""
        self.execution = Execution(rate, epoch, tracker=model)
        self._model = model
        self._robot: Robot | None = None
        self._asked: Ns = -_AGAIN
        self._requests = 0
        self.reading: Reading | None = None  # the newest
        self.stops: list[str] = []  # why the policy had to be let run again

    def on_chunk(self, now: Ns, chunk: Chunk) -> Verdict:
        """A chunk that comes now."""
        return self.execution.on_chunk(now, chunk)

    def tick(self, now: Ns, recorded: Recorded) -> Commands | None:
        """One period of robot and executor; None before the recording has arms to begin with."""
        if self._robot is None:
            if not recorded.complete:
                return None
            self._robot = Robot(self._model, self.execution.executor.settings.period, recorded)
        reading = self.reading = self._robot.step(now)
        for side in SIDES:
            self.execution.on_arm(now, side, *reading.arms[side])
            self.execution.on_gripper(now, side, [reading.grippers[side]])
        commands = self.execution.tick(now)
        if commands is not None:
            self._robot.take(commands)
        self._operate(now)
        return commands

    def _operate(self, now: Ns) -> None:
        """Whatever brings the policy to drive again, once a second: a person would not."""
        status = self.execution.executor.status
        mode = status.standing.mode
        if mode is Mode.POLICY or status.pending or now - self._asked < _AGAIN:
            return
        verb = {Mode.DISARMED: 'engage', Mode.HOLD: 'run', Mode.FAULT: 'reset'}.get(mode)
        if verb is None:
            return
        self._asked = now - (_AGAIN if verb == 'engage' else 0)
        if verb in ('run', 'reset') and self._requests > 1:
            self.stops.append(status.reason)
        self._requests += 1
        self.execution.on_request(now, verb, self._requests, 'replay')
