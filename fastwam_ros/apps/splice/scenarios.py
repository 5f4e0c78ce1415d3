"""What the methods are given: a motion that is wanted, and a policy that tells of it late.

The wanted motion (truth) of twelve joints is slow sines plus reaches of 0.8 s that nobody knows
of before they begin. The policy looks at the newest image, answers one latency later with rows of
what it believes from there on, and then looks again. Everything hangs on the seed alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.joints import ARM_NAMES, ARM_SIZE, GRIPPER_NAMES, JOINT_NAMES, ROBOT

SIZE = len(ARM_NAMES)
START: Ns = 10**18  # ROS time of the first tick [ns]
ROWS = 32
OPENING = 0.05  # [m] of both grippers, always: their channel has no part in this
REACH = 0.8  # [s]
LEAD = 0.3  # [rad] by which a reach moves the joint that moves most
_OTHERS = 0.2  # [rad] at most, of the rest of that arm
_CAMERA = 1.0 / 30.0  # [s] between two images
_HIGHEST = 0.7  # [Hz]
_CENTRE = np.array([0.0, 1.2, -1.55, 0.2, 0.0, 0.0] * 2)
_FLIP = 0.2  # [rad] between the two modes of a policy that cannot decide
_FLIP_TIME = 0.6  # [s] until they are that far apart


def ease(x: Array) -> Array:
    """0 before 0, 1 after 1, and between them the motion of least jerk."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)


@dataclass(frozen=True)
class Reach:
    """begin [s]: when it becomes visible; change [D] in rad; lead: the joint that moves most."""

    begin: float
    change: Array
    lead: int


@dataclass(frozen=True)
class Truth:
    """The wanted motion. sines: amplitude [rad], frequency [Hz] and phase, each [n, D]."""

    sines: tuple[Array, Array, Array]
    reaches: tuple[Reach, ...]

    @classmethod
    def of(cls, rng: np.random.Generator, seconds: float) -> 'Truth':
        """Three sines per joint, and reaches of alternating arms: out, back, out, ..."""
        amplitude = rng.uniform(0.01, 0.04, (3, SIZE))
        frequency = rng.uniform(0.05, _HIGHEST, (3, SIZE))
        sines = (amplitude, frequency, rng.uniform(0.0, 2.0 * np.pi, (3, SIZE)))
        return cls(sines, tuple(_reaches(rng, seconds)))

    def at(self, t: Array, known: float = np.inf) -> Array:
        """Positions [N, D] at t [N] seconds, as one expects them who knows until `known`."""
        motion = self.still(t)
        for reach in self.reaches:
            if reach.begin <= known:
                motion = motion + reach.change * ease((t - reach.begin) / REACH)[:, None]
        return motion

    def still(self, t: Array) -> Array:
        """The same without any reach."""
        amplitude, frequency, phase = self.sines
        angle = 2.0 * np.pi * frequency * t[:, None, None] + phase
        return _CENTRE + (amplitude * np.sin(angle)).sum(axis=1)


def _reaches(rng: np.random.Generator, seconds: float) -> Iterator[Reach]:
    begin, arm, out = rng.uniform(2.0, 3.0), 0, None
    while begin < seconds - 1.5:
        if out is None:
            change = np.zeros(SIZE)
            joints = slice(arm * ARM_SIZE, (arm + 1) * ARM_SIZE)
            change[joints] = rng.uniform(-_OTHERS, _OTHERS, ARM_SIZE)
            lead = arm * ARM_SIZE + int(rng.integers(ARM_SIZE))
            change[lead] = LEAD * rng.choice([-1.0, 1.0])
            out = Reach(begin, change, lead)
            yield out
        else:
            yield Reach(begin, -out.change, out.lead)
            out, arm = None, 1 - arm
        begin += rng.uniform(1.8, 2.8)


@dataclass(frozen=True)
class Scenario:
    """A policy and what happens to it.

    step [s] between rows; latency [s]: its median; spikes, drops, flips: probabilities per chunk;
    bias [rad] of a whole chunk, drift [rad] per row, noise [rad] of a row: standard deviations.
    slow: (from, to, latency); clock: (at, by); dead and hands: (from, to), all in seconds.
    """

    name: str
    words: str
    step: float = 1.0 / 15.0
    latency: float = 0.19
    spread: float = 0.12
    spikes: float = 0.02
    drops: float = 0.01
    flips: float = 0.03
    bias: float = 0.004
    drift: float = 0.0006
    noise: float = 0.001
    slow: tuple[tuple[float, float, float], ...] = ()
    clock: tuple[tuple[float, float], ...] = ()
    dead: tuple[tuple[float, float], ...] = ()
    hands: tuple[tuple[float, float], ...] = ()

    def ros(self, t: float) -> Ns:
        """What the robot's clock says at t."""
        ahead = sum(by for at, by in self.clock if t >= at)
        return START + round((t + ahead) * SECOND)

    def hand(self, t: float) -> bool:
        """Whether a person moves the arms at t."""
        return _within(self.hands, t)

    def calm(self, t: float) -> bool:
        """Whether the policy leads: nothing that ends it is within 2 s, or less than 3 s ago."""
        spans = (*self.dead, *self.hands, *((begin, end) for begin, end, _ in self.slow))
        return not any(begin - 2.0 <= t < end + 3.0 for begin, end in spans)


