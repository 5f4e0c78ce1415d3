"""What the motion tests share: the R1 Lite's limits, a home pose, smooth and hostile chunks."""

from dataclasses import replace

import numpy as np

from fastwam_ros.loop.execution import settings
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, Limits
from fastwam_ros.motion.status import Measured, Setpoint
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES, JOINT_NAMES

PERIOD = 5_000_000
START = 1_700_000_000 * SECOND
HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)
STEP = 1.0 / 15.0
SIZE = len(ARM_NAMES)


def wave(seconds: float, swing: float = 0.2) -> np.ndarray:
    """A slow motion of all arm joints around home."""
    return HOME + swing * np.sin(1.5 * seconds + np.arange(SIZE))


def chunk(stamp: int, rows: np.ndarray, grips: float = 0.05, **fields) -> Chunk:
    """A chunk of arm rows [H, 12] with both grippers held at `grips`."""
    columns = dict(zip(ARM_NAMES, rows.T, strict=True))
    columns |= {name: np.full(len(rows), grips) for name in GRIPPER_NAMES}
    positions = np.stack([columns[name] for name in JOINT_NAMES], axis=1)
    made = {'epoch': 1, 'sequence': 1, 'robot': 'r1lite', 'step': STEP, 'offset': 0.0} | fields
    return Chunk(stamp=stamp, names=JOINT_NAMES, positions=positions, **made)


def wave_rows(stamp: int, rows: int = 32, swing: float = 0.2) -> np.ndarray:
    """The wave's rows from a stamp on."""
    begin = (stamp - START) / SECOND
    return np.array([wave(begin + k * STEP, swing) for k in range(rows)])


def ratios(limits: Limits, positions: np.ndarray, period: float = 0.005) -> np.ndarray:
    """Worst |v|, |a|, |j| of commands [T, D] one period apart, as shares of the limits."""
    bounds = (limits.velocity, limits.acceleration, limits.jerk)
    return np.array(
        [
            (np.abs(np.diff(positions, n, axis=0)) / period**n / bound).max()
            for n, bound in enumerate(bounds, 1)
        ]
    )


class Rig:
    """An executor with an arm that is always where it is commanded."""

    def __init__(self, q: np.ndarray = HOME, **changes) -> None:
        self.executor = Executor(replace(settings(200.0), **changes), epoch=1)
        self.now, self.q, self.v = START, q.copy(), np.zeros(SIZE)
        self.openings = np.full(2, 0.05)
        self.feedback = True
        self.commands: list[np.ndarray] = []
        self.setpoints: list[Setpoint | None] = []
        self.requests = 0

    def tick(self, count: int = 1, gap: int = PERIOD, late: bool = False) -> Setpoint | None:
        """`count` ticks, each `gap` ns after the one before."""
        point = None
        for _ in range(count):
            self.now += gap
            if self.feedback:
                self.executor.on_measured(self.measured())
            point = self.executor.tick(self.now, late)
            self.setpoints.append(point)
            if point is not None and point.state is not None:
                self.q, self.v = point.state.q.copy(), point.state.v.copy()
                self.commands.append(self.q)
            else:
                self.v = np.zeros(SIZE)  # the robot stops by itself when its stream ends
        return point

    def measured(self) -> Measured:
        """A reading of now; once it was moved, of an encoder whose last bits are never still."""
        flicker = 1e-9 * (len(self.setpoints) % 2) if self.commands else 0.0
        return Measured(self.now, self.q + flicker, self.v.copy(), self.openings)

    def ask(self, verb: str) -> str:
        """A request with a new id."""
        self.requests += 1
        return self.executor.on_request(self.now, verb, self.requests, 'test')

    def offer(self, age: float = 0.2, rows: np.ndarray | None = None, **fields):
        """Hand over a chunk whose image is `age` seconds old, of the epoch in force."""
        stamp = self.now - round(age * SECOND)
        status = self.executor.status
        given = {'epoch': status.epoch, 'sequence': status.judged[1] + 1} | fields
        made = chunk(stamp, wave_rows(stamp) if rows is None else rows, **given)
        return self.executor.on_chunk(self.now, made)

    def run(self) -> None:
        """Engage, run, and get the first chunk accepted."""
        self.tick(2)
        assert self.ask('engage') == 'ok'
        self.tick(2)
        assert self.ask('run') == 'ok'
        self.tick(80)
        assert self.offer().name == 'accepted'

    @property
    def mode(self) -> str:
        return str(self.executor.status.standing)
