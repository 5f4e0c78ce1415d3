"""The other half of the question: does a sensible stream move the arms as it says, and in time?

An executor that never moves breaks no bound. Here the policy knows a slow motion and tells of it
late and with small errors, as a policy does; what is commanded is held against that motion.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import CubicSpline

from fastwam_ros.apps.chaos.arms import Arms, Nature
from fastwam_ros.apps.chaos.draw import HOME, START
from fastwam_ros.apps.chaos.stage import Rng, Stage, seconds
from fastwam_ros.apps.chaos.things import chunk_of
from fastwam_ros.motion.authority import DISARMED, HOLD, POLICY
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns
from fastwam_ros.motion.status import ACCEPTED, Settings

ROWS, STEP = 32, 1.0 / 15.0
HIGHEST = 0.7  # [Hz]
_SINES = 3  # per joint
_PART = 0.6  # of the speed and acceleration limits that the motion asks for at most
_LATENCY, _SPREAD = 0.19, 0.12  # [s], log-normal
_WAIT = 0.2  # [s] at most until the next image is taken: a period of 0.2 to 0.4 s
_BIAS, _DRIFT, _NOISE = 0.004, 0.0006, 0.001  # [rad] of a chunk, per row, of a value
_SPIKES, _DROPS = 0.02, 0.01  # of all chunks
_FLIP, _FLIP_TIME = 0.2, 0.6  # [rad] between two modes, after so many seconds
_SETTLING = 3.0  # [s] after the first chunk that are not judged
_LAGS = np.arange(-0.1, 0.3001, 0.005)  # [s]


class Truth:
    """What is wanted: slow sines around home, which the limits allow."""

    def __init__(self, rng: Rng, limits: Limits) -> None:
        size = len(limits.names)
        self._omega = 2.0 * np.pi * rng.uniform(0.05, HIGHEST, (_SINES, size))
        self._phase = rng.uniform(0.0, 2.0 * np.pi, (_SINES, size))
        swing = rng.uniform(0.02, 0.08, (_SINES, size))
        speed = (swing * self._omega).sum(axis=0) / limits.velocity
        push = (swing * self._omega**2).sum(axis=0) / limits.acceleration
        self._swing = swing * np.minimum(1.0, _PART / np.maximum(speed, push))

    def at(self, t: Array) -> Array:
        """Positions [N, D] at seconds [N] after the start."""
        angle = self._omega * t[:, None, None] + self._phase
        return HOME + (self._swing * np.sin(angle)).sum(axis=1)


@dataclass
class Figures:
    """accepted: share of the chunks; lag [s]; rms [rad]; slowed: share of the time; wrong: words.

    stops: how often the arms came to rest although the policy was there.
    """

    accepted: float = 0.0
    lag: float = 0.0
    rms: float = 0.0
    slowed: float = 0.0
    slowest: float = 1.0
    stops: int = 0
    verdicts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lag, rms = f'lag {1e3 * self.lag:.0f} ms', f'rms {1e3 * self.rms:.1f} mrad'
        slow = f'slowed {100 * self.slowed:.1f} % of the time, at most {self.slowest:.2f} times'
        return f'accepted {100 * self.accepted:.1f} %, {lag}, {rms}, {slow}, stops {self.stops}'


class Stream:
    """A policy that tells of the truth: chunks by the time they arrive."""

    def __init__(self, rng: Rng, truth: Truth, flips: float) -> None:
        """flips: share of the chunks that are of another mode."""
        self._rng, self._truth, self._flips, self._sequence = rng, truth, flips, 0
        self._look(START)

    def _look(self, now: Ns) -> None:
        """The policy takes the next image, and answers one latency later."""
        rng = self._rng
        late = _LATENCY * np.exp(_SPREAD * rng.standard_normal())
        late += rng.uniform(0.2, 0.6) if rng.random() < _SPIKES else 0.0
        self._seen = now + seconds(rng.uniform(0.0, _WAIT))
        self.due: Ns = self._seen + seconds(late)

    def next(self, now: Ns, epoch: int) -> Chunk | None:
        """The chunk that arrives now; None where it was lost."""
        stamp, rows = self._seen, self._rows(self._seen)
        self._look(now)
        self._sequence += 1
        fields = {'stamp': stamp, 'step': STEP, 'epoch': epoch, 'sequence': self._sequence}
        lost = self._rng.random() < _DROPS
        return None if lost else chunk_of(rows, np.full((ROWS, 2), 0.05), **fields)

    def _rows(self, stamp: Ns) -> Array:
        rng, k = self._rng, np.arange(ROWS, dtype=np.float64)[:, None]
        rows = self._truth.at((stamp - START) / SECOND + k[:, 0] * STEP)
        size = rows.shape[1]
        rows += _BIAS * rng.standard_normal(size) + _DRIFT * k * rng.standard_normal(size)
        rows += _NOISE * rng.standard_normal(rows.shape)
        if rng.random() < self._flips:
            rows += _FLIP * rng.choice([-1.0, 1.0], size) * np.clip(k * STEP / _FLIP_TIME, 0, 1)
        return rows


def measure(settings: Settings, seed: int, length: float = 60.0, flips: float = 0.0) -> Figures:
    """What the executor makes of a sensible stream of `length` seconds."""
    rng = np.random.default_rng([seed, 30])
    truth, executor = Truth(rng, settings.limits), Executor(settings, 1)
    arms = Arms(rng, Nature(lag=0.05), settings.period, truth.at(np.zeros(1))[0], 2)
    stage, stream = Stage(executor, arms, settings.limits, START), Stream(rng, truth, flips)
    heard = Heard(settings)
    for _ in range(round(length * SECOND / settings.period)):
        stage.now += settings.period
        if stream.due <= stage.now:
            heard.take(stage, stream.next(stage.now, executor.status.epoch))
        _tick(stage, heard)
    return heard.figures(truth)


def _tick(stage: Stage, heard: 'Heard') -> None:
    executor, arms = stage.executor, stage.arms
    reading = arms.reading(stage.now)
    if reading is not None:
        executor.on_measured(reading)
    wanted = {DISARMED: 'engage', HOLD: 'run'}.get(executor.status.standing)
    if wanted is not None and not executor.status.pending:
        stage.ask(wanted)
    point = executor.tick(stage.now)
    q = point.state.q if point is not None and point.state is not None else None
    arms.move(q, None)
    heard.look(stage, q)
    stage.last = stage.now


class Heard:
    """What was said and done since the arms first moved."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._since: Ns = 0
        self._verdicts: list[str] = []
        self._times: list[float] = []
        self._rows: list[Array] = []
        self._slow: list[float] = []
        self._wrong: list[str] = []
        self._stops, self._moved = 0, False

    def take(self, stage: Stage, chunk: Chunk | None) -> None:
        """A chunk arrives, or would have."""
        if chunk is None:
            return
        verdict = stage.offer(chunk)
        if not self._since and verdict == ACCEPTED:
            self._since = stage.now + seconds(_SETTLING)
        if self._since and verdict != 'shadow':
            self._verdicts.append(verdict)
        if verdict == ACCEPTED:
            self._judge(stage, chunk)

    def look(self, stage: Stage, q: Array | None) -> None:
        """A tick."""
        policy = stage.executor.status.standing is POLICY
        self._stops += self._moved and not policy
        self._moved = policy
        if self._since and stage.now >= self._since and q is not None:
            self._times.append((stage.now - START) / SECOND)
            self._rows.append(q)
            self._slow.append(stage.executor.status.in_force.slow)

    def figures(self, truth: Truth) -> Figures:
        """All of it in numbers."""
        if not self._rows:
            return Figures(wrong=['the arms never moved'])
        times, commands, slow = np.array(self._times), np.array(self._rows), np.array(self._slow)
        share = self._verdicts.count(ACCEPTED) / len(self._verdicts)
        rms = float(np.sqrt(np.mean((commands - truth.at(times)) ** 2)))
        slowed, slowest = float(np.mean(slow > 1.0)), float(slow.max())
        others = [v for v in self._verdicts if v != ACCEPTED]
        found = lag(truth, times, commands)
        return Figures(share, found, rms, slowed, slowest, self._stops, others, self._wrong)

    def _judge(self, stage: Stage, chunk: Chunk) -> None:
        """A plan that is slower than its chunk names a joint, whose limit is what binds."""
        force, limits = stage.executor.status.in_force, self._settings.limits
        scale, joint = binding(limits, chunk, stage.last + self._settings.period)
        what = f'chunk {chunk.sequence}: slowed {force.slow:.4f} times by {force.slowed_by!r}'
        if abs(force.slow - scale) > 0.01 * scale:
            self._wrong.append(f'{what}; its rows ask for {scale:.4f} times')
        elif force.slow > 1.0 and force.slowed_by != joint:
            self._wrong.append(f'{what}; it is {joint} that asks for it')


