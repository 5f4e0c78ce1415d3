"""A made-up trial with figures that are known by construction, for the tests of the faults."""

import numpy as np

from fastwam_ros.apps.faults.trial import Marks
from test.apps.recording import START, TICK, Command, Recording, Told

SECOND = 10**9


def command(tick: int, joint1: float, late: int = 0) -> Command:
    stamp = START + tick * TICK + late
    return Command(stamp, stamp + TICK // 10, {'left': _arm(joint1), 'right': _arm(0.0)}, 50.0)


def _arm(joint1: float) -> np.ndarray:
    return np.array([joint1, *[0.0] * 5])


def told(tick: int, mode: str, at: int = 0, **fields) -> Told:
    return Told(START + tick * TICK + at, {'mode': mode, 'tick': tick} | fields)


# Figures of a trial: the policy is gone at 1 s, the plan ends between 1.5 s and 2 s, run at 3 s.

LATE = 'late: newest chunk is 1.47 s old'
MARKS = Marks(
    begun=START + SECOND // 10,
    fault=START + SECOND,
    over=START + SECOND,
    watched=START + 3 * SECOND,
    asked=START + 16 * SECOND // 5,
    again=START + 18 * SECOND // 5,
)


def trial() -> Recording:
    """A tenth of a radian per second that ends smoothly at 2 s."""
    time = np.arange(800) * 0.005
    slow = np.clip((2.0 - time) / 0.5, 0.0, 1.0)
    joint1 = np.cumsum(0.1 * slow**2 * (3.0 - 2.0 * slow)) * 0.005
    modes = [(0, 'POLICY'), (300, 'STOPPING'), (420, 'HOLD'), (720, 'POLICY')]
    states = []
    for tick in range(0, 800, 10):
        mode = [name for since, name in modes if since <= tick][-1]
        reason = LATE if 300 <= tick < 720 else 'first chunk after run'
        states.append(told(tick, mode, reason=reason, late_ticks=2 + tick // 400))
    return Recording([command(n, q) for n, q in enumerate(joint1)], states)
