"""Random streams of chunks, hands, faults and stops: every command stays inside the bounds."""

import numpy as np
import pytest

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.status import Measured
from test.motion.robot import HOME, PERIOD, SIZE, STEP, Rig, ratios

SECONDS = 15


def disturbed_rows(rng: np.random.Generator, q: np.ndarray, seconds: float) -> np.ndarray:
    """Rows that begin near q and go where a nervous policy might: biased, bent, noisy."""
    speed = rng.normal(0.0, rng.choice([0.2, 0.6, 1.5]), SIZE)
    times = np.arange(32)[:, None] * STEP - seconds
    bend = rng.normal(0.0, 0.3, SIZE) * np.sin(rng.uniform(0.5, 4.0, SIZE) * times)
    level = rng.choice([0.0, 0.001, 0.02, 0.3], p=[0.4, 0.3, 0.2, 0.1])
    noise = rng.normal(0.0, level, (32, SIZE))
    return np.clip(q + speed * times + bend + noise, LIMITS.lower, LIMITS.upper)


def disturb(rig: Rig, rng: np.random.Generator, mode: str) -> None:
    """One tick's worth of events."""
    executor, now = rig.executor, rig.now
    if rng.random() < 0.03:
        latency = rng.choice([0.1, 0.2, 0.4, 0.9], p=[0.4, 0.4, 0.15, 0.05])
        rows = disturbed_rows(rng, rig.q, latency)
        if rng.random() < 0.05:
            rows[rng.integers(32), rng.integers(SIZE)] = np.nan
        rig.offer(age=float(latency), rows=rows)
    if mode == 'TELEOP' or rng.random() < 0.004:
        executor.on_teleop_active(now, bool(rng.random() > 0.01))
        hand = rig.q + rng.normal(0.0, 0.5, SIZE)
        executor.on_teleop_target(now, hand, np.full(2, rng.uniform(0.0, 0.1)))
    if rng.random() < 0.002:
        rig.ask(rng.choice(['pause', 'disengage']))
    if mode in ('DISARMED', 'HOLD', 'FAULT'):
        rig.ask({'DISARMED': 'engage', 'HOLD': 'run', 'FAULT': 'reset'}[mode])
    if rng.random() < 0.0003:
        executor.on_measured(Measured(now, rig.q, rig.v, rig.openings, 'torn'))


@pytest.mark.parametrize('seed', range(12))
def test_bounds_hold_between_any_two_ticks(seed):
    rng = np.random.default_rng(seed)
    rig = Rig(HOME)
    runs: list[list[np.ndarray]] = [[]]
    seen = set()
    for _ in range(int(SECONDS * SECOND / PERIOD)):
        disturb(rig, rng, rig.mode)
        late = rng.random() < 0.002
        point = rig.tick(gap=PERIOD * 30 if late else PERIOD, late=bool(late))
        seen.add(rig.mode)
        if point is None or point.state is None:
            runs.append([])
        else:
            runs[-1].append(point.state.q)
    long = [np.array(run) for run in runs if len(run) > 4]
    worst = np.max([ratios(LIMITS, run) for run in long], axis=0)
    assert (worst <= 1.0 + 1e-6).all(), worst
    assert max(LIMITS.excess(run).max() for run in long) < 0.02
    assert len(long) > 0
    assert 'POLICY' in seen or 'TELEOP' in seen