def lag(truth: Truth, times: Array, commands: Array) -> float:
    """By how much the commands [N, D] are later than the truth [s]: where they correlate best."""
    own = commands - commands.mean(axis=0)

    def alike(late: float) -> float:
        wanted = truth.at(times - late)
        wanted = wanted - wanted.mean(axis=0)
        product = (own * wanted).sum(axis=0)
        return float((product / np.sqrt((own**2).sum(axis=0) * (wanted**2).sum(axis=0))).mean())

    return float(_LAGS[int(np.argmax([alike(float(late)) for late in _LAGS]))])


def binding(limits: Limits, chunk: Chunk, start: Ns) -> tuple[float, str]:
    """By how much a chunk must be slowed from `start` on, and for which joint's limit.

    Computed anew from what docs/executor.md says: rows filtered by [1 2 1]/4 and moved into the
    position limits, a C2 spline through them, and 0.97 of 0.97 of the limits.
    """
    rows, times = chunk.columns(limits.names), chunk.seconds(start)
    inner = 0.25 * rows[:-2] + 0.5 * rows[1:-1] + 0.25 * rows[2:]
    rows = limits.clamp(np.concatenate((rows[:1], inner, rows[-1:])))
    ends = [(1, (rows[i + 1] - rows[i]) / chunk.step) for i in (0, -2)]
    spline = CubicSpline(times, rows, bc_type=(ends[0], ends[1]))
    fine = np.arange(max(0.0, times[0]), times[-3], 0.0005)
    asked = [
        (np.abs(spline(fine, n)).max(axis=0) / (0.97**2 * getattr(limits, what))) ** (1.0 / n)
        for n, what in enumerate(('velocity', 'acceleration', 'jerk'), 1)
    ]
    scales = np.max(asked, axis=0)
    joint = int(scales.argmax())
    return (float(scales[joint]), limits.names[joint]) if scales[joint] > 1.0 else (1.0, '')
