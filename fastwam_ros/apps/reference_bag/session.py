"""A person at leader arms works at the simulated robot, episode after episode, and is recorded.

The leader's joints are the robot's targets, as with the vendor's teleoperation. Everything happens
in this process on one time; nothing waits for a clock.
"""

from collections import deque

import numpy as np

from fastwam_ros.apps.reference_bag.hand import Hands
from fastwam_ros.apps.reference_bag.words import LATE, Words
from fastwam_ros.apps.trials.run import KINDS
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.units import wire_gripper
from fastwam_ros.sim.expert import HOME_OPENING, Expert, Sight
from fastwam_ros.sim.eyes import Eyes
from fastwam_ros.sim.reach import Reach
from fastwam_ros.sim.scenes import scene_named
from fastwam_ros.sim.simulator import Feedback, Simulator
from fastwam_ros.sim.stills import jpeg
from fastwam_ros.sim.tasks import task_named
from fastwam_ros.sim.world import ARM_HOME, STEP_NS

LOOK = 4  # steps from one look of the person to the next: 50 Hz
REST = 1.0  # [s] before and after each episode
LONGEST = 60.0  # [s] after which the person gives up
BEGIN = 1_700_000_000 * SECOND  # receive time of what comes first


# Every task, and the scene that it is done in.
SCENES = {task: kind.scene for kind in KINDS.values() for task in kind.tasks}


class Session:
    """One recording. worked: names of what was done, in order; failed: how often it was not."""

    def __init__(self, words: Words, task: str, seed: int, camera_rate: float) -> None:
        """task: one of SCENES; camera_rate [Hz]: pictures cost most of the time.

        Raises RenderError where there is no OpenGL.
        """
        self._words, self._task, self._seed = words, task, seed
        scene = scene_named(SCENES[task])
        self._sim = Simulator(
            seed, BEGIN, opening=HOME_OPENING, scene=scene, camera_rate=camera_rate
        )
        self._eyes, self._reach = Eyes(self._sim.world.model), Reach()
        self._hands = Hands(seed, STEP_NS / SECOND)
        self._hands.want({side: np.array(ARM_HOME) for side in SIDES}, {})
        self._hands.want({}, dict.fromkeys(SIDES, HOME_OPENING))
        self._pictures: deque[tuple[Ns, str, Ns, bytes]] = deque()
        self.worked = self.failed = 0
        self._end: Ns = 2**63

    @property
    def seconds(self) -> float:
        """Of the recording so far."""
        return (self._sim.time - BEGIN) / SECOND

    def run(self, episodes: int, seconds: float) -> None:
        """So many episodes, or until so many seconds are over, whatever comes first."""
        if seconds != float('inf'):
            self._end = BEGIN + round(seconds * SECOND)
        self._words.ask(BEGIN, self._task)
        self._wait(REST)
        while self.worked + self.failed < episodes and self._sim.time < self._end:
            self._episode()

    def close(self) -> None:
        """Give the GL context back."""
        self._eyes.close()

    def _episode(self) -> None:
        """The task once; then somebody puts the things back."""
        expert = Expert(task_named(self._task), self._reach)
        began, steps = self._sim.time, 0
        while not (expert.done or expert.failed) and self._sim.time < self._end:
            feedback, steps = self._step(), steps + 1
            if steps % LOOK == 0:
                wish = expert.tick(
                    self._sim.time / SECOND, Sight.of(feedback, self._sim.world.things())
                )
                self._hands.want(wish.joints, wish.openings)
            if self._sim.time - began > LONGEST * SECOND:
                break
        if self._sim.time >= self._end:
            return
        good = expert.done and not expert.failed
        self.worked, self.failed = self.worked + good, self.failed + (not good)
        self._words.mark(self._sim.time, 'success' if good else 'failure')
        self._wait(REST)
        self._sim.world.scatter(self._seed + self.worked + self.failed)

    def _wait(self, seconds: float) -> None:
        for _ in range(round(seconds * SECOND / STEP_NS)):
            if self._sim.time < self._end:
                self._step()

    def _step(self) -> Feedback:
        now = self._sim.time + STEP_NS
        arms, openings = self._hands.step((now - BEGIN) / SECOND)
        wire = {side: wire_gripper(openings[side]) for side in SIDES}
        for side in SIDES:
            self._sim.target_arm(side, arms[side].tolist(), [], now)
            self._sim.target_gripper(side, [wire[side]], now)
        feedback = self._sim.advance(now)[-1]
        self._words.feel(feedback)
        self._words.command(now, arms, wire)
        self._look(now)
        return feedback

    def _look(self, now: Ns) -> None:
        for seen in self._sim.exposures():
            data = jpeg(self._eyes.see(seen.camera, seen.qpos))
            self._pictures.append((seen.stamp + LATE, seen.camera, seen.stamp, data))
        while self._pictures and self._pictures[0][0] <= now:
            self._words.see(*self._pictures.popleft()[1:])
