"""What each part of the loop costs by itself, in this process: camera path, model, executor."""

import io
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image

from fastwam_ros.apps.bench.rows import Row
from fastwam_ros.loop.execution import Commands, Execution
from fastwam_ros.loop.pictures import decode
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.status import Setpoint
from fastwam_ros.robot.joints import JOINT_NAMES, ROBOT, SIDES
from fastwam_ros.robot.topics import IMAGE_SIZES
from fastwam_ros.sim.world import ARM_HOME
from fastwam_ros.wam.policy import Policy

ALONE = 'alone'
_PERIOD = 5_000_000
_START = 10**18  # [ns]
_SIDE = 512  # of the matrices whose product says how fast this machine is today


def milliseconds(call: Callable[[], object], count: int = 30) -> list[float]:
    """What a call takes, after three that do not count."""
    for _ in range(3):
        call()
    return [_timed(call) * 1e3 for _ in range(count)]


def yardstick() -> Row:
    """The same work on every machine, to tell a slow day from a slow change."""
    matrix = np.random.default_rng(0).standard_normal((_SIDE, _SIDE))
    took = milliseconds(lambda: matrix @ matrix, 100)
    note = f'product of two {_SIDE} x {_SIDE} matrices, float64, NumPy as it is installed'
    return Row.of(ALONE, 'yardstick', took, 'ms', note=note)


def camera_path(policy: Policy) -> Row:
    """Three JPEGs of the robot's sizes to one mosaic, beside the decoding alone."""
    rng = np.random.default_rng(0)
    jpegs = {name: _jpeg(rng, *size) for name, size in IMAGE_SIZES.items()}

    def decoded() -> dict:
        return {name: decode(name, data) for name, data in jpegs.items()}

    whole = milliseconds(lambda: policy.tile(decoded()))
    alone = statistics.median(milliseconds(decoded))
    sizes = ', '.join(f'{h} x {w}' for h, w in IMAGE_SIZES.values())
    note = f'JPEGs of {sizes} to one mosaic'
    return Row.of(ALONE, 'camera path', whole, 'ms', beside=alone, beside_is='decoding', note=note)


def inference(policy: Policy, threads: int, yard: Row) -> Row:
    """One chunk of a bundle on the CPU."""
    mosaic = np.zeros((384, 320, 3), np.uint8)
    state = np.array([0.05 if 'gripper' in name else 0.0 for name in policy.joint_names])
    took = milliseconds(lambda: policy.infer_mosaic(mosaic, state, policy.tasks[0]))
    note = f'{policy.name}, {threads} thread{"s" * (threads > 1)}, 10 steps'
    beside = {'beside': yard.median, 'beside_is': 'yardstick'}
    return Row.of(ALONE, 'inference', took, 'ms', note=note, **beside)


def core() -> Iterator[Row]:
    """The executor by itself: a tick in POLICY and the acceptance of a chunk.

    The core's tick is part of the whole one, which also turns units and names into the wire's.
    """
    execution, now, commands = Execution(200.0, epoch=1), _START, None
    ticks, accepts, cores = [], [], []
    core_tick = execution.executor.tick

    def timed_tick(now: int, late: bool = False) -> Setpoint | None:
        begun = time.perf_counter()
        setpoint = core_tick(now, late)
        cores.append(1e6 * (time.perf_counter() - begun))
        return setpoint

    execution.executor.tick = timed_tick  # type: ignore[method-assign]
    for k in range(4000):
        now += _PERIOD
        _feed(execution, now, commands)
        if k in (2, 4):
            execution.on_request(now, 'engage' if k == 2 else 'run', k, 'bench')
        if k >= 80 and k % 80 == 0:
            chunk = _chunk(now - 300_000_000, k, execution.executor.status.epoch)
            accepts.append(1e3 * _timed(partial(execution.on_chunk, now, chunk)))
        begun = time.perf_counter()
        commands = execution.tick(now)
        ticks.append(1e6 * (time.perf_counter() - begun))
    period = {'beside_is': 'period of 5 ms'}
    note = 'Executor.tick in POLICY, all watches'
    yield Row.of(ALONE, 'executor core tick', cores[100:], 'us', beside=5e3, note=note, **period)
    note = 'the same from and to the units of the wire'
    yield Row.of(ALONE, 'executor tick', ticks[100:], 'us', beside=5e3, note=note, **period)
    share = execution.executor.status.accepted / len(accepts)
    note = f'checks, spline, bridge, stop; {share:.0%} of {len(accepts)} accepted'
    yield Row.of(ALONE, 'chunk acceptance', accepts, 'ms', beside=5.0, note=note, **period)


def _feed(execution: Execution, now: int, commands: Commands | None) -> None:
    """Arms that are where they were sent, in readings whose last bits are never still."""
    noise = 1e-6 * (now // _PERIOD % 2)
    for side in SIDES:
        arm = list(ARM_HOME) if commands is None else commands.arms[side]
        execution.on_arm(now, side, [q + noise for q in arm], [0.0] * 6)
        execution.on_gripper(now, side, [50.0])


def _chunk(stamp: int, k: int, epoch: int) -> Chunk:
    seconds = (stamp - _START) / 1e9 + np.arange(32)[:, None] / 15.0
    home = np.array([*ARM_HOME, 0.05, *ARM_HOME, 0.05])
    swing = np.array([0.15 if 'joint' in name else 0.0 for name in JOINT_NAMES])
    rows = home + swing * np.sin(1.2 * seconds + np.arange(len(home)))
    return Chunk(stamp, 1 / 15, 0.0, JOINT_NAMES, rows, epoch, k, ROBOT)


def _jpeg(rng: np.random.Generator, height: int, width: int) -> bytes:
    coarse = rng.integers(0, 255, (height // 40, width // 40, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(coarse).resize((width, height)).save(out, 'JPEG', quality=80)
    return out.getvalue()


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
