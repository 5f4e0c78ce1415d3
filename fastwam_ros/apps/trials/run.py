"""One trial: a person works at a simulated robot, through the executor or straight at its tracker.

Everything runs in this process on one time that is an argument, faster than real time. The person
sees and leads 50 times a second; the robot reports, and the executor commands, 200 times.
"""

from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.trials.ways import LOOK, Straight, ThroughExecutor, Way
from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.sim.blocks import BLOCKS
from fastwam_ros.sim.expert import HOME_OPENING, Expert, Sight
from fastwam_ros.sim.reach import Reach
from fastwam_ros.sim.scene import Outcome
from fastwam_ros.sim.scenes import scene_named
from fastwam_ros.sim.simulator import Feedback, Simulator
from fastwam_ros.sim.tasks import task_named
from fastwam_ros.sim.world import STEP_NS

LONGEST = 60 * SECOND  # [ns] after which a trial is given up
HELD = 0.5  # [s] that a success which does not last must have held


@dataclass(frozen=True)
class Kind:
    """A kind of trial: its scene, what may be asked, and whether success lasts to the end."""

    scene: str
    tasks: tuple[str, ...]
    lasts: bool = True


KINDS = {
    'pick': Kind('blocks', tuple(f'pick {name}' for name in BLOCKS)),
    'lift': Kind('bar', ('lift',), lasts=False),  # the bar is put down again
    'fold': Kind('towel', ('fold',)),
}


@dataclass(frozen=True)
class Trial:
    """What came of it: success, why in words, seconds, and the commands' worst share of limits.

    ratios: of velocity, acceleration and jerk, over all joints; 1 is the limit.
    """

    seed: int
    task: str
    success: bool
    words: str
    duration: float
    ratios: tuple[float, float, float]


class Bench:
    """One kind of trial, as often as one likes: the scene is built once."""

    def __init__(self, kind: str) -> None:
        self._kind, self._reach = KINDS[kind], Reach()
        self._sim = Simulator(0, 0, scene=scene_named(self._kind.scene))

    def trial(self, seed: int, way: type[Straight] | type[ThroughExecutor]) -> Trial:
        """The seed's scene and task."""
        names = self._kind.tasks
        task = names[int(np.random.default_rng((seed, 2)).integers(len(names)))]
        self._sim.reset(seed, 0, opening=HOME_OPENING)
        session = _Session(self._sim, way(self._sim), Expert(task_named(task), self._reach))
        session.run()
        success, words = session.verdict(self._kind.lasts, task)
        return Trial(seed, task, success, words, session.worked / SECOND, session.ratios())


class _Session:
    """A person at work, from the first look to the last."""

    def __init__(self, sim: Simulator, way: Way, expert: Expert) -> None:
        self._sim, self._way, self._expert = sim, way, expert
        self._since: Ns | None = None  # when the present success began
        self._longest: Ns = 0  # that success held
        self._outcome = sim.world.outcome()
        self._begun: Ns | None = None
        self.worked: Ns = 0

    def run(self) -> None:
        """Until the person is done, gives up, or time is up."""
        steps = 0
        while not (self._expert.done or self._expert.failed or self._sim.time > LONGEST):
            now, steps = self._sim.time + STEP_NS, steps + 1
            feedback = self._sim.advance(now)[-1]
            self._way.read(now, feedback)
            if steps % LOOK == 0:
                self._look(now, feedback)
            self._way.tick(now)

    def _look(self, now: Ns, feedback: Feedback) -> None:
        self._judge(now)
        if self._way.ready(now):
            self._begun = now if self._begun is None else self._begun
            self.worked = now - self._begun
            self._way.lead(
                now, self._expert.tick(now / SECOND, Sight.of(feedback, self._sim.world.things()))
            )

    def _judge(self, now: Ns) -> None:
        self._outcome = self._sim.world.outcome()
        if not self._outcome.success:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        self._longest = max(self._longest, now - self._since)

    def verdict(self, lasts: bool, task: str) -> tuple[bool, str]:
        """Whether it succeeded, and in words."""
        if self._expert.failed or not self._expert.done:
            return False, self._expert.failed or f'not done after {LONGEST // SECOND} s'
        if not lasts:
            held = self._longest / SECOND
            return held >= HELD, f'held for {held:.1f} s'
        wrong = _another(task, self._outcome)
        return self._outcome.success and not wrong, wrong or self._outcome.words

    def ratios(self) -> tuple[float, float, float]:
        """Worst share of the executor's limits: velocity, acceleration, jerk."""
        limits = (LIMITS.velocity, LIMITS.acceleration, LIMITS.jerk)
        positions, shares = np.array(self._way.commands), []
        for order, limit in enumerate(limits, 1):
            rates = np.diff(positions, order, axis=0) / self._way.period**order
            shares.append(float((np.abs(rates) / limit).max(initial=0.0)))
        return shares[0], shares[1], shares[2]


def _another(task: str, outcome: Outcome) -> str:
    """Which block is in the tray instead of the one asked for, or ''."""
    asked, inside = task.removeprefix('pick '), outcome.figures.get('inside', '')
    return f'{inside} is in the tray, not {asked}' if inside and inside != asked else ''
