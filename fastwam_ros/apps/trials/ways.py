"""How a person's wishes get to a simulated robot: through the executor, or straight.

Both take what the robot reports and what the person wishes, and note what they command. Time is an
argument; the executor is the one that the robot's node runs.
"""

from typing import Protocol

import numpy as np

from fastwam_ros.loop.execution import Commands, Execution
from fastwam_ros.motion.authority import HOLD, TELEOP
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.joints import NAMES_OF, SIDES, SPEEDS_OF
from fastwam_ros.robot.units import wire_gripper
from fastwam_ros.sim.expert import Wish
from fastwam_ros.sim.simulator import Feedback, Simulator
from fastwam_ros.sim.world import STEP_NS

RATE = 200.0  # [Hz] of the executor
LOOK = 4  # steps of the world from one look of the person to the next


class Way(Protocol):
    """How a person's wishes get to the robot. period: between commands [s]; commands: [N][12]."""

    period: float
    commands: list[Array]

    def read(self, now: Ns, feedback: Feedback) -> None:
        """Take what the robot reports."""
        ...

    def ready(self, now: Ns) -> bool:
        """Whether the person may begin."""
        ...

    def lead(self, now: Ns, wish: Wish) -> None:
        """Take the person's newest wish."""
        ...

    def tick(self, now: Ns) -> None:
        """One step of the world is over."""
        ...


class Straight:
    """Every wish is a target of the robot's tracker, as it is."""

    period = LOOK * STEP_NS / SECOND

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self.commands: list[Array] = []

    def read(self, now: Ns, feedback: Feedback) -> None:
        """Nothing here needs it."""

    def ready(self, now: Ns) -> bool:
        """At once."""
        return True

    def lead(self, now: Ns, wish: Wish) -> None:
        """Command it."""
        if not wish.joints:
            return
        self.commands.append(np.concatenate([wish.joints[side] for side in SIDES]))
        for side in SIDES:
            self._sim.target_arm(side, wish.joints[side].tolist(), [], now)
            self._sim.target_gripper(side, [wire_gripper(wish.openings[side])], now)

    def tick(self, now: Ns) -> None:
        """Commands go out with the wishes."""


class ThroughExecutor:
    """Wishes are a person's stream to the executor, which commands."""

    period = 1.0 / RATE

    def __init__(self, sim: Simulator) -> None:
        self._sim, self._execution = sim, Execution(RATE, epoch=1)
        self._asked = 0
        self.commands: list[Array] = []

    def read(self, now: Ns, feedback: Feedback) -> None:
        """As the executor's node does."""
        for side in SIDES:
            arm, gripper = feedback.arms[side], feedback.grippers[side]
            self._execution.on_arm(now, side, arm.position, arm.velocity)
            self._execution.on_gripper(now, side, [gripper.position])

    def ready(self, now: Ns) -> bool:
        """Once engaged and taken over."""
        standing = self._execution.executor.status.standing
        if standing is HOLD:
            self._execution.on_teleop_active(now, True)
        elif standing is not TELEOP:
            self._asked += 1
            self._execution.on_request(now, 'engage', self._asked, 'person')
        return standing is TELEOP

    def lead(self, now: Ns, wish: Wish) -> None:
        """Hand it on, by the streams that a person has."""
        self._execution.on_teleop_active(now, True)
        for side in SIDES:
            if side in wish.joints:
                self._execution.on_teleop_arm(now, NAMES_OF[side], wish.joints[side].tolist())
            if side in wish.openings:
                self._execution.on_teleop_gripper(now, side, wish.openings[side])

    def tick(self, now: Ns) -> None:
        """Let the executor command."""
        commands = self._execution.tick(now)
        if commands is not None:
            self._drive(now, commands)

    def _drive(self, now: Ns, commands: Commands) -> None:
        self.commands.append(np.concatenate([commands.arms[side] for side in SIDES]))
        for side in SIDES:
            self._sim.target_arm(side, commands.arms[side], SPEEDS_OF[side], now)
            self._sim.target_gripper(side, [commands.grippers[side]], now)
