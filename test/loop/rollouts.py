"""Simulated work as the policy's node gets it, and cameras that freeze in the middle of it.

`python -m test.loop.rollouts --seeds 10 --freezes 200` measures what docs/cameras.md says: every
set of pictures of the expert's work in all scenes, and of the tiny bundle's own motion, judged;
then again with a camera that freezes at a random moment while something moves.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fastwam_ros.apps.trials.ways import LOOK, ThroughExecutor
from fastwam_ros.loop.eyesight import Blindness, blindness
from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.units import opening
from fastwam_ros.sim.expert import HOME_OPENING, Expert, Sight
from fastwam_ros.sim.eyes import Eyes
from fastwam_ros.sim.scenes import scene_named
from fastwam_ros.sim.simulator import Feedback, Simulator
from fastwam_ros.sim.stills import jpeg
from fastwam_ros.sim.tasks import task_named
from fastwam_ros.sim.world import STEP_NS
from test.loop.test_inference import Echo

BEGIN = SECOND  # a stamp of 0 is none
WORK = {'fold': 'towel', 'lift': 'bar', 'pick red': 'blocks', 'pick green': 'blocks'}
TINY = Path(__file__).resolve().parents[2] / 'bundles' / 'tiny_r1lite'
CAMERAS = ('head', *SIDES)
MOVES = 0.05  # [rad/s] of some joint


@dataclass
class Rollout:
    """What was sent, in order: feedback, and pictures as (camera, stamp [ns], JPEG)."""

    name: str
    sent: list[Feedback | tuple[str, int, bytes]] = field(default_factory=list)
    plain: list[Blindness] = field(default_factory=list)  # pictures that show nothing

    @property
    def feedback(self) -> list[Feedback]:
        return [each for each in self.sent if isinstance(each, Feedback)]

    @property
    def seconds(self) -> float:
        return (self.feedback[-1].stamp - self.feedback[0].stamp) / SECOND

    def moments(self, camera: str) -> list[int]:
        """Stamps of pictures that are followed by a second in which its arms move on."""
        sides = (camera,) if camera in SIDES else SIDES
        stamps = np.array([each.stamp for each in self.feedback])
        q = np.array([[*each.arms[s].position] for each in self.feedback for s in sides])
        q = q.reshape(len(stamps), -1)
        speed = np.abs(q[20:] - q[:-20]).max(axis=1) / (20e-9 * STEP_NS)
        moving = {int(stamp): fast > MOVES for stamp, fast in zip(stamps, speed, strict=False)}
        pictures = [each for each in self.sent if not isinstance(each, Feedback)]
        return [stamp for c, stamp, _ in pictures if c == camera and moving.get(stamp)]


class Filming:
    """A simulator whose feedback and pictures are kept."""

    def __init__(self, name: str, scene: str, seed: int, since: float = 0.0) -> None:
        """since: seconds before the first picture is drawn."""
        self.rollout = Rollout(name)
        self.sim = Simulator(seed, BEGIN, scene=scene_named(scene), opening=HOME_OPENING)
        self._eyes, self._since = Eyes(self.sim.world.model), BEGIN + round(since * SECOND)

    def step(self) -> Feedback:
        """5 ms on."""
        feedback = self.sim.advance(self.sim.time + STEP_NS)[-1]
        self.rollout.sent.append(feedback)
        for exposure in self.sim.exposures():
            if exposure.stamp >= self._since:
                self._draw(exposure.camera, exposure.stamp, exposure.qpos)
        return feedback

    def _draw(self, camera: str, stamp: int, qpos: np.ndarray) -> None:
        pixels = self._eyes.see(camera, qpos)
        if plain := blindness(camera, pixels):
            self.rollout.plain.append(plain)
        self.rollout.sent.append((camera, stamp, jpeg(pixels)))

    def close(self) -> Rollout:
        self._eyes.close()
        return self.rollout


def expert(task: str, seed: int, since: float = 0.0, until: float = 60.0) -> Rollout:
    """A person at work through the executor, as in the trials; pictures from `since` on [s]."""
    film = Filming(f'{task}, seed {seed}', WORK[task], seed, since)
    way, person = ThroughExecutor(film.sim), Expert(task_named(task))
    for step in range(round(until * SECOND / STEP_NS)):
        feedback, now = film.step(), film.sim.time
        way.read(now, feedback)
        if step % LOOK == 0 and way.ready(now):
            way.lead(now, person.tick(now / SECOND, _sight(film.sim, feedback)))
        way.tick(now)
        if person.done or person.failed:
            break
    return film.close()


def _sight(sim: Simulator, feedback: Feedback) -> Sight:
    arms, grippers = feedback.arms, feedback.grippers
    return Sight(
        {side: np.array(arms[side].position) for side in SIDES},
        max(float(np.abs(arms[side].velocity).max()) for side in SIDES),
        {side: opening(grippers[side].position) for side in SIDES},
        sim.world.things(),
    )


class ByPolicy(ThroughExecutor):
    """The executor run by a bundle; a chunk arrives 0.15 s after the feedback that allowed it."""

    def __init__(self, film: Filming) -> None:
        from fastwam_ros.wam.policy import Policy

        super().__init__(film.sim)
        self._film, self._coming = film, []
        self._inference = Inference(Policy.load(TINY), max_skew=0.05, max_rate=2.5)

    def ready(self, now: int) -> bool:
        """Engage, then run, as often as it takes."""
        status = self._execution.executor.status
        mode = status.standing.mode
        if mode != 'POLICY' and now % (SECOND // 2) == 0:
            self._asked += 1
            verb = 'run' if mode == 'HOLD' else 'engage'
            self._execution.on_request(now, verb, self._asked, 'person')
        self._inference.set_authority(mode, status.epoch)
        return mode == 'POLICY'

    def infer(self, now: int, feedback: Feedback, pictures: list) -> None:
        """From what came last."""
        take(self._inference, feedback)
        for picture in pictures:
            take(self._inference, picture)
        job = self._inference.pick()
        if isinstance(job, Job) and (chunk := self._inference.run(job)):
            self._coming.append((now + 3 * SECOND // 20, chunk))
        while self._coming and self._coming[0][0] <= now:
            self._execution.on_chunk(now, self._coming.pop(0)[1])


def policy(until: float) -> Rollout:
    """The tiny bundle at its own motion, for as many seconds."""
    film = Filming('tiny bundle', 'towel', 0)
    way, sent = ByPolicy(film), film.rollout.sent
    for _ in range(round(until * SECOND / STEP_NS)):
        known = len(sent)
        feedback, now = film.step(), film.sim.time
        way.read(now, feedback)
        way.ready(now)
        way.infer(now, feedback, sent[known + 1 :])
        way.tick(now)
    return film.close()


def take(inference: Inference, sent: Feedback | tuple[str, int, bytes]) -> None:
    """As the policy's node does."""
    if not isinstance(sent, Feedback):
        assert inference.add_image(*sent) == ''
        return
    for side in SIDES:
        arm, gripper = sent.arms[side], sent.grippers[side]
        assert inference.joints.add_arm(side, sent.stamp, np.array(arm.position)) == ''
        assert inference.joints.add_gripper(side, sent.stamp, gripper.position) == ''


