"""`make bench`: what each part of the loop costs on this machine, as one table, without asserts.

Figures are medians over many calls; where a ratio says more than a time, both come from the same
run. The executor's lateness is read off a recording of the demo's processes at work.
"""

import argparse
import io
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from fastwam_ros.apps.demo import ROOT, Run, watch
from fastwam_ros.bag.reader import Bag
from fastwam_ros.loop.execution import Execution
from fastwam_ros.loop.inference import decode
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.robot.joints import JOINT_NAMES, ROBOT, SIDES
from fastwam_ros.robot.topics import IMAGE_SIZES
from fastwam_ros.sim.world import ARM_HOME
from fastwam_ros.wam.policy import Policy

BUNDLE = ROOT / 'bundles' / 'tiny_r1lite'
Row = tuple[str, str, str]
_PERIOD = 5_000_000


def median_ms(call: Callable[[], object], count: int = 30) -> float:
    """Median milliseconds of a call after three that do not count."""
    for _ in range(3):
        call()
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(times)


def camera_path(policy: Policy) -> Iterator[Row]:
    """Three JPEGs of the robot's sizes to one mosaic, beside the decoding alone."""
    rng = np.random.default_rng(0)
    jpegs = {name: _jpeg(rng, *size) for name, size in IMAGE_SIZES.items()}

    def decoded() -> dict:
        return {name: decode(name, data) for name, data in jpegs.items()}

    whole = median_ms(lambda: policy.tile(decoded()))
    alone = median_ms(decoded)
    sizes = ', '.join(f'{h} x {w}' for h, w in IMAGE_SIZES.values())
    yield 'camera path', f'{whole:.1f} ms', f'3 JPEGs ({sizes}) to mosaic; decoding {alone:.1f} ms'


def inference(policy: Policy, threads: int) -> Iterator[Row]:
    """One chunk of the tiny bundle on the CPU."""
    mosaic = np.zeros((384, 320, 3), np.uint8)
    state = np.array([0.05 if 'gripper' in name else 0.0 for name in policy.joint_names])
    took = median_ms(lambda: policy.infer_mosaic(mosaic, state, policy.tasks[0]))
    yield 'inference, CPU', f'{took:.0f} ms', f'{policy.name}, {threads} thread, 10 steps'


def core() -> Iterator[Row]:
    """The executor by itself: a tick in POLICY and the acceptance of a chunk."""
    execution, now = Execution(200.0, epoch=1), 10**18
    ticks, accepts = [], []
    for k in range(4000):
        now += _PERIOD
        for side in SIDES:
            execution.on_arm(now, side, list(ARM_HOME), [0.0] * 6)
            execution.on_gripper(now, side, [50.0])
        if k == 2:
            execution.on_request(now, 'engage', 1, 'bench')
        if k == 4:
            execution.on_request(now, 'run', 2, 'bench')
        if k >= 80 and k % 80 == 0:
            chunk = _chunk(now - 300_000_000, k, execution.executor.status.epoch)
            accepts.append(_timed(partial(execution.on_chunk, now, chunk)))
        ticks.append(_timed(partial(execution.tick, now)))
    yield 'executor tick', f'{1e6 * statistics.median(ticks[100:]):.0f} us', 'core, in POLICY'
    share = execution.executor.status.accepted / len(accepts)
    yield 'chunk acceptance', f'{1e3 * statistics.median(accepts):.2f} ms', f'{share:.0%} accepted'


def lateness() -> Iterator[Row]:
    """The executor's ticks while simulator and policy run beside it, from its diagnostics."""
    with TemporaryDirectory() as folder:
        run = Run(Path(folder), seed=0)
        try:
            problem = watch(run)
        finally:
            run.end()
        found = _diagnostics(run.recording)
    note = f'demo, {len(found)} windows of 1 s' + (f'; {problem}' if problem else '')
    for name, unit in (('lateness us', 'executor lateness'), ('tick us', 'executor tick, loaded')):
        if found:
            middle = [statistics.median(w[f'{name} {q}'] for w in found) for q in ('p50', 'p99')]
            top = max(w[f'{name} max'] for w in found)
            text = f'p50 {middle[0]:.0f}, p99 {middle[1]:.0f}, max {top:.0f} us'
            yield unit, text, note


def _diagnostics(recording: Path) -> list[dict[str, float]]:
    bag = Bag(recording)
    windows = []
    for record in bag.records({'/diagnostics'}):
        for status in bag.decode(record).status:
            values = {pair.key: float(pair.value) for pair in status.values}
            if 'lateness us p50' in values:
                windows.append(values)
    return windows


def _chunk(stamp: int, k: int, epoch: int) -> Chunk:
    seconds = (stamp - 10**18) / 1e9 + np.arange(32)[:, None] / 15.0
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


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument('--threads', type=int, default=1, help='of torch')
    given = ask.parse_args()
    policy = Policy.load(BUNDLE, threads=given.threads)
    rows = [*camera_path(policy), *inference(policy, given.threads), *core(), *lateness()]
    cores = os.cpu_count()
    print(
        f'{platform.machine()}, {cores} cores, Python {platform.python_version()}, {date.today()}'
    )
    for name, figure, note in rows:
        print(f'{name:<24}{figure:<36}{note}')


if __name__ == '__main__':
    main()
