"""A short life of the real executor: two chunks that disagree, and a third that is lost.

The first chunk finds the arms at rest, the second is 0.1 rad off, and nothing comes after it: the
plan grows old, is slowed, and stopped. Times are seconds after the first chunk's image.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.loop.execution import settings
from fastwam_ros.motion.authority import TO_HOLD, Standing
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.motion.plan import Plan
from fastwam_ros.motion.status import ACCEPTED, Measured, Settings
from fastwam_ros.robot.joints import GRIPPER_NAMES, GRIPPER_OPENING

RATE = 200.0
STEP, ROWS = 1.0 / 15.0, 32  # [s] between the rows of a chunk, as the model makes them
LATENCY = 0.2  # [s] from an image to its chunk
IMAGES = (0.0, 0.6, 1.2)  # [s] the third chunk is lost on its way
OFF = 0.1  # [rad] by which the second disagrees with the first
END = 3.6  # [s]
JOINT = 0  # the one that is drawn
_BEGIN = -0.4  # [s]
_POSE = np.array([-0.45, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)
_NOISE = 0.008  # [rad] from row to row
_FLICKER = 1e-9  # [rad] of a reading: one that is the same to the bit would be held for frozen
_REQUESTS = {40: 'engage', 60: 'run'}  # by tick
_AT: Ns = 1_700_000_000 * SECOND  # the first image


@dataclass(frozen=True)
class Offered:
    """A chunk and the plan that it became, None for one that was lost. arrival, start [s].

    start: of the plan, on the axis of the story.
    """

    chunk: Chunk
    arrival: float
    start: float = float('nan')
    plan: Plan | None = None

    @property
    def due(self) -> Array:
        """When its rows are due [s]."""
        return self.chunk.seconds(_AT)

    @property
    def rows(self) -> Array:
        """Positions of the joint that is drawn [rad]."""
        return self.chunk.positions[:, JOINT]


@dataclass(frozen=True)
class Story:
    """times [N, s]; commands [N, D] and standings and paces of the ticks; offered chunks."""

    settings: Settings
    times: Array
    commands: Array
    standings: Sequence[Standing]
    paces: Array
    offered: Sequence[Offered]

    def shares(self, order: int) -> Array:
        """Speed (1), acceleration (2) or jerk (3) as shares of the limits [N, D], NaN at first."""
        limits = self.settings.limits
        most = (limits.velocity, limits.acceleration, limits.jerk)[order - 1]
        found = np.full_like(self.commands, np.nan)
        found[order:] = np.diff(self.commands, order, axis=0) * RATE**order / most
        return found

    def spans(self) -> dict[str, tuple[float, float]]:
        """From when to when [s]: the bridges, the slower pace, the stop."""
        found = {}
        for n, each in enumerate(self.offered, 1):
            if each.plan is not None:
                found[f'bridge {n}'] = each.start, each.start + each.plan.segments[0].duration
        slow = self.paces < 1.0
        stops = np.array([standing is TO_HOLD for standing in self.standings])
        for name, there in (('half the rate', slow & ~stops), ('stop', stops)):
            found[name] = float(self.times[there][0]), float(self.times[there][-1])
        return found


def wanted(times: Array) -> Array:
    """The motion that the policy has in mind, for the joint that is drawn [rad]."""
    return np.asarray(0.3 - 0.75 * np.cos(2.0 * np.pi * times / 5.6))


def chunks(epoch: int) -> list[Chunk]:
    """The policy's answers."""
    rng = np.random.default_rng(4)
    made = []
    for n, image in enumerate(IMAGES):
        positions = np.tile(np.r_[_POSE, [GRIPPER_OPENING / 2.0] * 2], (ROWS, 1))
        due = image + STEP * np.arange(ROWS, dtype=np.float64)
        positions[:, JOINT] = wanted(due) + OFF * (n > 0)
        positions[:, JOINT] += rng.normal(0.0, _NOISE, ROWS)
        stamp = _AT + round(image * SECOND)
        made.append(_chunk(stamp, positions, epoch, n + 1))
    return made


def _chunk(stamp: Ns, positions: Array, epoch: int, sequence: int) -> Chunk:
    made = settings(RATE)
    names = (*made.limits.names, *GRIPPER_NAMES)
    return Chunk(stamp, STEP, 0.0, names, positions, epoch, sequence, made.robot)


def play() -> Story:
    """The story, the same on every run."""
    teller = _Teller()
    period = teller.settings.period
    for now in range(_AT + round(_BEGIN * SECOND), _AT + round(END * SECOND), period):
        teller.tick(now)
    return teller.story()


class _Teller:
    """The executor, arms that are where they are commanded, an operator, and what was seen."""

    def __init__(self) -> None:
        self.settings = settings(RATE)
        self._executor = Executor(self.settings, epoch=1)
        openings = np.full(len(GRIPPER_NAMES), GRIPPER_OPENING / 2.0)
        self._measured = Measured(0, _POSE, np.zeros(len(_POSE)), openings)
        self._offered: list[Offered] = []
        self._seen: list[tuple[Ns, Array, Standing, float]] = []

    def tick(self, now: Ns) -> None:
        """Everything that happens up to a tick, and the tick."""
        executor, measured = self._executor, self._measured
        flicker = _FLICKER * (len(self._seen) % 2)
        executor.on_measured(replace(measured, stamp=now, q=measured.q + flicker))
        self._operate(now)
        self._offered = [self._offer(now, each) for each in self._offered]
        point = executor.tick(now)
        if point is not None and point.state is not None:
            self._measured = replace(measured, q=point.state.q, v=point.state.v)
        status = executor.status
        self._seen.append((now, self._measured.q, status.standing, status.in_force.pace))

    def story(self) -> Story:
        """All of it, so far."""
        nows, commands, standings, paces = zip(*self._seen, strict=True)
        times = (np.array(nows) - _AT) / SECOND
        return Story(
            self.settings, times, np.array(commands), standings, np.array(paces), self._offered
        )

    def _operate(self, now: Ns) -> None:
        """Engage, and run, before the first image."""
        verb = _REQUESTS.get(len(self._seen))
        if verb is None:
            return
        answer = self._executor.on_request(now, verb, len(self._seen), 'operator')
        if answer != 'ok':
            raise RuntimeError(f'{verb} is part of the story and was answered: {answer}')
        if verb == 'run':
            made = zip(IMAGES, chunks(self._executor.status.epoch), strict=True)
            self._offered = [Offered(chunk, image + LATENCY) for image, chunk in made]

    def _offer(self, now: Ns, each: Offered) -> Offered:
        """Hand over a chunk when it is due; the last one is lost."""
        due = _AT + round(each.arrival * SECOND)
        if each.chunk.sequence == len(IMAGES) or not now - self.settings.period < due <= now:
            return each
        verdict = self._executor.on_chunk(now, each.chunk)
        if verdict.name != ACCEPTED:
            raise RuntimeError(f'a chunk of the story is not executed: {verdict}')
        # The plan begins one period of plan time after the last tick: at this one.
        return replace(each, start=(now - _AT) / SECOND, plan=self._executor.drive.plan)
