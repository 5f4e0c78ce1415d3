"""A policy that leads the arms into themselves, chunk by chunk, and what becomes of it.

Two manners: rows that begin where the arms were when their image was taken (a policy that sees
them), and rows of a motion that goes on whatever the arms do. `python -m test.motion.approach`
writes what becomes of both, three times each.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.loop.surroundings import clearance
from fastwam_ros.motion.clearance import Clearance
from fastwam_ros.motion.limits import SECOND
from test.motion.robot import STEP, Rig, ratios

REACHING = np.array([0.0, 1.8, -1.2, 0.3, 0.0, 0.0] * 2)  # forward: turned in by 1 rad, hands meet
GOALS = {
    'hand to hand': REACHING + 1.1 * np.array([-1.0, 0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 0]),
    'hand to torso': np.r_[-1.54, 2.35, -1.18, 0.71, -1.31, -0.85, REACHING[6:]],
    'hand to own base': np.r_[1.51, 3.02, -0.51, 0.99, -0.08, 1.36, REACHING[6:]],
}
EVERY = 0.25  # [s] between chunks
LATENCY = 0.2  # [s] from a chunk's image to the chunk
SEEING, BLIND = 'seeing', 'blind'
ENDS = 'rest', 'least'


@dataclass(frozen=True)
class Outcome:
    """What became of one approach.

    rest, least [m]: the smallest distance at the end and on the way. off: the largest distance
    [rad] of a command from the straight way to the first goal. standing: at the end. faults: how
    often the policy lost the arms. moving [rad/s] at the end. ratios: worst v, a, j by their
    limits.
    """

    rest: float
    least: float
    off: float
    standing: str
    faults: int
    moving: float
    ratios: tuple[float, ...]
    verdicts: tuple[str, ...]
    reasons: tuple[str, ...]


class Approach:
    """A rig under a policy that moves towards a goal [D] with a speed [rad/s] of its joints."""

    def __init__(
        self,
        near: Clearance,
        goal: np.ndarray,
        speed: float,
        manner: str = SEEING,
        seed: int = 0,
        watched: bool = True,
        noise: float = 0.005,
    ) -> None:
        self.near, self.goal, self.speed, self.manner = near, goal, speed, manner
        self._way = (goal - REACHING) / np.linalg.norm(goal - REACHING)
        self.rig = Rig(REACHING, clearance=near if watched else None)
        self.verdicts: list[str] = []
        self.reasons: list[str] = []
        self.faults = 0
        self._noise, self._random = noise, np.random.default_rng(seed)
        self._phase = int(self._random.integers(0, 50))

    def start(self) -> None:
        """Engage and run; the first chunk is taken after the request."""
        for verb in ('engage', 'run'):
            self.rig.tick(2)
            assert self.rig.ask(verb) == 'ok'
        self.rig.tick(80 + self._phase)
        self.begun = self.rig.now

    def go(self, seconds: float) -> None:
        """Offer a chunk every EVERY seconds and run, as a person would, when it lost the arms."""
        for _ in range(round(seconds / EVERY)):
            mode = self.rig.mode
            self.verdicts.append(self.rig.offer(age=LATENCY, rows=self.rows()).name)
            for _ in range(round(EVERY / 0.005)):
                self.rig.tick()
                force = self.rig.executor.status.in_force
                said = force.slowed_by
                if said and said not in self.reasons[-1:]:
                    self.reasons.append(said)
                if mode == 'POLICY' != self.rig.mode:
                    self.faults += 1
                    self.reasons.append(self.rig.executor.status.reason)
                mode = self.rig.mode

    def rows(self) -> np.ndarray:
        """The next chunk's rows [32, D]: from where the arms were towards the goal, with noise."""
        stamp = self.rig.now - round(LATENCY * SECOND)
        begin, times = REACHING, (stamp - self.begun) / SECOND + np.arange(32) * STEP
        if self.manner == SEEING:
            sent, ago = self.rig.commands, round(LATENCY / 0.005)
            begin, times = sent[-ago] if len(sent) >= ago else sent[0], np.arange(32) * STEP
        way = self.goal - begin
        whole = float(np.abs(way).max()) / self.speed
        part = np.clip(times / max(whole, 1e-6), 0.0, 1.0)
        bend = self._random.normal(0.0, self._noise, len(self.goal))
        wave = np.sin(np.arange(32) * STEP * 3.0 + self._random.uniform(0.0, 6.3))
        return LIMITS.clamp(begin + part[:, None] * way + wave[:, None] * bend)

    def outcome(self) -> Outcome:
        sent = np.array(self.rig.commands)
        way = self._way
        from_start = sent[::5] - REACHING
        off = np.abs(from_start - np.outer(from_start @ way, way)).max()
        return Outcome(
            rest=float(self.near.nearest(sent[-1]).distance),
            least=min(float(self.near.nearest(q).distance) for q in sent[::5]),
            off=float(off),
            standing=self.rig.mode,
            faults=self.faults,
            moving=float(np.abs(sent[-1] - sent[-20]).max() / 0.1),
            ratios=tuple(float(r) for r in ratios(LIMITS, sent)),
            verdicts=tuple(self.verdicts),
            reasons=tuple(self.reasons),
        )


def approached(
    near: Clearance, goal: str, speed: float, manner: str = SEEING, seed: int = 0, **fields
) -> Outcome:
    """One approach, for twice as long as it would take, and 3 s."""
    approach = Approach(near, GOALS[goal], speed, manner, seed, **fields)
    approach.start()
    approach.go(3.0 + 1.3 * float(np.abs(GOALS[goal] - REACHING).max()) / speed)
    return approach.outcome()


def main() -> None:
    near, seeds = clearance(), range(3)
    print(
        'goal, speed [rad/s], manner: distance at rest and least [mm], off [rad], soft faults, end'
    )
    for goal, speed, manner in product(GOALS, (0.3, 0.8, 1.4), (SEEING, BLIND)):
        found = [approached(near, goal, speed, manner, seed) for seed in seeds]
        rest, least = ([round(1e3 * getattr(one, what)) for one in found] for what in ENDS)
        faults, ends = [one.faults for one in found], sorted({one.standing for one in found})
        off, last = max(one.off for one in found), found[0].reasons[-1]
        print(f'{goal}, {speed}, {manner}: {rest}, {least}, {off:.2f}, {faults}, {ends}; {last}')


if __name__ == '__main__':
    main()