@dataclass(frozen=True)
class Delivery:
    """A chunk as it comes: at `arrival` seconds, from an image taken at `seen` seconds."""

    arrival: float
    seen: float
    chunk: Chunk


_CLEAN = Scenario(
    'S0', 'clean: the policy knows the truth, 190 ms late', spread=0.0, spikes=0.0, drops=0.0,
    flips=0.0, bias=0.0, drift=0.0, noise=0.0,
)  # fmt: skip
_NOMINAL = Scenario('S1', 'nominal: 2 % spikes of latency, 1 % lost, 3 % of the other mode')
SCENARIOS: dict[str, Scenario] = {
    each.name: each
    for each in (
        _CLEAN,
        _NOMINAL,
        Scenario(
            'S2', 'hard: 10 % spikes, 5 % lost, 20 % of the other mode, noisier',
            spikes=0.1, drops=0.05, flips=0.2, bias=0.008, drift=0.001, noise=0.002,
        ),
        replace(
            _NOMINAL, name='S3', words="the robot's clock steps by 0.1, -0.1, 0.5 and -0.5 s",
            clock=((6.0, 0.1), (12.0, -0.1), (18.0, 0.5), (24.0, -0.5)),
        ),
        replace(
            _NOMINAL, name='S4', words='the policy is dead from 10 to 14 s', dead=((10.0, 14.0),)
        ),
        replace(_NOMINAL, name='S5', words='rows of 1/30 s, horizon 1.07 s', step=1.0 / 30.0),
        replace(
            _NOMINAL, name='S6', words='latency beyond the horizon from 10 to 16 s',
            slow=((10.0, 16.0, 2.3),),
        ),
        replace(
            _NOMINAL, name='S7', words='a person takes over at 8 and 18 s, for 4 s each',
            hands=((8.0, 12.0), (18.0, 22.0)),
        ),
    )
}  # fmt: skip


def deliveries(
    scenario: Scenario, truth: Truth, rng: np.random.Generator, seconds: float
) -> Iterator[Delivery]:
    """Every chunk that arrives within `seconds`, in order of arrival."""
    seen, sequence = 0.0, 0
    while True:
        arrival = seen + _latency(scenario, rng, seen)
        if arrival >= seconds:
            return
        sequence += 1
        rows = _rows(scenario, truth, rng, seen)
        lost = rng.random() < scenario.drops or _within(scenario.dead, arrival)
        if not lost:
            yield Delivery(arrival, seen, _chunk(scenario, seen, sequence, rows))
        seen = (np.floor(arrival / _CAMERA) + 1.0) * _CAMERA


def _latency(scenario: Scenario, rng: np.random.Generator, seen: float) -> float:
    usual = next((u for a, b, u in scenario.slow if a <= seen < b), scenario.latency)
    took = usual * np.exp(scenario.spread * rng.standard_normal())
    spike, extra = rng.random() < scenario.spikes, rng.uniform(0.2, 0.6)
    return float(took + extra * spike)


def _rows(scenario: Scenario, truth: Truth, rng: np.random.Generator, seen: float) -> Array:
    k = np.arange(ROWS, dtype=np.float64)
    rows = truth.at(seen + k * scenario.step, seen)
    rows += scenario.bias * rng.standard_normal(SIZE)
    rows += k[:, None] * scenario.drift * rng.standard_normal(SIZE)
    rows += scenario.noise * rng.standard_normal((ROWS, SIZE))
    flip, towards = rng.random() < scenario.flips, rng.choice([-1.0, 1.0], SIZE)
    return rows + flip * _FLIP * towards * ease(k * scenario.step / _FLIP_TIME)[:, None]


def _chunk(scenario: Scenario, seen: float, sequence: int, rows: Array) -> Chunk:
    columns = dict(zip(ARM_NAMES, rows.T, strict=True))
    columns |= {name: np.full(ROWS, OPENING) for name in GRIPPER_NAMES}
    positions = np.stack([columns[name] for name in JOINT_NAMES], axis=1)
    stamp = scenario.ros(seen)
    return Chunk(stamp, scenario.step, 0.0, JOINT_NAMES, positions, 1, sequence, ROBOT)


def _within(spans: tuple[tuple[float, float], ...], t: float) -> bool:
    return any(begin <= t < end for begin, end in spans)