def judged(
    rollout: Rollout, camera: str = '', since: int = 0
) -> Iterator[tuple[int, Blindness | None]]:
    """Every set of pictures by its stamp and what is wrong with it; a camera may freeze."""
    inference, last = Inference(Echo(), 0.05, 1000.0, always=True, frame_interval=0.02), b''
    for sent in rollout.sent:
        if not isinstance(sent, Feedback):
            name, stamp, data = sent
            if name == camera and stamp > since:
                sent = (name, stamp, last)
            elif name == camera:
                last = data
        elif sent.stamp < since - SECOND:
            continue  # kept for a second anyway
        take(inference, sent)
        found = inference.pick()
        if isinstance(found, Job):
            yield found.frames.stamp, None
        elif inference.blind is not None:
            yield (sent.stamp if isinstance(sent, Feedback) else sent[1]), inference.blind


def delay(rollout: Rollout, camera: str, since: int) -> float:
    """Seconds from a camera's last true picture until a set is refused; infinite if none is."""
    for stamp, found in judged(rollout, camera, since):
        if found is not None:
            assert (found.camera, found.fact) == (camera, 'frozen')
            return (stamp - since) / SECOND
    return float('inf')


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser('python -m test.loop.rollouts', description=__doc__)
    ask.add_argument('--seeds', type=int, default=10, help='of each task')
    ask.add_argument('--seed', type=int, default=0, help='the first')
    ask.add_argument('--freezes', type=int, default=200, help='of each camera')
    ask.add_argument('--policy', type=float, default=60.0, help='[s] of the tiny bundle')
    given = ask.parse_args()
    made = []
    for task in WORK:
        for seed in range(given.seed, given.seed + given.seeds):
            made.append(told(expert(task, seed)))
    if given.policy:
        made.append(told(policy(given.policy)))
    rng = np.random.default_rng(0)
    for camera in CAMERAS:
        delays = [delay(*drawn(rng, made, camera)) for _ in range(given.freezes)]
        found = [each for each in delays if np.isfinite(each)]
        p50, p95 = np.quantile(found, (0.5, 0.95))
        print(
            f'{camera} frozen while its arms move: {len(found)} of {len(delays)} found, '
            f'after {p50:.2f} s (median), {p95:.2f} s (95 %)'
        )


def drawn(rng: np.random.Generator, made: list[Rollout], camera: str) -> tuple[Rollout, str, int]:
    """A rollout, a camera of it, and when it freezes."""
    moving = [(rollout, moments) for rollout in made if (moments := rollout.moments(camera))]
    rollout, moments = moving[rng.integers(len(moving))]
    return rollout, camera, int(rng.choice(moments))


def told(rollout: Rollout) -> Rollout:
    """Print what is found wrong with a rollout in which nothing is."""
    verdicts = list(judged(rollout))
    wrong = {found.words for _, found in verdicts if found} | {p.words for p in rollout.plain}
    print(f'{rollout.name}: {rollout.seconds:.0f} s, {len(verdicts)} sets, wrong: {wrong or 0}')
    return rollout


if __name__ == '__main__':
    main()
